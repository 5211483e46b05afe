import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import { it, type Scenario } from "./support/cluster.js";
import { ends, images, order, uids } from "./support/walk.js";

/** The pods that `sts` says to have deleted, in this order. */
const deleted = (stderr: string): string[] =>
  [...stderr.matchAll(/^warning: (\S+): deleted, as it is broken at an old revision/gm)].map(
    ([, pod]) => pod ?? "",
  );

const create = (scenario: Scenario, image: string, ...flags: string[]) =>
  scenario.sts(["create", "web", `--image=${image}`, "--replicas=3", ...flags]);

/** Makes a pod that ran well crash, again and again, as when its disk is full. */
async function breakPod(scenario: Scenario, name: string): Promise<void> {
  const ref = { namespace: scenario.namespace, name };
  const { cluster } = scenario;
  const metadata = { annotations: { "sandbox/fault": "crash-loop" } };
  const { status } = await cluster.patch(kinds.pod, ref, { type: "merge", body: { metadata } });
  const crashed = {
    ...{ ready: false, started: false, restartCount: 4 },
    state: { waiting: { reason: "CrashLoopBackOff" } },
    lastState: { terminated: { exitCode: 1, reason: "Error" } },
  };
  const containerStatuses = (status?.containerStatuses ?? []).map((container) => ({
    ...container,
    ...crashed,
  }));
  const conditions = (status?.conditions ?? []).map((condition) =>
    condition.type.endsWith("Ready") ? { ...condition, status: "False" } : condition,
  );
  const body = { status: { containerStatuses, conditions } };
  await cluster.patch(kinds.pod, ref, { type: "merge", body }, { subresource: "status" });
}

describe("a fix that OrderedReady does not let through", () => {
  it("is called a deadlock, with the command that un-sticks it", async ({ scenario }) => {
    expect((await create(scenario, "nginx:crash-loop")).code).toBe(4);
    const fix = await ends(scenario, 4, "set", "image", "web", "nginx=nginx:1", "--timeout=30s");
    expect(fix.stdout).toBe("");
    expect(fix.stderr).toMatch(/web-0 crashes on start .* at an old revision, and OrderedReady waits/);
    expect(fix.stderr).toMatch(/^ {2}un-stick +sts rollout unstick web$/m);
    expect((await ends(scenario, 4, "status", "web")).stdout).toContain("sts rollout unstick web");
    const status = await ends(scenario, 4, "rollout", "status", "web", "--watch=false");
    expect(status.stdout).toMatch(/^statefulset\.apps\/web: web-0 crashes on start .* at an old revision/);

    const rehearsed = await ends(scenario, 0, "rollout", "unstick", "web", "--dry-run");
    expect(rehearsed.stdout).toBe("statefulset.apps/web un-stuck (dry run)\n");
    const before = await uids(scenario);
    const freed = await ends(scenario, 0, "rollout", "unstick", "web", "--timeout=30s");
    expect(freed.stdout).toBe("statefulset.apps/web un-stuck\n");
    expect(deleted(freed.stderr)).toEqual(["web-0"]);
    expect(order(freed, "ready")).toEqual(["web-0", "web-1", "web-2"]);
    expect(await images(scenario)).toBe("1 1 1");
    expect((await uids(scenario)).get("web-0")).not.toBe(before.get("web-0"));

    const again = await ends(scenario, 0, "rollout", "unstick", "web");
    expect(again).toMatchObject({ stdout: "statefulset.apps/web unchanged\n" });
    expect(again.stderr).toContain("nothing is stuck");
  });

  it("comes through with set image --unstick, before the trouble is sure to last", async ({ scenario }) => {
    expect((await create(scenario, "nginx:1")).code).toBe(0);
    // A probe that fails is forgiven for a minute.
    await ends(scenario, 3, "set", "image", "web", "nginx=nginx:never-ready", "--timeout=4s");
    const before = await uids(scenario);
    const args = ["set", "image", "web", "nginx=nginx:2", "--unstick", "--timeout=40s"];
    const fixed = await ends(scenario, 0, ...args);
    expect(fixed.stdout).toBe("statefulset.apps/web image updated\n");
    expect(deleted(fixed.stderr)).toEqual(["web-2"]);
    // The healthy ones are replaced by the update, highest first, and only then.
    expect(order(fixed, "ready")).toEqual(["web-2", "web-1", "web-0"]);
    expect(await images(scenario)).toBe("2 2 2");
    const after = await uids(scenario);
    for (const [name, uid] of before) expect(after.get(name)).not.toBe(uid);
  });

  it("comes to several broken pods one at a time, the lowest first", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=4");
    await breakPod(scenario, "web-3");
    await breakPod(scenario, "web-1");
    const before = await uids(scenario);
    await ends(scenario, 0, "set", "image", "web", "nginx=nginx:2", "--wait=false");
    const freed = await ends(scenario, 0, "rollout", "unstick", "web", "--timeout=40s");
    expect(freed.stderr).toContain("web-1 and web-3 to be deleted and made anew, one at a time\n");
    expect(deleted(freed.stderr)).toEqual(["web-1", "web-3"]);
    expect(order(freed, "ready")).toEqual(["web-1", "web-3", "web-2", "web-0"]);
    const lines = freed.stderr.split("\n");
    const at = (what: RegExp) => lines.findIndex((line) => what.test(line));
    expect(at(/web-1: ready/)).toBeLessThan(at(/^warning: web-3: deleted/));
    expect(await images(scenario)).toBe("2 2 2 2");
    for (const [name, uid] of await uids(scenario)) expect(before.get(name)).not.toBe(uid);
  });

  it("goes on where a process that un-stuck was killed", async ({ scenario }) => {
    expect((await create(scenario, "nginx:crash-loop")).code).toBe(4);
    const first = scenario.start(["set", "image", "web", "nginx=nginx:1", "--unstick"]);
    await first.untilWritten(/web-0: deleted/);
    first.kill("SIGKILL");
    await first.ended;
    await ends(scenario, 0, "rollout", "unstick", "web", "--timeout=30s");
    expect(await images(scenario)).toBe("1 1 1");
  });

  it("stays un-stuck only where the new revision is sound", async ({ scenario }) => {
    expect((await create(scenario, "nginx:crash-loop")).code).toBe(4);
    const args = ["set", "image", "web", "nginx=nginx:image-pull", "--unstick", "--timeout=30s"];
    const fixed = await ends(scenario, 4, ...args);
    expect(deleted(fixed.stderr)).toEqual(["web-0"]);
    expect(fixed.stderr).toMatch(/✗ \S+\/web: web-0 cannot pull its image nginx:image-pull \(not found\)/);
  });
});

