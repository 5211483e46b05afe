import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect } from "vitest";
import { it, type Scenario } from "./support/cluster.js";
import { program } from "./support/process.js";
import { ends } from "./support/walk.js";

const ajv = new Ajv2020({ allErrors: true, strict: true });
ajv.addFormat("date-time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const isValid = ajv.compile(JSON.parse(readFileSync("docs/progress.schema.json", "utf8")));

/** Parses JSON Lines, each of which must be an event as the schema has it. */
function events(stderr: string): Record<string, unknown>[] {
  const lines = stderr.trimEnd().split("\n");
  return lines.map((line) => {
    const event = JSON.parse(line) as Record<string, unknown>;
    expect(isValid(event), `${line}\n${ajv.errorsText(isValid.errors)}`).toBe(true);
    return event;
  });
}

/** Runs a shell line with `$STS` as the command. */
function shell(
  { env, directory }: Scenario,
  line: string,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const STS = program.join(" ");
  const path = process.env["PATH"] ?? "";
  const child = spawn("bash", ["-c", line], { cwd: directory, env: { PATH: path, ...env, STS } });
  const text = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text.stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text.stderr += chunk));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, ...text })));
}

describe("through a pipe", () => {
  it("there is a line for each change, none twice, and no escape code", async ({ scenario }) => {
    const runs = [
      await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=3"),
      await ends(scenario, 0, "scale", "web", "--replicas=5"),
      await ends(scenario, 0, "set", "image", "web", "nginx=nginx:2"),
      await ends(scenario, 4, "set", "image", "web", "nginx=nginx:crash-loop"),
      await ends(scenario, 4, "scale", "web", "--replicas=2"),
    ];
    for (const { stdout, stderr } of runs) {
      // oxlint-disable-next-line no-control-regex -- they are what this is about
      expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      const lines = stderr.trimEnd().split("\n");
      expect(lines).toEqual([...new Set(lines)]);
      expect(lines.filter((line) => line.trim() === "")).toEqual([]);
    }
    expect(runs[1]?.stderr.split("\n")).toEqual([
      expect.stringMatching(/\/web: 3 → 5 replicas, one after the other \(OrderedReady\)$/),
      ...[3, 4].flatMap((ordinal) => [
        expect.stringMatching(new RegExp(`/web web-${ordinal}: created$`)),
        expect.stringMatching(new RegExp(`/web web-${ordinal}: ready \\(\\d+\\.\\d s\\)$`)),
      ]),
      expect.stringMatching(/^ {2}web-3 {2}ready in /),
      expect.stringMatching(/^ {2}web-4 {2}ready in /),
      expect.stringMatching(/\/web: done in \d+\.\d s$/),
      "",
    ]);
  });

  it("FORCE_COLOR and --color=always colour, and still draw nothing in place", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx", "--replicas=1");
    const forced = await scenario.sts(["scale", "web", "--replicas=2"], { env: { FORCE_COLOR: "1" } });
    const asked = await scenario.sts(["scale", "web", "--replicas=1", "--color=always"]);
    const never = await scenario.sts(["scale", "web", "--replicas=2", "--color=never"], {
      env: { FORCE_COLOR: "1" },
    });
    for (const { stderr } of [forced, asked]) {
      expect(stderr).toContain("\u001b[3");
      // oxlint-disable-next-line no-control-regex -- they are what this is about
      expect(stderr.replace(/\u001b\[[0-9;]*m/g, "")).not.toContain("\u001b");
    }
    expect(never.stderr).not.toContain("\u001b");
  });

  it("--progress=json gives events as the schema has them, and leaves stdout alone", async ({ scenario }) => {
    const created = await ends(
      scenario,
      0,
      ...["create", "web", "--image=nginx:1", "--replicas=2", "--port=80", "--progress=json"],
    );
    expect(created.stdout).toBe("service/web created\nstatefulset.apps/web created\n");
    const scaled = await ends(scenario, 0, "scale", "web", "--replicas=4", "--progress=json");
    expect(scaled.stdout).toBe("statefulset.apps/web scaled\n");
    const told = events(scaled.stderr);
    expect(told[0]).toMatchObject({ type: "start", operation: "scale", set: "web" });
    expect(told.at(-1)).toMatchObject({ type: "end", state: "Done", exitCode: 0 });
    expect(told.filter(({ type, to }) => type === "pod" && to === "Ready").map(({ pod }) => pod)).toEqual([
      "web-2",
      "web-3",
    ]);
    const failed = await ends(
      scenario,
      4,
      ...["set", "image", "web", "nginx=nginx:crash-loop", "--progress=json"],
    );
    expect(failed.stdout).toBe("");
    expect(events(failed.stderr).at(-1)).toMatchObject({
      type: "end",
      state: "Failed",
      reason: "CrashLoopBackOff",
      ordinal: 3,
      exitCode: 4,
      next: expect.arrayContaining([
        { label: "see more", command: "kubectl logs web-3 --previous" },
      ]) as unknown,
    });
    events(created.stderr);
  });

  it("--progress=none says nothing, unless it ends badly", async ({ scenario }) => {
    const args = ["create", "web", "--image=nginx", "--replicas=2", "--port=80", "--progress=none"];
    await ends(scenario, 0, ...args);
    const scaled = await ends(scenario, 0, "scale", "web", "--replicas=3", "--progress=none");
    expect(scaled).toMatchObject({ stdout: "statefulset.apps/web scaled\n", stderr: "" });
    const bad = ["set", "image", "web", "nginx=nginx:image-pull", "--progress=none"];
    expect((await ends(scenario, 4, ...bad)).stderr).toMatch(/^✗ \S+\/web: web-2 cannot pull its image/);
  });

  it("a reader that goes away ends it quietly", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx", "--replicas=2");
    for (const command of ["get web -o yaml", "status web", "help exit-codes", "get web -w"]) {
      const { code, stderr } = await shell(scenario, `$STS ${command} | true; exit \${PIPESTATUS[0]}`);
      expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: "" });
    }
    const closed = await shell(scenario, "$STS scale web --replicas=3 2>&1 >&- | cat");
    expect(closed.stderr).toBe("");
    expect(closed.stdout).not.toMatch(/^ {4}at |Error:|EPIPE|EBADF/m);
  });

  it("a progress that nobody reads any more does not stop the work", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx", "--replicas=1");
    const { stdout } = await shell(
      scenario,
      "{ $STS scale web --replicas=3 2>&3 || echo code $?; } 3> >(true)",
    );
    expect(stdout).toBe("statefulset.apps/web scaled\n");
  });

  it("-o json is one document, after the waiting", async ({ scenario }) => {
    const created = await ends(
      scenario,
      0,
      ...["create", "web", "--image=nginx", "--replicas=2", "--port=80", "-o", "json"],
    );
    const { items } = JSON.parse(created.stdout) as { items: { kind: string; status?: object }[] };
    expect(items.map(({ kind }) => kind)).toEqual(["Service", "StatefulSet"]);
    expect(items[1]?.status).toMatchObject({ readyReplicas: 2 });
    for (const args of [
      ["get", "web"],
      ["pvc", "list"],
      ["status", "web"],
    ]) {
      const { stdout } = await ends(scenario, 0, ...args, "-o", "json");
      expect(typeof JSON.parse(stdout)).toBe("object");
    }
  });
});
