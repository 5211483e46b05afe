import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import type { Pod, StatefulSet } from "../../src/core/model.js";
import { isReady } from "../../src/core/pod-state.js";
import { it, type Scenario } from "./support/cluster.js";
import { ends, imageOf, images, order, podsOf } from "./support/walk.js";

const whole = 2_147_483_647;

const setOf = async (scenario: Scenario): Promise<StatefulSet | undefined> =>
  scenario.read(kinds.statefulSet, "web");
const partition = async (scenario: Scenario): Promise<number | undefined> =>
  (await setOf(scenario))?.spec.updateStrategy?.rollingUpdate?.partition;

/** Deletes a pod, as a drain does, and waits until it is back. */
async function drain(scenario: Scenario, name: string): Promise<Pod> {
  const before = (await podsOf(scenario)).get(name);
  await scenario.cluster.delete(kinds.pod, { namespace: scenario.namespace, name });
  return scenario.until(`${name} to be back`, kinds.pod, (pods) => {
    const pod = pods.get(name);
    return pod && pod.metadata.uid !== before?.metadata.uid && isReady(pod) && pod;
  });
}

/** A set of nginx:1, one pod of which does not go when it is deleted: a rolling update stops there until `release`. */
async function heldAt(
  scenario: Scenario,
  replicas: number,
  name: string,
): Promise<{ release(): Promise<void> }> {
  await ends(scenario, 0, "create", "web", "--image=nginx:1", `--replicas=${replicas}`);
  const finalize = async (finalizers: string[] | null): Promise<void> => {
    const body = { metadata: { finalizers } };
    await scenario.cluster.patch(kinds.pod, { namespace: scenario.namespace, name }, { type: "merge", body });
  };
  await finalize(["test/hold"]);
  return { release: () => finalize(null) };
}

describe("rollout pause with no rollout under way", () => {
  it("rolls nothing until it is resumed, and scales at the old revision", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=3");
    const paused = await ends(scenario, 0, "rollout", "pause", "web");
    expect(paused.stdout).toBe("statefulset.apps/web paused\n");
    expect(paused.stderr).toContain(`pausing: partition 0 → ${whole}`);
    expect(paused.stderr).toContain("sts rollout resume web");
    expect(await partition(scenario)).toBe(whole);

    await ends(scenario, 0, "set", "image", "web", "nginx=nginx:2");
    expect(await images(scenario)).toBe("1 1 1");
    const up = await ends(scenario, 0, "scale", "web", "--replicas=4");
    expect(order(up, "created")).toEqual(["web-3"]);
    expect(await images(scenario)).toBe("1 1 1 1");
    expect(imageOf(await drain(scenario, "web-3"))).toBe("nginx:1");
    await ends(scenario, 0, "scale", "web", "--replicas=3");

    const resumed = await ends(scenario, 0, "rollout", "resume", "web");
    expect(resumed.stdout).toBe("statefulset.apps/web resumed\n");
    expect(resumed.stderr).toContain(`partition ${whole} → 0, which lets web-0 to web-2 go on`);
    expect(order(resumed, "created")).toEqual(["web-2", "web-1", "web-0"]);
    expect(await images(scenario)).toBe("2 2 2");
    expect(await partition(scenario)).toBe(0);
    expect((await setOf(scenario))?.metadata.annotations).toBeUndefined();
  });

  it("and resume, done twice, write once", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=2", "--partition=1");
    const generations: (number | undefined)[] = [];
    for (const verb of ["pause", "pause", "resume", "resume"]) {
      await ends(scenario, 0, "rollout", verb, "web");
      generations.push((await setOf(scenario))?.metadata.generation);
    }
    const [paused = 0, again, resumed, twice] = generations;
    expect([again, resumed, twice]).toEqual([paused, paused + 1, paused + 1]);
    expect(await partition(scenario)).toBe(1);
    const last = await ends(scenario, 0, "rollout", "resume", "web");
    expect(last.stdout).toBe("statefulset.apps/web unchanged\n");
    expect(last.stderr).toContain("is not paused; nothing to change");
  });

  it("only shows it in a dry run", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=1");
    for (const mode of ["client", "server"]) {
      const { stdout } = await ends(scenario, 0, "rollout", "pause", "web", `--dry-run=${mode}`);
      const suffix = mode === "server" ? "(server dry run)" : "(dry run)";
      expect(stdout).toBe(`statefulset.apps/web paused ${suffix}\n`);
    }
    expect(await partition(scenario)).toBe(0);
  });
});