describe("what is not stuck", () => {
  it("heals by itself under Parallel: nothing is deleted", async ({ scenario }) => {
    const created = await create(scenario, "nginx:crash-loop", "--pod-management=Parallel");
    expect(created.code).toBe(4);
    expect(created.stderr).toMatch(/web-\d crashes on start \(exit code 1, \d+ restarts\)/);
    const fixed = await ends(scenario, 0, "set", "image", "web", "nginx=nginx:1", "--unstick");
    expect(fixed.stdout).toBe("statefulset.apps/web image updated\n");
    expect(deleted(fixed.stderr)).toEqual([]);
    expect(await images(scenario)).toBe("1 1 1");
    const none = await ends(scenario, 0, "rollout", "unstick", "web");
    expect(none.stderr).toContain("nothing is stuck");
  });

  it("stays as it is under OnDelete, where pods are the user's to delete", async ({ scenario }) => {
    expect((await create(scenario, "nginx:crash-loop", "--strategy=OnDelete")).code).toBe(4);
    const [before] = [...(await uids(scenario))];
    const fixed = await scenario.sts(["set", "image", "web", "nginx=nginx:1", "--unstick", "--timeout=10s"]);
    expect(fixed.code, fixed.stderr).not.toBe(0);
    expect(deleted(fixed.stderr)).toEqual([]);
    expect([...(await uids(scenario))][0]).toEqual(before);
  });

  it("is the pods of the newest revision: the exit code is that of the state", async ({ scenario }) => {
    expect((await create(scenario, "nginx:crash-loop")).code).toBe(4);
    const before = await uids(scenario);
    const failed = await ends(scenario, 4, "rollout", "unstick", "web", "--timeout=20s");
    expect(failed).toMatchObject({ stdout: "" });
    expect(failed.stderr).toContain("nothing is stuck");
    expect(failed.stderr).toMatch(/✗ \S+\/web: web-0 crashes on start/);
    expect(await uids(scenario)).toEqual(before);
  });

  it("is told from wrong use, with nothing sent", async ({ scenario }) => {
    const hasty = await ends(scenario, 2, "rollout", "unstick", "web", "--wait=false");
    expect(hasty.stderr).toContain("unstick has to wait");
    const fix = await ends(scenario, 2, "set", "image", "web", "a=b", "--unstick", "--wait=false");
    expect(fix.stderr).toContain("--unstick deletes pods one at a time");
    expect((await ends(scenario, 2, "rollout", "unstick")).stderr).toContain("the name of a StatefulSet");
    expect((await ends(scenario, 1, "rollout", "unstick", "web")).stderr).toBe(
      'Error from server (NotFound): statefulsets.apps "web" not found\n',
    );
    expect(await scenario.read(kinds.statefulSet, "web")).toBeUndefined();
  });
});
