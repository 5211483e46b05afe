import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Machine } from "../../../src/context.js";
import { kinds } from "../../../src/core/kinds.js";
import type { StatefulSet } from "../../../src/core/model.js";
import type { Report } from "../../../src/core/report/report.js";
import { stagingOf } from "../../../src/core/rollout/staging.js";
import { InterruptedError } from "../../../src/errors.js";
import { startSandboxed, type Sandboxed } from "../../support/sandboxed.js";
import { testMachine } from "../../support/test-context.js";

const isEvent = new Ajv2020({ strict: false, validateFormats: false }).compile(
  JSON.parse(readFileSync("docs/progress.schema.json", "utf8")) as object,
);

let world: Sandboxed;
let serial = 0;
let name = "";
beforeAll(async () => {
  world = await startSandboxed({ speed: 200 });
});
afterAll(() => world.stop());
beforeEach(() => {
  serial += 1;
  name = `web${serial}`;
});

type Gate = (env: Record<string, string>, print: (text: string) => void) => Promise<number> | number;

/** A machine whose gates do what a test wants. */
const machineWith = (gate: Gate, parts: Partial<Machine> = {}): Machine =>
  testMachine({ run: async (_command, { env, onOutput }) => gate(env, onOutput), ...parts });

const run = (line: string, machine: Machine = testMachine(), parts: object = {}) =>
  world.run(line.split(" "), { machine, ...parts });
const create = async (flags = "--replicas=5") => {
  const { code, err } = await run(`create ${name} --image=nginx:1 ${flags}`);
  expect(code, err).toBe(0);
};
const steps = (flags: string, image = "nginx:2") => `set image ${name} nginx=${image} --steps=${flags}`;
const read = (): Promise<StatefulSet> => world.cluster.get(kinds.statefulSet, { name });
const patch = (body: object, fieldManager = "autopilot") =>
  world.cluster.patch(kinds.statefulSet, { name }, { type: "merge", body }, { fieldManager });
const partitionOf = ({ spec }: StatefulSet) => spec.updateStrategy?.rollingUpdate?.partition ?? 0;
const images = async () => {
  const { items } = await world.cluster.list(kinds.pod);
  return items
    .filter(({ metadata }) => metadata.name.startsWith(`${name}-`))
    .toSorted((left, right) => left.metadata.name.localeCompare(right.metadata.name, "en", { numeric: true }))
    .map(({ spec }) => spec.containers[0]?.image?.replace("nginx:", ""))
    .join(" ");
};

