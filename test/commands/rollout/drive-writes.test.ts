import { describe, expect, it } from "vitest";
import type { Patch } from "../../../src/cluster/cluster.js";
import { ApiError } from "../../../src/cluster/errors.js";
import { DriveWrites } from "../../../src/commands/rollout/drive-writes.js";
import { kinds } from "../../../src/core/kinds.js";
import type { StatefulSet } from "../../../src/core/model.js";
import { ConflictError } from "../../../src/errors.js";
import { FakeCluster } from "../../support/fake-cluster.js";
import { makeSet } from "../../support/objects.js";
import { testContext } from "../../support/test-context.js";

const plan = { steps: [1, 2], onFailure: "pause" } as const;
const step = (index: number, partition: number) => ({ index, partition, updated: [], moved: [] }) as never;

/** A staging that this process drives, which somebody pauses without moving the partition. */
async function paused() {
  const cluster = new FakeCluster();
  const patches: object[] = [];
  let set = makeSet({ partition: 3 });
  const put = (changed: StatefulSet) => {
    set = changed;
    cluster.put(kinds.statefulSet, set);
    return set;
  };
  const patch = async (_kind: unknown, _ref: unknown, { body }: Patch): Promise<StatefulSet> => {
    const { metadata, spec } = body as StatefulSet;
    if (metadata.resourceVersion !== set.metadata.resourceVersion) {
      throw new ApiError({ code: 409, reason: "Conflict", message: "the object has been modified" });
    }
    patches.push(body);
    const annotations = { ...set.metadata.annotations, ...metadata.annotations };
    return put({ ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, ...spec } });
  };
  Object.assign(cluster, { patch });
  put(set);
  const { clock, machine } = testContext();
  const asking = { machine, naming: { program: "kubectl sts", namespace: "prod" }, takeOver: false };
  const writes = new DriveWrites(clock, cluster, { ...plan, steps: [...plan.steps] }, asking);
  const begun = { set, step: step(0, 2), template: () => undefined };
  const driven = await writes.begin(begun);
  const annotations = { ...driven.metadata.annotations, "sts/paused": '{"v":1,"partitionBefore":2}' };
  put({ ...driven, metadata: { ...driven.metadata, annotations, resourceVersion: "2" } });
  return { writes, driven, patches };
}

describe("who drives a staging", () => {
  it("does not go on with a write that was decided before a pause", async () => {
    const { writes, driven, patches } = await paused();
    await expect(writes.advance(driven, step(1, 1))).rejects.toThrow(ConflictError);
    await expect(writes.finish(driven)).rejects.toThrow(
      "web was paused meanwhile: kubectl sts rollout resume web -n prod comes first",
    );
    expect(patches).toHaveLength(1);
  });

  it("lets go of it all the same", async () => {
    const { writes, patches } = await paused();
    await writes.release();
    expect(patches).toHaveLength(2);
  });
});
