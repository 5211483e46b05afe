import { describe, expect, it } from "vitest";
import type { Patch } from "../../../src/cluster/cluster.js";
import { pauseSet } from "../../../src/commands/rollout/pausing.js";
import { kinds } from "../../../src/core/kinds.js";
import type { StatefulSet } from "../../../src/core/model.js";
import { partitionOf } from "../../../src/core/rollout/partition.js";
import { heldWhole, pauseOf } from "../../../src/core/rollout/pause.js";
import { ConflictError, InterruptedError } from "../../../src/errors.js";
import { FakeCluster } from "../../support/fake-cluster.js";
import { HandClock } from "../../support/hand-clock.js";
import { makePod, makeSet, type SetOptions } from "../../support/objects.js";
import { testContext } from "../../support/test-context.js";

interface PauseBody {
  metadata: StatefulSet["metadata"];
  spec: StatefulSet["spec"];
}

/** A cluster whose controller is the test: what is patched is there, and not observed before the test says so. */
function start(letters: string, options: SetOptions = {}, wait = {}) {
  const cluster = new FakeCluster();
  const patches: number[] = [];
  let set = makeSet({ replicas: letters.length, update: "b", ...options });
  const show = (changes: Partial<StatefulSet>) => {
    set = { ...set, ...changes };
    cluster.put(kinds.statefulSet, set);
  };
  const pods = (now: string) => {
    [...now].forEach((revision, ordinal) =>
      cluster.put(kinds.pod, makePod(ordinal, "ready", { revision, uid: `${ordinal}${revision}` })),
    );
  };
  const patch = async (_kind: unknown, _ref: unknown, { body }: Patch) => {
    const { metadata, spec } = body as PauseBody;
    patches.push(spec.updateStrategy?.rollingUpdate?.partition ?? -1);
    const generation = (set.metadata.generation ?? 0) + 1;
    show({
      metadata: { ...set.metadata, annotations: metadata.annotations ?? {}, generation },
      spec: { ...set.spec, ...spec },
    });
    return set;
  };
  Object.assign(cluster, { patch });
  const observe = (status: Partial<StatefulSet["status"]> = {}) =>
    show({ status: { ...set.status, observedGeneration: set.metadata.generation ?? 0, ...status } as never });
  show({});
  pods(letters);
  const clock = new HandClock();
  const interruption = new AbortController();
  const context = testContext({ clock, cluster, signal: interruption.signal });
  const waits = { timeout: undefined, stallTimeout: 600_000, ...wait };
  const naming = { program: "sts" };
  const result = pauseSet(context, cluster, set, { dryRun: "none", wait: waits, naming }).catch(
    (error: unknown) => error,
  );
  return { cluster, clock, context, interruption, patches, pods, observe, show, result, now: () => set };
}

describe("pauseSet", () => {
  it("lowers the partition where the next pod was replaced before the controller saw the pause", async () => {
    const pause = start("aaabb");
    await pause.clock.settle();
    expect(pause.patches).toEqual([3]);
    pause.pods("aabbb");
    pause.observe();
    await pause.clock.settle();
    expect(pause.patches).toEqual([3, 2]);
    pause.observe();
    expect(await pause.result).toBe(true);
    expect(partitionOf(pause.now())).toBe(2);
    expect(pauseOf(pause.now())).toEqual({ v: 1, partitionBefore: 0, partition: 2 });
    expect(pause.context.err.text).toContain(
      "replaced just before the pause: partition 3 → 2, web-2 to web-4",
    );
  });

  it("waits until the controller knows the revision of a template that changed a moment ago", async () => {
    const pause = start("aaa", { generation: 2, observed: 1, update: "a" });
    await pause.clock.settle();
    expect(pause.patches).toEqual([]);
    pause.pods("aab");
    pause.observe({ updateRevision: "web-b" });
    await pause.clock.settle();
    expect(pause.patches).toEqual([2]);
    pause.observe();
    expect(await pause.result).toBe(true);
  });

  it("waits for the status of a rollout whose pods are all done, and then holds it whole", async () => {
    const pause = start("bb");
    await pause.clock.settle();
    expect(pause.patches).toEqual([]);
    pause.observe({ currentRevision: "web-b" });
    await pause.clock.settle();
    expect(pause.patches).toEqual([heldWhole]);
    pause.observe();
    expect(await pause.result).toBe(true);
  });

  it("goes by what there is when that status does not come", async () => {
    const pause = start("bb");
    await pause.clock.settle();
    await pause.clock.advance(10_000);
    expect(pause.patches).toEqual([0]);
  });

  it("writes nothing to a set that is paused already", async () => {
    const annotations = { "sts/paused": '{"v":1,"partitionBefore":1,"partition":2}' };
    const pause = start("aabb", { partition: 2, metadata: { annotations } });
    expect(await pause.result).toBe(false);
    expect(pause.patches).toEqual([]);
    expect(pause.cluster.watched).toEqual([]);
    expect(pause.context.err.text).toBe(
      "default/web: paused (partition 2, 1 before it) already; nothing to change\n",
    );
  });

  it("says who is against it", async () => {
    const pause = start("aab");
    await pause.clock.settle();
    const managedFields = [
      {
        manager: "argocd",
        operation: "Apply",
        fieldsV1: { "f:spec": { "f:updateStrategy": { "f:rollingUpdate": { "f:partition": {} } } } },
      },
    ];
    const { metadata, spec } = pause.now();
    pause.show({
      metadata: { ...metadata, managedFields },
      spec: { ...spec, updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } } },
    });
    pause.observe();
    const error = await pause.result;
    expect(error).toBeInstanceOf(ConflictError);
    expect(String(error)).toContain("argocd changed the partition of default/web just after it was paused");
  });

  it.each([
    [{ timeout: 5_000 }, 3],
    [{ stallTimeout: 5_000 }, 5],
  ])("ends when the controller does not answer: %j", async (wait, exitCode) => {
    const pause = start("aaa", { generation: 2, observed: 1 }, wait);
    await pause.clock.settle();
    await pause.clock.advance(3_000);
    expect(pause.context.err.text).toBe(
      "default/web: waiting for the StatefulSet controller to take its spec up\n",
    );
    await pause.clock.advance(2_000);
    expect(await pause.result).toMatchObject({ exitCode });
  });

  it("ends with the set, and with an interruption", async () => {
    const gone = start("aaa", { generation: 2, observed: 1 });
    await gone.clock.settle();
    gone.cluster.remove(kinds.statefulSet, gone.now());
    expect(String(await gone.result)).toContain("default/web was deleted meanwhile");
    const stopped = start("aaa", { generation: 2, observed: 1 });
    await stopped.clock.settle();
    stopped.interruption.abort(new InterruptedError("SIGINT"));
    expect(await stopped.result).toBeInstanceOf(InterruptedError);
    expect(stopped.cluster.watched).toEqual([]);
  });
});