describe("a rollout in steps", () => {
  it("is one patch a step, each gated with what it is about, and leaves nothing behind", async () => {
    await create("--replicas=5 --partition=1");
    const before = await read();
    const gates: Record<string, string>[] = [];
    const machine = machineWith((env, print) => {
      gates.push(env);
      print("it is\u001b[31m fine\nand ");
      print("green");
      return 0;
    });
    const { code, out, err } = await run(steps("1,50%,100% --gate=./smoke.sh"), machine);
    expect({ code, out }, err).toEqual({ code: 0, out: `statefulset.apps/${name} image updated\n` });
    expect(gates.map(({ STS_STEP, STS_ORDINALS }) => `${STS_STEP}: ${STS_ORDINALS}`)).toEqual([
      "1: 4",
      "2: 2,3,4",
      "3: 0,1,2,3,4",
    ]);
    expect(gates[0]).toMatchObject({ STS_NAME: name, STS_NAMESPACE: "default" });
    expect(err).toContain("\n    it is fine\n    and green\n");
    expect(await images()).toBe("2 2 2 2 2");
    const after = await read();
    expect(partitionOf(after)).toBe(1);
    expect(stagingOf(after)).toBeUndefined();
    // Three steps, and the partition from before.
    expect((after.metadata.generation ?? 0) - (before.metadata.generation ?? 0)).toBe(4);
    expect(err).toContain(`default/${name}: nginx → nginx:2, 5 ordinals in 3 steps\n`);
    expect(err).toMatch(
      / {2}step 1 {2}\S+ +✓ ready in \d+\.\d s, gate passed\n {2}step 2 {2}\S+ and \S+ {2}under way\n/,
    );
    expect(err).toContain(`stop: sts rollout pause ${name} · back: sts rollout abort ${name}`);
    expect(err).toContain("and the partition from before, which holds");
  });

  it("stays where a gate fails, and is promoted by another process without its gate", async () => {
    await create();
    const gate: Gate = ({ STS_STEP }) => (STS_STEP === "2" ? 3 : 0);
    const failed = await run(steps("1,50%,100% --soak=1ms --gate=./smoke.sh"), machineWith(gate));
    expect({ code: failed.code, out: failed.out }, failed.err).toEqual({ code: 4, out: "" });
    expect(failed.err).toContain(
      `✗ default/${name}: step 2 of 3 failed: the gate ended with exit code 3; ${name}-0 and ${name}-1 held\n` +
        `  go on       sts rollout promote ${name}\n  go back     sts rollout abort ${name}\n`,
    );
    expect(await images()).toBe("1 1 2 2 2");
    const held = stagingOf(await read());
    expect(held).toMatchObject({ step: 1, failed: "the gate ended with exit code 3" });
    expect(held?.holder).toBeUndefined();

    const promoted = await run(`rollout promote ${name}`);
    expect({ code: promoted.code, out: promoted.out }, promoted.err).toEqual({
      code: 0,
      out: `statefulset.apps/${name} promoted\n`,
    });
    expect(promoted.err).toMatch(/^ {2}step 2 +\S+-2 and \S+-3 +let through already\n {2}step 3/m);
    expect(promoted.err).toContain(
      "the gate that the rollout began with is not run (./smoke.sh); --gate=COMMAND",
    );
    expect(await images()).toBe("2 2 2 2 2");
    expect((await read()).metadata.annotations).toBeUndefined();
  });

  it("takes no gate for a promotion that has no step to decide on", async () => {
    await create("--replicas=3");
    await run(`set image ${name} nginx=nginx:2 --stage=1`);
    const { code, err } = await run(`rollout promote ${name} --gate=./smoke.sh`);
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringContaining(`--gate: ${name} has no step left that it could decide on`) as string,
    });
    expect(await images()).toBe("1 1 2");
  });

  it("stays where a pod fails, with the cause", async () => {
    await create("--replicas=3");
    const { code, err } = await run(steps("1,100%", "nginx:crash-loop"));
    expect(code, err).toBe(4);
    expect(err).toContain(`✗ default/${name}: step 1 of 2 failed; ${name}-0 and ${name}-1 held`);
    expect(stagingOf(await read())?.failed).toMatch(/web\d+-2 crashes/);
  });

  it("goes back by itself where it is asked to, and has failed all the same", async () => {
    await create("--replicas=3");
    const files: Record<string, string> = {};
    const { code, out, err } = await run(
      steps("1,100% --gate=false --on-failure=undo --report=r.json"),
      machineWith(() => 1),
      { files, env: { GITHUB_STEP_SUMMARY: "summary" } },
    );
    expect({ code, out }, err).toEqual({ code: 4, out: "" });
    // One report of both: why it failed, and that it is back.
    const report = JSON.parse(files["r.json"] ?? "") as Report;
    expect(report).toMatchObject({ rollouts: [{ state: "Failed", reason: "GateFailed", exitCode: 4 }] });
    expect(report.rollouts[0]?.change).toBe("nginx → nginx:2");
    expect(report.rollouts[0]?.parts.map(({ title }) => title)).toEqual([
      `step 1 of 2: ${name}-2`,
      `back to revision 1: ${name}-2`,
      "partition 2 → 0; the staging is over",
    ]);
    expect(files["summary"]?.match(/^## /gm)).toHaveLength(1);
    expect(await images()).toBe("1 1 1");
    expect((await read()).metadata.annotations).toBeUndefined();
  });

  it("is silent where it is asked to be, but for a gate that says no", async () => {
    await create("--replicas=2");
    const machine = machineWith(({ STS_STEP }, print) => {
      print(`about ${STS_STEP}`);
      return STS_STEP === "1" ? 0 : 1;
    });
    const { code, err } = await run(steps("1,100% --gate=x --progress=none"), machine);
    expect(code).toBe(4);
    expect(err).toBe(
      `    about 2\n✗ default/${name}: step 2 of 2 failed: the gate ended with exit code 1\n` +
        `  go on       sts rollout promote ${name}\n  go back     sts rollout abort ${name}\n`,
    );
  });

  it("tells programs all of it as the schema has it", async () => {
    await create("--replicas=2");
    const machine = machineWith(({ STS_STEP }, print) => {
      print('{"v":1,"mine":true}\n');
      return STS_STEP === "1" ? 0 : 1;
    });
    const { err } = await run(steps("1,100% --soak=1ms --gate=x --progress=json"), machine);
    const events = err
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; reason?: string; exitCode?: number });
    for (const event of events) expect(isEvent(event), JSON.stringify(event)).toBe(true);
    expect(events.at(-1)).toMatchObject({ type: "end", reason: "GateFailed", exitCode: 4 });
  });

  it("holds what its steps leave", async () => {
    await create("--replicas=4 --start-ordinal=3");
    const { code, err } = await run(steps("1,50%"));
    expect(code, err).toBe(0);
    expect(err).toContain(`  then    ${name}-3 and ${name}-4  stays held`);
    expect(err).toMatch(new RegExp(`default/${name}: done in .*; ${name}-3 and ${name}-4 held\\n`));
    expect(err).toContain(`  go on       sts rollout promote ${name}\n`);
    expect(await images()).toBe("1 1 2 2");
    expect(stagingOf(await read())?.holder).toBeUndefined();
    expect((await run(`rollout promote ${name}`)).code).toBe(0);
    expect(await images()).toBe("2 2 2 2");
  });

  it.each([
    ["--replicas=1", "1,50%,100%", ["1"], 1],
    ["--replicas=2", "1,50%,100%", ["1", "3"], 2],
    ["--replicas=0", "1,100%", [], 0],
    ["--replicas=2", "5,100%", ["1"], 2],
  ])("passes over steps that add nothing: %s by %s", async (flags, list, expected, pods) => {
    await create(flags);
    const gated: (string | undefined)[] = [];
    const machine = machineWith(({ STS_STEP }) => gated.push(STS_STEP) && 0);
    const { code, err } = await run(steps(`${list} --gate=true`), machine);
    expect(code, err).toBe(0);
    expect(gated).toEqual(expected);
    expect(await images()).toBe(Array.from({ length: pods }, () => "2").join(" "));
    expect(stagingOf(await read())).toBeUndefined();
  });
});

