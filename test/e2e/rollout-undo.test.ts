import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import { it, type Scenario } from "./support/cluster.js";
import { ends, images, order, uids } from "./support/walk.js";

async function create(scenario: Scenario, ...flags: string[]): Promise<void> {
  await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=3", ...flags);
}

const setImage = (scenario: Scenario, code: number, tag: string, ...flags: string[]) =>
  ends(scenario, code, "set", "image", "web", `nginx=nginx:${tag}`, ...flags);

const undo = (scenario: Scenario, code: number, ...flags: string[]) =>
  ends(scenario, code, "rollout", "undo", "web", "--timeout=40s", ...flags);

const revisions = async (scenario: Scenario): Promise<number[]> => {
  const { items } = await scenario.cluster.list(kinds.revision, { namespace: scenario.namespace });
  return items.map(({ revision }) => revision).toSorted((left, right) => left - right);
};

const wedge = /^warning: web-2 is broken, and OrderedReady waits for it before it replaces any pod/m;

describe("rollout undo", () => {
  it("goes to the revision before, and back again with another undo", async ({ scenario }) => {
    await create(scenario);
    await setImage(scenario, 0, "2");
    const back = await undo(scenario, 0);
    expect(back.stdout).toBe("statefulset.apps/web rolled back\n");
    expect(back.stderr).toContain("back to revision 1 (nginx:1)");
    expect(back.stderr).not.toMatch(/^warning/m);
    expect(order(back, "ready")).toEqual(["web-2", "web-1", "web-0"]);
    expect(await images(scenario)).toBe("1 1 1");
    // An equal template gives the old revision a new number.
    expect(await revisions(scenario)).toEqual([2, 3]);
    await undo(scenario, 0);
    expect(await images(scenario)).toBe("2 2 2");
    expect(await revisions(scenario)).toEqual([3, 4]);
  });

  it("goes to the revision with a number, or says that it is there already", async ({ scenario }) => {
    await create(scenario, "--pod-management=Parallel");
    await setImage(scenario, 0, "2");
    await setImage(scenario, 0, "3");
    const rehearsed = await undo(scenario, 0, "--to-revision=1", "--dry-run");
    expect(rehearsed.stdout).toBe("statefulset.apps/web rolled back (dry run)\n");
    expect(await images(scenario)).toBe("3 3 3");
    await undo(scenario, 0, "--to-revision=1");
    expect(await images(scenario)).toBe("1 1 1");
    const { metadata } = (await scenario.read(kinds.statefulSet, "web")) ?? {};
    const same = await undo(scenario, 0, "--to-revision=4");
    expect(same.stdout).toBe(
      "statefulset.apps/web skipped rollback (current template already matches revision 4)\n",
    );
    const { metadata: after } = (await scenario.read(kinds.statefulSet, "web")) ?? {};
    expect(after?.generation).toBe(metadata?.generation);
    await undo(scenario, 0, "--to-revision=0");
    expect(await images(scenario)).toBe("3 3 3");
  });

  it("refuses a revision that is not there, in kubectl's words", async ({ scenario }) => {
    await create(scenario);
    expect((await undo(scenario, 1)).stderr).toBe("error: no last revision to roll back to\n");
    expect((await undo(scenario, 1, "--to-revision=7")).stderr).toBe(
      "error: unable to find specified revision 7 in history; it has 1\n",
    );
    expect((await undo(scenario, 2, "--to-revision=-1")).stderr).toContain("--to-revision");
    await ends(scenario, 2, "rollout", "undo");
    await ends(scenario, 1, "rollout", "undo", "nope");
  });

  it("stages the way back as any other change of the template", async ({ scenario }) => {
    await create(scenario);
    await setImage(scenario, 0, "2");
    await undo(scenario, 0, "--stage=1");
    expect(await images(scenario)).toBe("2 2 1");
    await ends(scenario, 0, "rollout", "promote", "web");
    expect(await images(scenario)).toBe("1 1 1");
  });

  it("heals a set under Parallel", async ({ scenario }) => {
    await create(scenario, "--pod-management=Parallel");
    await setImage(scenario, 4, "crash-loop");
    const back = await undo(scenario, 0);
    expect(back.stderr).not.toMatch(/^warning/m);
    expect(await images(scenario)).toBe("1 1 1");
  });
});

