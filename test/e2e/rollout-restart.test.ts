import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import { it, type Scenario } from "./support/cluster.js";
import { setManifest } from "./support/sets.js";
import { ends, images, names, order, podsOf } from "./support/walk.js";

/** Names of the pods that are others than before. */
async function replaced(scenario: Scenario, before: Awaited<ReturnType<typeof podsOf>>): Promise<string[]> {
  const after = await podsOf(scenario);
  return names(
    [...after.keys()].filter((name) => after.get(name)?.metadata.uid !== before.get(name)?.metadata.uid),
  );
}

const generation = async (scenario: Scenario): Promise<number | undefined> =>
  (await scenario.read(kinds.statefulSet, "web"))?.metadata.generation;

async function create(scenario: Scenario, ...flags: string[]): Promise<Awaited<ReturnType<typeof podsOf>>> {
  await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=4", ...flags);
  return podsOf(scenario);
}

const restart = ["rollout", "restart", "web"];

describe("rollout restart", () => {
  it("replaces every pod by a rollout, as kubectl does", async ({ scenario }) => {
    const before = await create(scenario);
    const restarted = await ends(scenario, 0, ...restart);
    expect(restarted.stdout).toBe("statefulset.apps/web restarted\n");
    expect(restarted.stderr).toContain("restart, highest ordinal first");
    expect(order(restarted, "created")).toEqual(["web-3", "web-2", "web-1", "web-0"]);
    expect(await replaced(scenario, before)).toHaveLength(4);
    const set = await scenario.read(kinds.statefulSet, "web");
    expect(set?.spec.template.metadata?.annotations).toEqual({
      "kubectl.kubernetes.io/restartedAt": expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
  });

  it("names what it skips below a partition", async ({ scenario }) => {
    const before = await create(scenario, "--partition=2");
    const restarted = await ends(scenario, 0, ...restart);
    expect(restarted.stderr).toContain("restart web-2 and web-3, highest ordinal first");
    expect(restarted.stderr).toContain("skips web-0 and web-1, below partition 2");
    expect(await replaced(scenario, before)).toEqual(["web-2", "web-3"]);
  });

  it("can be staged, and says that a paused set restarts nothing", async ({ scenario }) => {
    const before = await create(scenario);
    await ends(scenario, 0, ...restart, "--stage=1");
    expect(await replaced(scenario, before)).toEqual(["web-3"]);
    await ends(scenario, 0, "rollout", "promote", "web");
    const between = await podsOf(scenario);
    await ends(scenario, 0, "rollout", "pause", "web");
    const held = await ends(scenario, 0, ...restart);
    expect(held.stderr).toContain("no pod for now, as the partition holds web-0 to web-3");
    expect(held.stderr).toContain("web is paused");
    expect(await replaced(scenario, between)).toEqual([]);
  });
});

describe("rollout restart --ordinals", () => {
  it("restarts these one by one, the highest first, and leaves the template", async ({ scenario }) => {
    const before = await create(scenario);
    const first = await generation(scenario);
    const restarted = await ends(scenario, 0, ...restart, "--ordinals=0,2-3");
    expect(restarted.stdout).toBe("statefulset.apps/web restarted\n");
    expect(restarted.stderr).toContain("restarting web-0, web-2 and web-3, one at a time, the highest first");
    const story = [...restarted.stderr.matchAll(/^\S+ (web-\d): (created|ready)/gm)].map(
      ([, pod, what]) => `${pod} ${what}`,
    );
    expect(story).toEqual(["web-3", "web-2", "web-0"].flatMap((pod) => [`${pod} created`, `${pod} ready`]));
    expect(restarted.stderr.match(/done in/g)).toHaveLength(1);
    expect(await replaced(scenario, before)).toEqual(["web-0", "web-2", "web-3"]);
    expect(await generation(scenario)).toBe(first);
  });

  it("says at which revision a pod below a partition comes back", async ({ scenario }) => {
    await create(scenario);
    await ends(scenario, 0, "set", "image", "web", "nginx=nginx:2", "--stage=2");
    const restarted = await ends(scenario, 0, ...restart, "--ordinals=0,3");
    expect(restarted.stderr).toMatch(/web-3: at the same revision .*\n.*web-0: at the same revision/);
    expect(await images(scenario)).toBe("1 1 2 2");
    // Raising the partition rolls nothing back; a restart does.
    await ends(scenario, 0, "rollout", "stage", "web", "--partition=3");
    const back = await ends(scenario, 0, ...restart, "--ordinals=2");
    expect(back.stderr).toMatch(/web-2: back at revision \S+, from \S+, as the partition is 3/);
    expect(await images(scenario)).toBe("1 1 1 2");
  });

  it("drives an update under OnDelete to its end", async ({ scenario }) => {
    await create(scenario, "--strategy=OnDelete");
    const updated = await ends(scenario, 0, "set", "image", "web", "nginx=nginx:2");
    expect(updated.stderr).toContain("sts rollout restart web --ordinals=0-3");
    expect(await images(scenario)).toBe("1 1 1 1");
    const some = await ends(scenario, 0, ...restart, "--ordinals=3");
    expect(some.stderr).toMatch(/web-3: updated to revision \S+, from \S+/);
    expect(await images(scenario)).toBe("1 1 1 2");
    await ends(scenario, 0, ...restart, "--ordinals=0-2");
    expect(await images(scenario)).toBe("2 2 2 2");
    const status = await ends(scenario, 0, "rollout", "status", "web", "--watch=false");
    expect(status.stdout).toBe("statefulset.apps/web: 4 of 4 ready\n");
  });

  it("stops with the cause at a pod that does not come back, and goes on after the fix", async ({
    scenario,
  }) => {
    await create(scenario, "--strategy=OnDelete");
    await ends(scenario, 0, "set", "image", "web", "nginx=nginx:crash-loop");
    const failed = await ends(scenario, 4, ...restart, "--ordinals=1-3");
    expect(failed.stderr).toContain("web-3 crashes on start");
    expect(failed.stderr).toContain("go on       sts rollout restart web --ordinals=1-2");
    expect(failed.stdout).toBe("");
    expect(await images(scenario)).toBe("1 1 1 crash-loop");

    const refused = await ends(scenario, 7, ...restart, "--ordinals=1-2");
    expect(refused.stderr).toContain("web-3 is not ready: nothing was restarted");
    await ends(scenario, 0, "set", "image", "web", "nginx=nginx:3", "--wait=false");
    const fixed = await ends(scenario, 0, ...restart, "--ordinals=0-3");
    expect(fixed.stderr).toContain("those that are not ready first");
    expect(order(fixed, "created")).toEqual(["web-3", "web-2", "web-1", "web-0"]);
    expect(await images(scenario)).toBe("3 3 3 3");
  });

  it("begins only when all others are ready, or as many as are allowed", async ({ scenario }) => {
    const manifest = setManifest("web", { replicas: 3 });
    const { template } = manifest["spec"] as { template: { metadata: object } };
    Object.assign(template.metadata, {
      annotations: { "sandbox/fault": "never-ready", "sandbox/fault-ordinals": "0" },
    });
    await scenario.create(manifest);
    await scenario.until(
      "two to be ready",
      kinds.statefulSet,
      (sets) => sets.get("web")?.status?.readyReplicas === 2,
    );
    const before = await podsOf(scenario);
    const refused = await ends(scenario, 7, ...restart, "--ordinals=1-2");
    expect(refused.stderr).toContain("web-0 is not ready: nothing was restarted; sts rollout status web");
    expect(await replaced(scenario, before)).toEqual([]);
    const allowed = await ends(scenario, 0, ...restart, "--ordinals=1-2", "--max-unready=1");
    expect(order(allowed, "ready")).toEqual(["web-2", "web-1"]);
    expect(await replaced(scenario, before)).toEqual(["web-1", "web-2"]);
  });

  it("can be run again after a kill, and says how to watch after an interruption", async ({ scenario }) => {
    const before = await create(scenario);
    const killed = scenario.start([...restart, "--ordinals=0-3"]);
    await killed.untilWritten(/web-3: ready/);
    killed.kill("SIGKILL");
    await killed.ended;
    await ends(scenario, 0, "rollout", "status", "web");
    const stopped = scenario.start([...restart, "--ordinals=0-2"]);
    await stopped.untilWritten(/web-2: created/);
    stopped.kill("SIGINT");
    const { code, stderr } = await stopped.ended;
    expect(code, stderr).toBe(130);
    expect(stderr).toContain("left as it is");
    expect(stderr).toMatch(/go on +sts rollout restart web --ordinals=0(-1)?\n/);
    await ends(scenario, 0, "rollout", "status", "web");
    await ends(scenario, 0, ...restart, "--ordinals=0-1");
    expect(await replaced(scenario, before)).toEqual(["web-0", "web-1", "web-2", "web-3"]);
  });

  it("leaves a pod that somebody else replaced meanwhile", async ({ scenario }) => {
    await create(scenario);
    const restarting = scenario.start([...restart, "--ordinals=0,2-3"]);
    await restarting.untilWritten(/web-3: created/);
    await scenario.cluster.delete(kinds.pod, { namespace: scenario.namespace, name: "web-0" });
    const { code, stderr, ...rest } = await restarting.ended;
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("web-0: replaced meanwhile by somebody else, and left as it is");
    expect(order({ code, stderr, ...rest }, "created").filter((pod) => pod === "web-0")).toHaveLength(1);
  });

  it("refuses what has no meaning, and only shows it in a dry run", async ({ scenario }) => {
    const before = await create(scenario);
    for (const [flags, message] of [
      [["--ordinals=4"], "web has no ordinal 4: its ordinals are 0 to 3"],
      [["--ordinals=a"], '"a" is not an ordinal'],
      [["--ordinals=1", "--stage=1"], "--stage is for a change of the template"],
      [["--ordinals=1", "--wait=false"], "it has to wait"],
    ] as const) {
      expect((await ends(scenario, 2, ...restart, ...flags)).stderr).toContain(message);
    }
    for (const mode of ["client", "server"]) {
      const dry = await ends(scenario, 0, ...restart, "--ordinals=1", `--dry-run=${mode}`);
      expect(dry.stdout).toContain("statefulset.apps/web restarted (");
      expect(dry.stderr).toContain("web-1: at the same revision");
    }
    expect(await replaced(scenario, before)).toEqual([]);
  });
});