describe("somebody else, while a gate runs", () => {
  const during = async (what: () => Promise<unknown>, flags = "1,50%,100% --gate=true") => {
    let done = false;
    const gate: Gate = async () => {
      if (!done) await what();
      done = true;
      return 0;
    };
    await create();
    return run(steps(flags), machineWith(gate));
  };

  it("scales the set: the next step is counted anew", async () => {
    const { code, err } = await during(() => patch({ spec: { replicas: 8 } }));
    expect(code, err).toBe(0);
    expect(await images()).toBe("2 2 2 2 2 2 2 2");
  });

  it("changes the image: exit code 6, and who", async () => {
    const template = { spec: { containers: [{ name: "nginx", image: "nginx:9" }] } };
    const { code, err } = await during(() => patch({ spec: { template } }));
    expect(code, err).toBe(6);
    expect(err).toContain(`error: ${name}: autopilot changed the pod template meanwhile\n`);
    expect(stagingOf(await read())?.holder).toBeUndefined();
  });

  it("takes it over: exit code 6, and the other stays the holder", async () => {
    const other = testMachine({ identity: () => ({ who: "bob@desk", host: "desk", pid: 7 }) });
    const { code, err } = await during(async () => {
      expect((await run(`rollout promote ${name}`, other)).code).toBe(6);
      const taken = stagingOf(await read());
      const holder = { ...other.identity(), since: "2026-11-21T10:00:00.000Z" };
      await patch({ metadata: { annotations: { "sts/staging": JSON.stringify({ ...taken, holder }) } } });
    });
    expect(code, err).toBe(6);
    expect(err).toContain(`the staged rollout of ${name} was taken over by bob@desk (process 7) meanwhile`);
    expect(stagingOf(await read())?.holder).toMatchObject({ who: "bob@desk" });
  });

  it("pauses it: exit code 6, and how to go on", async () => {
    const { code, err } = await during(() => run(`rollout pause ${name}`));
    expect(code, err).toBe(6);
    expect(err).toContain(`sts rollout resume ${name} comes first`);
    expect(await images()).toBe("1 1 1 1 2");
    const refused = await run(steps("1,50%,100%"));
    expect(refused.code).toBe(7);
  });

  it("finishes it: exit code 6", async () => {
    const { code, err } = await during(() => run(`rollout promote ${name} --all --take-over`));
    expect(code, err).toBe(6);
    expect(await images()).toBe("2 2 2 2 2");
  });

  it("deletes the set", async () => {
    const { code, err } = await during(() => world.cluster.delete(kinds.statefulSet, { name }));
    expect(code, err).not.toBe(0);
  });
});