describe("rollout undo after a revision that never became ready", () => {
  it("says that it will block, blocks, and is healed by --unstick", async ({ scenario }) => {
    await create(scenario);
    const bad = await setImage(scenario, 4, "crash-loop");
    expect(bad.stderr).toMatch(/^ {2}go back +sts rollout undo web --unstick$/m);
    const before = await uids(scenario);
    const plain = await undo(scenario, 4);
    expect(plain.stdout).toBe("");
    expect(plain.stderr).toMatch(wedge);
    expect(plain.stderr.search(wedge)).toBeLessThan(plain.stderr.indexOf("back to revision 1"));
    expect(plain.stderr).toMatch(/at an old revision, and OrderedReady waits/);
    expect(plain.stderr).toMatch(/^ {2}un-stick +sts rollout unstick web$/m);

    // The revision before is the broken one by now: the template stays.
    const healed = await undo(scenario, 0, "--unstick");
    expect(healed.stdout).toMatch(/^statefulset\.apps\/web skipped rollback \(.*matches revision 3\)\n$/);
    expect(healed.stderr).toContain("web-2: deleted, as it is broken at an old revision");
    expect(healed.stderr).not.toMatch(wedge);
    expect(await images(scenario)).toBe("1 1 1");
    const after = await uids(scenario);
    expect([after.get("web-0"), after.get("web-1")]).toEqual([before.get("web-0"), before.get("web-1")]);
  });

  it("heals at once with --unstick, touching no healthy pod", async ({ scenario }) => {
    await create(scenario);
    await setImage(scenario, 4, "image-pull");
    const before = await uids(scenario);
    const back = await undo(scenario, 0, "--unstick");
    expect(back.stdout).toBe("statefulset.apps/web rolled back\n");
    expect(order(back, "ready")).toEqual(["web-2"]);
    expect(await images(scenario)).toBe("1 1 1");
    const after = await uids(scenario);
    expect([after.get("web-0"), after.get("web-1")]).toEqual([before.get("web-0"), before.get("web-1")]);
    expect(after.get("web-2")).not.toBe(before.get("web-2"));
  });

  it("goes on where it was killed, and not back to the broken revision", async ({ scenario }) => {
    await create(scenario);
    await setImage(scenario, 4, "crash-loop");
    const killed = scenario.start(["rollout", "undo", "web", "--unstick"]);
    await scenario.until("the template to be back", kinds.statefulSet, (sets) => {
      const [container] = sets.get("web")?.spec.template.spec?.containers ?? [];
      return container?.image === "nginx:1";
    });
    killed.kill("SIGKILL");
    await killed.ended;
    await undo(scenario, 0, "--unstick");
    expect(await images(scenario)).toBe("1 1 1");
  });

  it("goes back to what the healthy pods run, not to the revision before", async ({ scenario }) => {
    await create(scenario);
    await setImage(scenario, 4, "crash-loop");
    const second = await setImage(scenario, 4, "image-pull");
    expect(second.stderr).toMatch(/^ {2}go back +sts rollout undo web --unstick$/m);
    expect(second.stderr.match(/rollout undo web --unstick/g)).toHaveLength(1);
    await undo(scenario, 0, "--unstick");
    expect(await images(scenario)).toBe("1 1 1");
  });

  it("keeps the staging that it happens in, and says what ends it", async ({ scenario }) => {
    await create(scenario);
    await setImage(scenario, 4, "crash-loop", "--stage=1");
    const back = await undo(scenario, 0, "--unstick");
    expect(back.stderr).toContain("sts rollout abort web");
    const set = await scenario.read(kinds.statefulSet, "web");
    expect(set?.spec.updateStrategy?.rollingUpdate?.partition).toBe(2);
    expect(set?.metadata.annotations?.["sts/staging"]).toBeDefined();
    expect(await images(scenario)).toBe("1 1 1");
    const aborted = await ends(scenario, 0, "rollout", "abort", "web");
    expect(aborted.stdout).toBe("statefulset.apps/web aborted\n");
    const after = await scenario.read(kinds.statefulSet, "web");
    expect(after?.spec.updateStrategy?.rollingUpdate?.partition).toBe(0);
    expect(after?.metadata.annotations?.["sts/staging"]).toBeUndefined();
  });
});
