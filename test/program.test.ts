import { describe, expect, it } from "vitest";
import { commands } from "../src/commands/index.js";
import { main } from "../src/main.js";
import { flagsOf } from "../src/program.js";
import { testContext } from "./support/test-context.js";

async function run(...argv: string[]) {
  const context = testContext();
  const code = await main(argv, context);
  return { code, out: context.out.text, err: context.err.text };
}

describe("usage errors: exit 2, one clear message, no cluster reached", () => {
  it.each([
    [
      ["scale", "web"],
      "error: --replicas=N is needed: how many replicas there should be\nSee 'sts scale --help'.\n",
    ],
    [
      ["scale", "--replicas=3"],
      "error: name a StatefulSet, or choose by -l LABELS or --all\nSee 'sts scale --help'.\n",
    ],
    [
      ["scale", "web", "--replica=3"],
      "error: unknown flag: --replica\n(Did you mean --replicas?)\nSee 'sts scale --help'.\n",
    ],
    [
      ["scale", "web", "--replicas=-1"],
      `error: --replicas: "-1" is not a whole number from 0 to 150000\nSee 'sts scale --help'.\n`,
    ],
    [
      ["scale", "web", "--replicas", "-1"],
      `error: --replicas: "-1" is not a whole number from 0 to 150000\nSee 'sts scale --help'.\n`,
    ],
    [
      ["scale", "web", "--replicas=1e9"],
      `error: --replicas: "1e9" is not a whole number from 0 to 150000\nSee 'sts scale --help'.\n`,
    ],
    [["scale", "web", "--replicas"], "error: flag needs a value: --replicas\nSee 'sts scale --help'.\n"],
    [
      ["scale", "deploy/web", "--replicas=1"],
      `error: "deploy/web" is a deploy: sts works on StatefulSets only\nSee 'sts scale --help'.\n`,
    ],
    [
      ["scale", "web", "--replicas=1", "--timeout=soon"],
      `error: --timeout: "soon" is not a duration: write for example 90s, 5m, 1h30m or 7d\nSee 'sts scale --help'.\n`,
    ],
    [
      ["scale", "web", "--replicas=1", "--progress=loud"],
      `error: --progress: "loud" is not one of auto, tty, plain, json, none\nSee 'sts scale --help'.\n`,
    ],
    [["scal", "web"], "error: unknown command 'scal'\nSee 'sts --help'.\n"],
    [["scal", "web", "--replicas=3"], "error: unknown command 'scal'\nSee 'sts --help'.\n"],
    [["rollout", "stag"], "error: unknown command 'stag'\nSee 'sts rollout --help'.\n"],
    [
      ["rollout", "stage", "web"],
      "error: one of --partition, --canary, --percent and --steps is needed\nSee 'sts rollout stage --help'.\n",
    ],
    [
      ["rollout", "stage", "web", "--canary=1", "--percent=50"],
      "error: one of --partition, --canary, --percent and --steps is needed\nSee 'sts rollout stage --help'.\n",
    ],
    [
      ["set", "image", "nginx=nginx:2"],
      "error: the name of a StatefulSet is needed\nSee 'sts set image --help'.\n",
    ],
    [
      ["set", "image", "web", "nginx"],
      `error: "nginx" is not CONTAINER=IMAGE\nSee 'sts set image --help'.\n`,
    ],
    [["completion", "tcsh"], "error: name one shell: bash, zsh, fish\nSee 'sts completion --help'.\n"],
  ])("%j", async (argv, message) => {
    expect(await run(...argv)).toEqual({ code: 2, out: "", err: message });
  });
});

describe("help", () => {
  it("lists every visible command under its heading", async () => {
    const { code, out, err } = await run("--help");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    for (const { path, hidden } of commands) if (!hidden) expect(out).toContain(`  ${path.split(" ")[0]}`);
  });

  it("is the same by `help COMMAND`, `COMMAND --help` and `COMMAND -h`", async () => {
    const help = await run("help", "rollout", "stage");
    expect(help.out).toContain(
      "Usage: sts rollout stage NAME --partition=N|--canary=N|--percent=P|--steps=N,P%,… [flags]",
    );
    expect(await run("rollout", "stage", "--help")).toEqual(help);
    expect(await run("rollout", "stage", "-h")).toEqual(help);
  });

  it("explains the exit codes", async () => {
    expect((await run("help", "exit-codes")).out).toMatch(/│ 5 +│ stalled: no progress/);
  });

  it("explains the states of claims", async () => {
    expect((await run("help", "claim-states")).out).toMatch(
      /│ reserved +│ its ordinal is in the range of its set/,
    );
  });

  it("shows examples that start with the command they are for", async () => {
    for (const { path, load } of commands) {
      const { examples } = await load();
      if (examples) expect(examples).toContain(path.split(" ")[0]);
    }
  });

  it("has no flag twice in one command", async () => {
    for (const command of commands) {
      const names = flagsOf(await command.load()).flatMap(({ name, short }) => [
        name,
        ...(short ? [short] : []),
      ]);
      const twice = names.filter((name, index) => names.indexOf(name) !== index && name !== "v");
      expect(twice, command.path).toEqual([]);
    }
  });
});

describe("completion without a cluster", () => {
  const words = async (...typed: string[]) =>
    (await run("__complete", "--", ...typed)).out.split("\n").flatMap((line) => line.split("\t")[0] || []);

  it("offers commands, then what is below them, then flags and their choices", async () => {
    expect(await words("sca")).toEqual(["scale"]);
    expect(await words("rollout", "pro")).toEqual(["promote"]);
    expect(await words("scale", "web", "--repl")).toEqual(["--replicas="]);
    expect(await words("scale", "web", "--progress=p")).toEqual(["--progress=plain"]);
    expect(await words("scale", "web", "--progress", "j")).toEqual(["json"]);
    expect(await words("scale", "")).toEqual([]);
  });

  it("prints a script for each shell", async () => {
    for (const shell of ["bash", "zsh", "fish"])
      expect((await run("completion", shell)).out).toContain("sts __complete");
  });
});
