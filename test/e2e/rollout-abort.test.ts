import { readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import type { StatefulSet } from "../../src/core/model.js";
import { stagingAnnotation, stagingOf, type Staging } from "../../src/core/rollout/staging.js";
import { it, type Scenario } from "./support/cluster.js";
import { createWeb } from "./support/sets.js";
import { ends, images, names, order, podsOf } from "./support/walk.js";

/** Starts take as long as `slow` says, so that a test comes to write and kill in between. */
async function create(scenario: Scenario, shape: { slow?: string; partition?: number } = {}): Promise<void> {
  const { slow, partition = 0 } = shape;
  const updateStrategy = { type: "RollingUpdate", rollingUpdate: { partition } };
  await createWeb(scenario, { replicas: 4, updateStrategy }, slow ? { "sandbox/slow": slow } : {});
}

const setImage = (scenario: Scenario, code: number, tag: string, ...flags: string[]) =>
  ends(scenario, code, "set", "image", "web", `nginx=nginx:${tag}`, ...flags);

const abort = (scenario: Scenario, code: number, ...flags: string[]) =>
  ends(scenario, code, "rollout", "abort", "web", ...flags);

/** Pods that are other ones than before. */
async function replaced(
  scenario: Scenario,
  before: Map<string, { metadata: { uid: string } }>,
): Promise<string[]> {
  const after = await podsOf(scenario);
  return names(before.keys()).filter(
    (name) => after.get(name)?.metadata.uid !== before.get(name)?.metadata.uid,
  );
}

async function read(scenario: Scenario): Promise<StatefulSet> {
  const set = await scenario.read(kinds.statefulSet, "web");
  if (!set) throw new Error("the set is gone");
  return set;
}

const partitionOf = ({ spec }: StatefulSet) => spec.updateStrategy?.rollingUpdate?.partition;

async function expectAborted(scenario: Scenario, partition = 0): Promise<void> {
  const set = await read(scenario);
  expect(set.metadata.annotations?.[stagingAnnotation]).toBeUndefined();
  expect(partitionOf(set)).toBe(partition);
  expect(set.spec.template.spec?.containers[0]?.image).toBe("nginx:1");
  expect(await images(scenario)).toBe("1 1 1 1");
}

async function annotate(scenario: Scenario, staging: Partial<Staging>): Promise<void> {
  const annotations = { [stagingAnnotation]: JSON.stringify(staging) };
  const ref = { namespace: scenario.namespace, name: "web" };
  await scenario.cluster.patch(kinds.statefulSet, ref, {
    type: "merge",
    body: { metadata: { annotations } },
  });
}

/** Waits until the first patch is there: the template is back, and the partition is not. */
const halfway = (scenario: Scenario) =>
  scenario.until("the abort to have begun", kinds.statefulSet, (sets) => {
    const set = sets.get("web");
    return set && stagingOf(set)?.aborting && set.spec.template.spec?.containers[0]?.image === "nginx:1";
  });

describe("rollout abort", () => {
  it("replaces the broken canary and nothing else", async ({ scenario }) => {
    await create(scenario);
    const bad = await setImage(scenario, 4, "crash-loop", "--stage=1");
    expect(bad.stderr).toMatch(/^ {2}go back +sts rollout abort web$/m);
    const before = await podsOf(scenario);
    const rehearsed = await abort(scenario, 0, "--dry-run=server");
    expect(rehearsed.stdout).toBe("statefulset.apps/web aborted (server dry run)\n");
    expect(stagingOf(await read(scenario))?.aborting).toBeUndefined();

    const aborted = await abort(scenario, 0, "--report=report.json");
    expect(aborted.stdout).toBe("statefulset.apps/web aborted\n");
    expect(aborted.stderr).toContain("back to revision 1: web-3\n  left alone: web-0 to web-2\n");
    expect(aborted.stderr).toContain("web-3: deleted, as it is broken at an old revision");
    expect(aborted.stderr).toContain("partition 3 → 0; the staging is over");
    expect(order(aborted, "ready")).toEqual(["web-3"]);
    expect(await replaced(scenario, before)).toEqual(["web-3"]);
    await expectAborted(scenario);
    const report = JSON.parse(readFileSync(path.join(scenario.directory, "report.json"), "utf8"));
    expect(report.rollouts).toMatchObject([{ set: "web", state: "Done", parts: [{}, {}] }]);

    const again = await abort(scenario, 0);
    expect(again).toMatchObject({ stdout: "statefulset.apps/web unchanged\n" });
    expect(again.stderr).toContain("nothing is staged");
    expect(await replaced(scenario, before)).toEqual(["web-3"]);
  });

  it("gives healthy staged pods back too, and the partition from before", async ({ scenario }) => {
    await create(scenario, { partition: 1 });
    await setImage(scenario, 0, "2", "--stage=2");
    expect(await images(scenario)).toBe("1 1 2 2");
    const before = await podsOf(scenario);
    const aborted = await abort(scenario, 0);
    expect(order(aborted, "ready")).toEqual(["web-3", "web-2"]);
    expect(aborted.stderr).not.toContain("deleted, as it is broken");
    expect(await replaced(scenario, before)).toEqual(["web-2", "web-3"]);
    await expectAborted(scenario, 1);
  });

  it("is finished by running it again when it was killed between its patches", async ({ scenario }) => {
    await create(scenario, { slow: "20s" });
    await setImage(scenario, 0, "2", "--stage=1");
    const before = await podsOf(scenario);
    const killed = scenario.start(["rollout", "abort", "web"]);
    await halfway(scenario);
    expect((await abort(scenario, 6)).stderr).toContain(`(process ${killed.pid})`);
    killed.kill("SIGKILL");
    await killed.ended;
    const left = await read(scenario);
    expect(partitionOf(left)).toBe(3);
    expect(stagingOf(left)).toMatchObject({
      aborting: true,
      partitionBefore: 0,
      holder: { pid: killed.pid },
    });
    const other = await ends(scenario, 7, "rollout", "stage", "web", "--canary=2");
    expect(other.stderr).toContain("sts rollout abort web");

    const finished = await abort(scenario, 0);
    expect(finished.stdout).toBe("statefulset.apps/web aborted\n");
    expect(await replaced(scenario, before)).toEqual(["web-3"]);
    await expectAborted(scenario);
    expect((await read(scenario)).metadata.generation).toBe((left.metadata.generation ?? 0) + 1);
  });

  it("is left unfinished by --timeout and by Ctrl-C, and says how to go on", async ({ scenario }) => {
    await create(scenario, { slow: "40s" });
    await setImage(scenario, 0, "2", "--stage=1");
    const late = await abort(scenario, 3, "--timeout=1s");
    expect(late.stdout).toBe("");
    expect(late.stderr).toMatch(/^ {2}watch again +sts rollout abort web$/m);
    const left = stagingOf(await read(scenario));
    expect(left).toMatchObject({ aborting: true });
    expect(left?.holder).toBeUndefined();

    const stopped = scenario.start(["rollout", "abort", "web"]);
    await stopped.untilWritten(/back to revision/);
    stopped.kill("SIGINT");
    const { code, stderr } = await stopped.ended;
    expect(code, stderr).toBe(130);
    expect(stderr).toMatch(/^ {2}watch again +sts rollout abort web$/m);
    expect(stagingOf(await read(scenario))?.holder).toBeUndefined();
    await abort(scenario, 0);
    await expectAborted(scenario);
  });

  it("ends with a conflict when somebody else changes the template", async ({ scenario }) => {
    await create(scenario, { slow: "20s" });
    await setImage(scenario, 0, "2", "--stage=1");
    const running = scenario.start(["rollout", "abort", "web"]);
    await halfway(scenario);
    const containers = [{ name: "nginx", image: "nginx:3" }];
    const body = { spec: { template: { spec: { containers } } } };
    const ref = { namespace: scenario.namespace, name: "web" };
    await scenario.cluster.patch(kinds.statefulSet, ref, { type: "strategic", body });
    const { code, stderr } = await running.ended;
    expect(code, stderr).toBe(6);
    expect(stderr).toMatch(/changed the pod template meanwhile/);
    expect(partitionOf(await read(scenario))).toBe(3);
    // Again, by somebody who knows: what came in between goes back as well.
    await abort(scenario, 0);
    await expectAborted(scenario);
  });
});

describe("rollout abort is refused", () => {
  it("while another process drives the staging, until that is taken over", async ({ scenario }) => {
    await create(scenario);
    await setImage(scenario, 0, "2", "--stage=1");
    const staging = stagingOf(await read(scenario));
    const holder = {
      who: "bob@here",
      host: os.hostname(),
      pid: process.pid,
      since: "2026-11-21T10:00:00.000Z",
    };
    await annotate(scenario, { ...staging, holder });
    const refused = await abort(scenario, 6);
    expect(refused.stderr).toContain(`is driven by bob@here (process ${process.pid})`);
    expect(stagingOf(await read(scenario))?.aborting).toBeUndefined();
    await abort(scenario, 0, "--take-over");
    await expectAborted(scenario);
  });

  it("while the set is paused, and without the wait that it needs", async ({ scenario }) => {
    await create(scenario);
    await setImage(scenario, 0, "2", "--stage=1");
    const hasty = await abort(scenario, 2, "--wait=false");
    expect(hasty.stderr).toContain("abort has to wait");
    const body = { metadata: { annotations: { "sts/paused": '{"v":1,"partitionBefore":3}' } } };
    const ref = { namespace: scenario.namespace, name: "web" };
    await scenario.cluster.patch(kinds.statefulSet, ref, { type: "merge", body });
    expect((await abort(scenario, 7)).stderr).toContain("sts rollout resume web");
    expect(await images(scenario)).toBe("1 1 1 2");
  });

  it("where nothing tells what was there before, unless pods are held at it", async ({ scenario }) => {
    await create(scenario);
    await annotate(scenario, { partitionBefore: 0 });
    const lost = await abort(scenario, 1);
    expect(lost.stderr).toContain("sts rollout undo web --to-revision=N");
    await setImage(scenario, 0, "2", "--stage=1");
    expect(stagingOf(await read(scenario))?.revisionBefore).toBeUndefined();
    await abort(scenario, 0);
    await expectAborted(scenario);
  });
});
