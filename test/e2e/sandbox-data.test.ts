import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, inject, test } from "vitest";
import { startProcess, type Result } from "./support/process.js";

const it = test.extend<{ home: { directory: string; sts(...args: string[]): Promise<Result> } }>({
  home: async ({ task: _task }, use) => {
    const directory = mkdtempSync(path.join(tmpdir(), "sts-home-"));
    const env = {
      HOME: directory,
      TMPDIR: directory,
      XDG_STATE_HOME: path.join(directory, "state"),
      KUBECONFIG: path.join(directory, "state/sts/sandbox/default/kubeconfig"),
    };
    const sts = (...args: string[]) => startProcess(args, { env, cwd: directory }).ended;
    try {
      await use({ directory, sts });
    } finally {
      await sts("sandbox", "down");
      rmSync(directory, { recursive: true, force: true });
    }
  },
});

// The command is the same whatever cluster the other scenarios run on: once is enough.
describe.skipIf(inject("cluster").target !== "sandbox")("sandbox --data", () => {
  it("goes on after down, and after a kill, with the same kubeconfig", async ({ home }) => {
    const { directory, sts } = home;
    const kubeconfig = () =>
      readFileSync(path.join(directory, "state/sts/sandbox/default/kubeconfig"), "utf8");
    const first = await sts("sandbox", "up", "--data=./kept", "--speed=50");
    expect(first.code, first.stderr).toBe(0);
    const before = kubeconfig();
    const created = await sts("create", "web", "--image=nginx", "--replicas=2", "--port=80");
    expect(created.code, created.stderr).toBe(0);
    expect((await sts("sandbox", "down")).code).toBe(0);
    expect(readdirSync(path.join(directory, "kept"))).toEqual(["objects.log"]);
    expect(readdirSync(path.join(directory, "state/sts/sandbox"))).toEqual([]);

    const second = await sts("sandbox", "up", "--data=./kept", "--speed=50");
    expect(second.code, second.stderr).toBe(0);
    expect(kubeconfig()).toBe(before);
    expect((await sts("scale", "web", "--replicas=3")).code).toBe(0);
    const state = readFileSync(path.join(directory, "state/sts/sandbox/default/state.json"), "utf8");
    process.kill((JSON.parse(state) as { pid: number }).pid, "SIGKILL");

    const third = await sts("sandbox", "up", "--data=./kept", "--speed=50");
    expect(third.code, third.stderr).toBe(0);
    expect((await sts("get", "web")).stdout).toMatch(/web +3\/3/);
  });

  it("is shown by status, and a server that had to move says so", async ({ home }) => {
    const { directory, sts } = home;
    const serverOf = (stderr: string) => /https:\/\/127\.0\.0\.1:\d+/.exec(stderr)?.[0] ?? "";
    const first = await sts("sandbox", "up", "--data=./kept");
    expect(first.code, first.stderr).toBe(0);
    expect(first.stderr.trimEnd().split("\n")).toHaveLength(1);
    await sts("sandbox", "up", "--name=other");
    const { stdout } = await sts("sandbox", "status");
    await sts("sandbox", "down", "--name=other");
    const rows = stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/ {2,}/));
    expect(rows.map((row) => row.at(-1))).toEqual(["DATA", path.join(directory, "kept"), "<none>"]);
    await sts("sandbox", "down");

    const before = serverOf(first.stderr);
    const occupier = createServer().listen(Number(new URL(before).port), "127.0.0.1");
    await once(occupier, "listening");
    const moved = await sts("sandbox", "up", "--data=./kept");
    occupier.close();
    expect(moved.code, moved.stderr).toBe(0);
    expect(serverOf(moved.stderr)).not.toBe(before);
    expect(moved.stderr).toContain(`\nit was at ${before} before, which somebody else has now: `);
    expect(moved.stdout).toBe(first.stdout);
    await sts("sandbox", "down");
    const again = await sts("sandbox", "up", "--data=./kept");
    expect(again.stderr.trimEnd().split("\n")).toEqual([
      expect.stringContaining(`is ready: Kubernetes 1.37 at ${serverOf(moved.stderr)}`),
    ]);
  });

  it("is refused for what is not to be had, in one line", async ({ home }) => {
    const { sts } = home;
    const refused = async (words: string[], why: RegExp) => {
      const { code, stdout, stderr } = await sts("sandbox", "up", ...words);
      expect([code, stdout, stderr]).toEqual([1, "", expect.stringMatching(why)]);
    };
    await refused(["--data=/"], /^error: .*\/ is not empty, and nothing in it is of a sandbox.*\n$/);
    expect((await sts("sandbox", "up", "--data=kept")).code).toBe(0);
    await refused(["--data=other"], /^error: sandbox default runs already, with --data=.*kept: .*\n$/);
    await refused(["--name=two", "--data=kept"], /^error: .*kept is in use by another sandbox.*\n$/);
    expect((await sts("sandbox", "down")).code).toBe(0);
    await refused(["--data=kept", "--kubernetes-version=1.36"], /^error: .*is of Kubernetes 1\.37.*\n$/);
  });
});