describe("the end before the end", () => {
  it("is Ctrl-C on the way back: only to finish that is offered", async () => {
    await create("--replicas=3");
    const interruption = new AbortController();
    const stuck = { type: "merge", body: { metadata: { finalizers: ["test/stays"] } } } as const;
    const machine = machineWith(async () => {
      await world.cluster.patch(kinds.pod, { name: `${name}-2` }, stuck);
      return 1;
    });
    const line = steps("1,100% --gate=./smoke.sh --on-failure=undo");
    const running = run(line, machine, { signal: interruption.signal });
    await expect.poll(async () => stagingOf(await read())?.aborting, { timeout: 15_000 }).toBe(true);
    interruption.abort(new InterruptedError("SIGINT"));
    const { code, err } = await running;
    expect(code, err).toBe(130);
    expect(err).toContain(
      `default/${name}: stopped on the way back, and left as it is\n  go back     sts rollout abort ${name}\n`,
    );
    expect(err).not.toContain("rollout promote");
  });

  it("is Ctrl-C while the gate runs: left as it is, and free for the next", async () => {
    await create("--replicas=3");
    const interruption = new AbortController();
    const machine = testMachine({
      run: async (_command, { signal }) => {
        interruption.abort(new InterruptedError("SIGINT"));
        throw signal.reason as Error;
      },
    });
    const line = steps("1,100% --gate=./smoke.sh");
    const { code, err } = await run(line, machine, { signal: interruption.signal });
    expect(code, err).toBe(130);
    expect(err).toContain(
      `default/${name}: stopped at step 1 of 2, and left as it is\n  go on       sts rollout`,
    );
    const left = stagingOf(await read());
    expect(left).toMatchObject({ step: 0 });
    expect(left?.holder).toBeUndefined();

    const gated: (string | undefined)[] = [];
    const again = await run(
      line,
      machineWith(({ STS_STEP }) => gated.push(STS_STEP) && 0),
    );
    expect(again.code, again.err).toBe(0);
    expect(again.err).toContain("it goes on with the one it was at");
    expect(gated).toEqual(["1", "2"]);
    expect(await images()).toBe("2 2 2");
  });

  it("is a timeout: exit code 3, and how to go on", async () => {
    await create("--replicas=2");
    const machine = testMachine({
      run: (_command, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason as Error));
        }),
    });
    const { code, err } = await run(steps("1,100% --gate=./slow.sh --timeout=4s"), machine);
    expect(code, err).toBe(3);
    expect(err).toContain("step 1 of 2 is not finished: the gate had not ended");
    expect(stagingOf(await read())?.holder).toBeUndefined();
    // Other steps from here on; what was let through stays so.
    const other = await run(steps("1,2"), machine);
    expect(other.code, other.err).toBe(0);
    expect(other.err).toContain(`let through already, by the staging under way: ${name}-1`);
    expect(await images()).toBe("2 2");
  });
});

describe("a step that takes too long", () => {
  it("is a timeout: exit code 3, left as it is for whoever goes on", async () => {
    await create("--replicas=2");
    await patch({
      spec: {
        updateStrategy: { rollingUpdate: { partition: 2 } },
        template: { metadata: { annotations: { "sandbox/slow": "1000s" } } },
      },
    });
    const { code, err } = await run(`rollout stage ${name} --steps=1,100% --timeout=1s`);
    expect(code, err).toBe(3);
    expect(err).toContain(`step 1 of 2 is not finished\n  go on       sts rollout promote ${name}\n`);
    const left = stagingOf(await read());
    expect(left).toMatchObject({ step: 0 });
    expect(left?.holder).toBeUndefined();
  });
});

describe("what a step failed with", () => {
  it("is told to who goes on, and is past once the template is another", async () => {
    await create("--replicas=2");
    await run(
      steps("1,100% --gate=x"),
      machineWith(() => 1),
    );
    const promoted = await run(`rollout promote ${name} --dry-run`);
    expect(promoted.code, promoted.err).toBe(0);
    expect(promoted.err).toContain("  step 1 failed: the gate ended with exit code 1\n");
    expect((await run(`set image ${name} nginx=nginx:3`)).code).toBe(0);
    const left = stagingOf(await read());
    expect(left).toMatchObject({ step: 0 });
    expect(left?.failed).toBeUndefined();
  });
});

