import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import { it, type Scenario } from "./support/cluster.js";
import { ends, images, order } from "./support/walk.js";

const partition = async (scenario: Scenario): Promise<number | undefined> =>
  (await scenario.read(kinds.statefulSet, "web"))?.spec.updateStrategy?.rollingUpdate?.partition;

async function create(scenario: Scenario, ...flags: string[]): Promise<void> {
  await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=5", ...flags);
}

describe("a staged rollout", () => {
  it("goes by canary, percent and partition, and is finished by another process", async ({ scenario }) => {
    await create(scenario);
    const staged = await ends(scenario, 0, "set", "image", "web", "nginx=nginx:2", "--stage=1");
    expect(staged.stderr).toContain("web-4 first; web-0 to web-3 held");
    expect(await images(scenario)).toBe("1 1 1 1 2");

    const canary = await ends(scenario, 0, "rollout", "stage", "web", "--canary=2");
    expect(canary.stdout).toBe("statefulset.apps/web staged\n");
    expect(order(canary, "created")).toEqual(["web-3"]);
    expect(await images(scenario)).toBe("1 1 1 2 2");

    // Half of five, rounded up.
    await ends(scenario, 0, "rollout", "stage", "web", "--percent=50");
    expect(await images(scenario)).toBe("1 1 2 2 2");
    await ends(scenario, 0, "rollout", "stage", "web", "--partition=1");
    expect(await images(scenario)).toBe("1 2 2 2 2");

    const held = await ends(scenario, 0, "rollout", "status", "web");
    expect(held.stdout).toBe(
      "statefulset.apps/web: 5 of 5 ready; web-0 held at an older revision (partition 1); " +
        "staged; go on: sts rollout promote web\n",
    );
    const page = await ends(scenario, 0, "status", "web");
    expect(page.stdout).toContain("updated 4 of 5");
    expect(page.stdout).toContain("Next: sts rollout promote web");

    const promoted = await ends(scenario, 0, "rollout", "promote", "web");
    expect(promoted.stdout).toBe("statefulset.apps/web promoted\n");
    expect(order(promoted, "created")).toEqual(["web-0"]);
    expect(await images(scenario)).toBe("2 2 2 2 2");
    const set = await scenario.read(kinds.statefulSet, "web");
    expect(set?.metadata.annotations).toBeUndefined();

    const again = await ends(scenario, 0, "rollout", "promote", "web");
    expect(again.stdout).toBe("statefulset.apps/web unchanged\n");
    expect(again.stderr).toContain("nothing is staged");
    expect((await scenario.read(kinds.statefulSet, "web"))?.metadata.generation).toBe(
      set?.metadata.generation,
    );
  });

  it("stages before the template changes, and gives the partition from before back", async ({ scenario }) => {
    await create(scenario, "--partition=1");
    await ends(scenario, 0, "rollout", "stage", "web", "--partition=4");
    await ends(scenario, 0, "set", "image", "web", "nginx=nginx:2");
    expect(await images(scenario)).toBe("1 1 1 1 2");
    const promoted = await ends(scenario, 0, "rollout", "promote", "web");
    expect(promoted.stderr).toContain("the partition from before the staging still holds web-0");
    expect(await images(scenario)).toBe("1 2 2 2 2");
    expect(await partition(scenario)).toBe(1);
  });

  it("warns of a partition that lets nothing through, which is legal", async ({ scenario }) => {
    await create(scenario);
    const staged = await ends(scenario, 0, "rollout", "stage", "web", "--partition=7");
    expect(staged.stderr).toContain("partition 7 is not below replicas 5: no pod will be updated");
    expect(await partition(scenario)).toBe(7);
    await ends(scenario, 0, "set", "image", "web", "nginx=nginx:2");
    expect(await images(scenario)).toBe("1 1 1 1 1");
    await ends(scenario, 0, "rollout", "promote", "web");
    expect(await images(scenario)).toBe("2 2 2 2 2");
  });

  it("counts the partition from the start ordinal", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=3", "--start-ordinal=5");
    const staged = await ends(scenario, 0, "set", "image", "web", "nginx=nginx:2", "--stage=1");
    expect(staged.stderr).toContain("web-7 first; web-5 and web-6 held");
    expect(await images(scenario)).toBe("1 1 2");
  });

  it("refuses what has no meaning, with exit code 2 and nothing sent", async ({ scenario }) => {
    await create(scenario, "--strategy=OnDelete");
    const { metadata } = (await scenario.read(kinds.statefulSet, "web")) ?? {};
    const onDelete = await ends(scenario, 2, "rollout", "stage", "web", "--canary=1");
    expect(onDelete.stderr).toContain("web is updated by OnDelete, which has no partition");
    for (const args of [
      [],
      ["--canary=1", "--percent=10"],
      ["--percent=101"],
      ["--canary=-1"],
      ["--partition=x"],
    ]) {
      const { stderr, stdout } = await ends(scenario, 2, "rollout", "stage", "web", ...args);
      expect(stderr).toMatch(/^error: .*\nSee 'sts rollout stage --help'\.\n$/);
      expect(stdout).toBe("");
    }
    expect((await ends(scenario, 2, "set", "image", "web", "db=nginx:2")).stderr).toContain("it has nginx");
    expect((await ends(scenario, 2, "set", "image", "web", "nginx")).stderr).toContain("CONTAINER=IMAGE");
    expect((await scenario.read(kinds.statefulSet, "web"))?.metadata.generation).toBe(metadata?.generation);
    expect((await ends(scenario, 1, "rollout", "promote", "nope")).stderr).toBe(
      'Error from server (NotFound): statefulsets.apps "nope" not found\n',
    );
  });
});

describe("rollout status", () => {
  it("is 3 while it is under way and not waited for, then 0", async ({ scenario }) => {
    await create(scenario);
    const ref = { namespace: scenario.namespace, name: "web" };
    const slow = { spec: { template: { metadata: { annotations: { "sandbox/slow": "30s" } } } } };
    await scenario.cluster.patch(kinds.statefulSet, ref, { type: "merge", body: slow });
    const under = await ends(scenario, 3, "rollout", "status", "web", "--watch=false");
    expect(under.stdout).toMatch(/^statefulset\.apps\/web: .*waiting for/);
    const waited = await ends(scenario, 0, "rollout", "status", "web");
    expect(waited.stdout).toBe("statefulset.apps/web: 5 of 5 ready\n");
    expect(order(waited, "ready").at(-1)).toBe("web-0");
    await ends(scenario, 0, "rollout", "status", "web", "--watch=false");
  });
});
