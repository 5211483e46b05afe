import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import { it, type Scenario } from "./support/cluster.js";
import { setManifest } from "./support/sets.js";
import { ends, imageOf, podsOf } from "./support/walk.js";

const occurrences = (text: string, part: string) => text.split(part).length - 1;

const generation = async (scenario: Scenario) =>
  (await scenario.read(kinds.statefulSet, "web"))?.metadata.generation;

const create = (scenario: Scenario, ...flags: string[]) =>
  ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=3", ...flags);

/** Changes the image and waits for nothing. Returns what was said. */
async function change(scenario: Scenario, tag: number, ...flags: string[]): Promise<string> {
  return (await ends(scenario, 0, "set", "image", "web", `nginx=nginx:${tag}`, "--wait=false", ...flags))
    .stderr;
}

describe("before the template changes", () => {
  it("refuses while more ordinals are unready than --max-unready allows, and sends nothing", async ({
    scenario,
  }) => {
    await create(scenario, "--pod-management=Parallel");
    const staged = await scenario.start([
      "set",
      "image",
      "web",
      "nginx=nginx:never-ready",
      "--stage=1",
      "--wait=false",
    ]).ended;
    expect(staged.code).toBe(0);
    await scenario.until("the canary to run without being ready", kinds.pod, (pods) => {
      const pod = pods.get("web-2");
      return imageOf(pod) === "nginx:never-ready" && pod?.status?.phase === "Running";
    });
    const before = await generation(scenario);
    const refused = await ends(scenario, 7, "set", "env", "web", "A=1", "--max-unready=0", "-v=6");
    expect(refused.stderr).toContain(
      "error: web-2 is not ready, and --max-unready=0 allows none: nothing was changed",
    );
    expect(refused.stderr).not.toContain("PATCH");
    expect(refused.stdout).toBe("");
    await ends(scenario, 7, "set", "env", "web", "A=1", "--max-unready=0", "--dry-run");
    expect(await generation(scenario)).toBe(before);
    // The way out of it is not barred: one is allowed, and what changes nothing is not asked about.
    await ends(
      scenario,
      0,
      "set",
      "image",
      "web",
      "nginx=nginx:never-ready",
      "--max-unready=0",
      "--wait=false",
    );
    await ends(scenario, 0, "set", "image", "web", "nginx=nginx:2", "--max-unready=1");
    expect(imageOf((await podsOf(scenario)).get("web-2"))).toBe("nginx:2");
  });

  it("says which pods will not follow, and what lets them", async ({ scenario }) => {
    await create(scenario, "--partition=3");
    expect(await change(scenario, 2)).toContain(
      "partition 3 is not below replicas 3: no pod will be updated; " +
        "sts rollout stage web --canary=1 updates one, sts rollout promote web all",
    );
    await ends(scenario, 0, "rollout", "stage", "web", "--canary=1");
    expect(await change(scenario, 3)).toContain(
      "a staged rollout is under way, and holds web-0 and web-1; sts rollout promote web or sts rollout abort web ends it",
    );
    await ends(scenario, 0, "create", "manual", "--image=nginx:1", "--strategy=OnDelete", "--replicas=2");
    const onDelete = await ends(scenario, 0, "set", "env", "manual", "A=1", "--wait=false");
    expect(onDelete.stderr).toContain(
      "OnDelete: no pod is replaced by itself; sts rollout restart manual --ordinals=0-1",
    );
  });

  it("names who applies the fields that change, once, and not who applies others", async ({ scenario }) => {
    const apply = { type: "apply", body: setManifest("web"), force: true } as const;
    const ref = { namespace: scenario.namespace, name: "web" };
    await scenario.cluster.patch(kinds.statefulSet, ref, apply, { fieldManager: "argocd-controller" });
    const said = "is applied by argocd-controller: its next apply puts it back";
    const words = ["set", "image", "web", "main=nginx:2", "--wait=false"];
    const first = await ends(scenario, 0, ...words);
    expect(occurrences(first.stderr, `the image of main ${said}`)).toBe(1);
    // The field is ours now, until the next apply takes it again.
    expect((await ends(scenario, 0, ...words)).stderr).not.toContain("argocd");
    expect((await ends(scenario, 0, "set", "env", "web", "A=1", "--wait=false")).stderr).not.toContain(
      "argocd",
    );
    await scenario.cluster.patch(kinds.statefulSet, ref, apply, { fieldManager: "argocd-controller" });
    expect((await ends(scenario, 0, ...words, "--dry-run")).stderr).toContain(said);
  });
});

describe("before the template of a set without pods changes", () => {
  it("says when it shows, and names no pod", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=0");
    for (const [tag, flag] of [
      [2, "--stage=1"],
      [3, "--steps=1,100%"],
    ] as const) {
      const said = await change(scenario, tag, flag, "--wait=true");
      expect(said).toContain(`/web: nginx → nginx:${tag}\n`);
      expect(said).toContain("0 replicas: the change shows when the set is scaled up");
    }
  });
});

describe("before a staged set is scaled", () => {
  it("says at which revision pods come, and what is lost", async ({ scenario }) => {
    await create(scenario);
    await ends(scenario, 0, "set", "image", "web", "nginx=nginx:2", "--stage=1");
    const up = await ends(scenario, 0, "scale", "web", "--replicas=5");
    expect(up.stderr).toContain("web-3 and web-4 come at the staged update, let through by partition 2");
    const pods = await podsOf(scenario);
    expect(imageOf(pods.get("web-4"))).toBe("nginx:2");
    expect(imageOf(pods.get("web-1"))).toBe("nginx:1");
    const down = await ends(scenario, 0, "scale", "web", "--replicas=2", "--dry-run=server");
    expect(down.stderr).toContain("web-2 to web-4 had the staged update: no pod has it after this");
    const zero = await ends(scenario, 0, "scale", "web", "--replicas=0", "--dry-run=server");
    expect(zero.stderr).toContain("at 0 replicas the old revision is lost (#121534)");
  });

  it("names the pod that blocks it", async ({ scenario }) => {
    await create(scenario);
    await ends(scenario, 0, "set", "image", "web", "nginx=nginx:never-ready", "--stage=1", "--wait=false");
    await scenario.until("the canary to run without being ready", kinds.pod, (pods) => {
      const pod = pods.get("web-2");
      return imageOf(pod) === "nginx:never-ready" && pod?.status?.phase === "Running";
    });
    const up = await ends(scenario, 3, "scale", "web", "--replicas=4", "--timeout=1s");
    expect(up.stderr).toContain("scaling up waits until web-2 is ready (OrderedReady)");
    expect((await podsOf(scenario)).has("web-3")).toBe(false);
    const down = await ends(scenario, 0, "scale", "web", "--replicas=1");
    expect(down.stderr).not.toContain("waits until");
  });
});