describe("rollout pause in the middle of a rollout", () => {
  it("holds it where it is; no updated pod falls back when it is drained", async ({ scenario }) => {
    const { release } = await heldAt(scenario, 4, "web-1");
    await ends(scenario, 0, "set", "image", "web", "nginx=nginx:2", "--wait=false");
    await scenario.until(
      "web-1 to be on its way out",
      kinds.pod,
      (pods) => pods.get("web-1")?.metadata.deletionTimestamp !== undefined,
    );
    const paused = await ends(scenario, 0, "rollout", "pause", "web");
    expect(paused.stderr).toContain("pausing: partition 0 → 1");
    expect(paused.stderr).toContain("updated: web-1 to web-3; held: web-0");
    expect(paused.stderr).toContain("a further template change would roll web-1 to web-3");
    await release();
    await ends(scenario, 0, "rollout", "status", "web");
    expect(await images(scenario)).toBe("1 2 2 2");

    for (const name of ["web-3", "web-1", "web-0"]) await drain(scenario, name);
    expect(await images(scenario)).toBe("1 2 2 2");
    const again = await ends(scenario, 0, "rollout", "pause", "web");
    expect(again.stdout).toBe("statefulset.apps/web unchanged\n");
    expect(again.stderr).toContain("paused (partition 1, 0 before it) already");

    const resumed = await ends(scenario, 0, "rollout", "resume", "web");
    expect(order(resumed, "created")).toEqual(["web-0"]);
    expect(await images(scenario)).toBe("2 2 2 2");
    expect(await partition(scenario)).toBe(0);
  });

  it("ends the wait of who rolls it out, with who paused it", async ({ scenario }) => {
    const { release } = await heldAt(scenario, 3, "web-1");
    const rolling = scenario.start(["set", "image", "web", "nginx=nginx:2"]);
    await rolling.untilWritten(/web-1: Ready → Terminating/);
    await ends(scenario, 0, "rollout", "pause", "web");
    const { code, stderr } = await rolling.ended;
    expect(code, stderr).toBe(6);
    expect(stderr).toContain("sts changed the update strategy (partition 1) meanwhile");
    await release();
    await ends(scenario, 0, "rollout", "resume", "web");
    expect(await images(scenario)).toBe("2 2 2");
  });

  it("pauses a template that changed a moment ago before its revision is known", async ({ scenario }) => {
    const { release } = await heldAt(scenario, 3, "web-2");
    await ends(scenario, 0, "set", "image", "web", "nginx=nginx:2", "--wait=false");
    await ends(scenario, 0, "rollout", "pause", "web");
    expect(await partition(scenario)).toBe(2);
    await release();
    await ends(scenario, 0, "rollout", "status", "web");
    expect(await images(scenario)).toBe("1 1 2");
  });
});

describe("rollout pause during a staging", () => {
  it("keeps the staging, whose partition comes back", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=3");
    await ends(scenario, 0, "set", "image", "web", "nginx=nginx:2", "--stage=1");
    const staging = (await setOf(scenario))?.metadata.annotations?.["sts/staging"];
    await ends(scenario, 0, "rollout", "pause", "web");
    expect(imageOf(await drain(scenario, "web-2"))).toBe("nginx:2");
    expect(imageOf(await drain(scenario, "web-0"))).toBe("nginx:1");
    const refused = await ends(scenario, 7, "set", "image", "web", "nginx=nginx:3", "--stage=2");
    expect(refused.stderr).toContain("sts rollout resume web");
    await ends(scenario, 0, "rollout", "resume", "web");
    expect(await partition(scenario)).toBe(2);
    expect((await setOf(scenario))?.metadata.annotations).toEqual({ "sts/staging": staging });
    await ends(scenario, 0, "rollout", "promote", "web");
    expect(await images(scenario)).toBe("2 2 2");
  });
});

describe("rollout resume", () => {
  it("does not take back what somebody else has written since, unless it is told to", async ({
    scenario,
  }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=2");
    await ends(scenario, 0, "rollout", "pause", "web");
    const ref = { namespace: scenario.namespace, name: "web" };
    const body = { spec: { updateStrategy: { rollingUpdate: { partition: 1 } } } };
    await scenario.cluster.patch(
      kinds.statefulSet,
      ref,
      { type: "merge", body },
      { fieldManager: "colleague" },
    );
    const conflict = await ends(scenario, 6, "rollout", "resume", "web");
    expect(conflict.stderr).toContain(
      `was paused with partition ${whole}, and colleague changed it to 1 since`,
    );
    expect(conflict.stdout).toBe("");
    expect(await partition(scenario)).toBe(1);
    await ends(scenario, 0, "rollout", "resume", "web", "--force");
    expect(await partition(scenario)).toBe(0);
  });

  it("and pause have nothing to do under OnDelete", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=1", "--strategy=OnDelete");
    const refused = await ends(scenario, 2, "rollout", "pause", "web");
    expect(refused.stderr).toContain(
      "web is updated by OnDelete: its pods are replaced only when somebody deletes",
    );
    await ends(scenario, 0, "rollout", "resume", "web");
    expect((await ends(scenario, 1, "rollout", "pause", "nope")).stderr).toContain("NotFound");
    await ends(scenario, 2, "rollout", "pause");
  });
});