describe("a holder", () => {
  const held = async (holder: object) => {
    await create("--replicas=2");
    const since = "2026-11-21T10:00:00.000Z";
    const staging = { v: 1, partitionBefore: 0, holder: { who: "bob@desk", since, ...holder } };
    await patch({
      metadata: { annotations: { "sts/staging": JSON.stringify(staging) } },
      spec: { updateStrategy: { rollingUpdate: { partition: 1 } } },
    });
  };

  it.each([
    "rollout promote NAME",
    "rollout stage NAME --canary=1",
    "set image NAME nginx=nginx:2 --steps=1,2",
  ])("on another machine is believed, unless it is taken over: %s", async (words) => {
    await held({ host: "desk", pid: 7 });
    const line = words.replace("NAME", name);
    const { code, err } = await run(line);
    expect(code).toBe(6);
    expect(err).toContain("is driven by bob@desk (process 7) since 2026-11-21T10:00:00.000Z");
    expect(err).toContain("--take-over");
    expect((await run(`${line} --take-over`)).code).toBe(0);
  });

  it("on this machine is asked for", async () => {
    await held({ host: "laptop", pid: 7 });
    expect((await run(`rollout promote ${name}`, testMachine({ isRunning: () => true }))).code).toBe(6);
    expect((await run(`rollout promote ${name}`, testMachine({ isRunning: () => false }))).code).toBe(0);
  });

  it("that was ourselves, before a restart that gave us the same id, is gone", async () => {
    await held({ host: "laptop", pid: 4711 });
    expect((await run(`rollout promote ${name}`, testMachine({ isRunning: () => true }))).code).toBe(0);
  });
});

describe("a staging that is being taken back", () => {
  it.each([
    "rollout promote NAME",
    "rollout stage NAME --steps=1,2",
    "set image NAME nginx=nginx:2 --steps=1,2",
  ])("has to come to its end first: %s", async (words) => {
    await create("--replicas=2");
    const staging = { v: 1, partitionBefore: 0, aborting: true };
    await patch({ metadata: { annotations: { "sts/staging": JSON.stringify(staging) } } });
    const { code, err } = await run(words.replace("NAME", name));
    expect(code).toBe(7);
    expect(err).toContain(`sts rollout abort ${name} finishes that first`);
  });
});

describe("rollout stage --steps", () => {
  it("drives an update that is held, and says where none is", async () => {
    await create("--replicas=3");
    const nothing = await run(`rollout stage ${name} --steps=1,100%`);
    expect(nothing.code, nothing.err).toBe(0);
    expect(nothing.out).toBe(`statefulset.apps/${name} unchanged\n`);
    expect(nothing.err).toContain("partition 0 holds nothing");
    await run(`set image ${name} nginx=nginx:2 --stage=1`);
    const staged = await run(`rollout stage ${name} --steps=2,100%`);
    expect(staged.code, staged.err).toBe(0);
    expect(staged.out).toBe(`statefulset.apps/${name} staged\n`);
    expect(await images()).toBe("2 2 2");
    expect(stagingOf(await read())).toBeUndefined();
  });
});

describe("what sends nothing", () => {
  it.each([
    ["--steps=1,100% --wait=false", 2, "--wait=false"],
    ["--steps=1,100% --stage=1", 2, "one of them"],
    ["--soak=60s", 2, "--soak needs --steps"],
    ["--steps=2,1", 2, "cumulative"],
    ["--steps=1,100% --on-failure=explode", 2, "pause"],
    ["--steps=1,100% --dry-run", 0, "  step 1  NAME-1  first\n  step 2  NAME-0  held\n"],
    ["--steps=1,100% --dry-run=server", 0, "2 ordinals in 2 steps"],
  ])("set image %s", async (flags, expected, words) => {
    await create("--replicas=2");
    const before = await read();
    const { code, err } = await run(`set image ${name} nginx=nginx:2 ${flags}`);
    expect(code, err).toBe(expected);
    expect(err).toContain(words.replaceAll("NAME", name));
    expect(err).not.toContain("Closed the terminal?");
    const { metadata } = await read();
    expect(metadata.generation).toBe(before.metadata.generation);
    expect(metadata.annotations).toEqual(before.metadata.annotations);
  });

  it("is the same template while nothing is staged", async () => {
    await create("--replicas=2");
    const { code, out, err } = await run(steps("1,100%", "nginx:1"));
    expect({ code, out }, err).toEqual({ code: 0, out: `statefulset.apps/${name} image unchanged\n` });
    expect(err).toContain("the images are these already; nothing to change");
  });

  it("is a set that has no partition", async () => {
    await create("--replicas=2 --strategy=OnDelete");
    const { code, err } = await run(steps("1,100%"));
    expect(code).toBe(2);
    expect(err).toContain("updated by OnDelete, which has no partition");
  });
});
