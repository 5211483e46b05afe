import { afterAll, beforeAll, expect, it } from "vitest";
import type { Cluster, Patch } from "../../../src/cluster/cluster.js";
import { abortStaging } from "../../../src/commands/rollout/abort.js";
import { kinds } from "../../../src/core/kinds.js";
import type { StatefulSet } from "../../../src/core/model.js";
import { partitionOf } from "../../../src/core/rollout/partition.js";
import { stagingOf } from "../../../src/core/rollout/staging.js";
import { startSandboxed, type Sandboxed } from "../../support/sandboxed.js";
import { testContext } from "../../support/test-context.js";

let world: Sandboxed;
beforeAll(async () => {
  world = await startSandboxed({ speed: 200 });
});
afterAll(() => world.stop());

const read = (name: string): Promise<StatefulSet> => world.cluster.get(kinds.statefulSet, { name });

/** A staged set whose abort meets annotations of somebody else's just before its second patch is sent. */
async function meetBeforeTheEnd(name: string, annotations: (set: StatefulSet) => Record<string, string>) {
  await world.run(["create", name, "--image=nginx:1", "--replicas=2"]);
  await world.run(["set", "image", name, "nginx=nginx:2", "--stage=1"]);
  const patch = async (kind: typeof kinds.statefulSet, ref: object, sent: Patch): Promise<unknown> => {
    if (sent.type === "merge") {
      const body = { metadata: { annotations: annotations(await read(name)) } };
      await world.cluster.patch(kind, { name }, { type: "merge", body });
    }
    return world.cluster.patch(kind, { name, ...ref }, sent);
  };
  const cluster = new Proxy<Cluster>(world.cluster, {
    get(target, key) {
      const member = Reflect.get(target, key) as unknown;
      if (key === "patch") return patch;
      return typeof member === "function" ? (member.bind(target) as unknown) : member;
    },
    set: (target, key, value) => Reflect.set(target, key, value),
  });
  const wait = { wait: true, timeout: 30_000, stallTimeout: undefined, failFast: true, progress: "none" };
  const options = { connection: {}, dryRun: "none", report: undefined, wait } as const;
  const context = testContext({ cluster });
  return abortStaging(context, cluster, await read(name), options as Parameters<typeof abortStaging>[3]);
}

it("writes nothing more once somebody has taken it over, though only the annotation tells", async () => {
  const holder = { who: "bob@desk", host: "desk", pid: 7, since: "2026-11-21T10:00:00.000Z" };
  const taken = meetBeforeTheEnd("taken", (set) => ({
    "sts/staging": JSON.stringify({ ...stagingOf(set), holder }),
  }));
  await expect(taken).rejects.toThrow("is driven by bob@desk (process 7)");
  const left = await read("taken");
  expect(partitionOf(left)).toBe(1);
  expect(stagingOf(left)).toMatchObject({ aborting: true, holder });
});

it("brings no partition back under a pause, though only the annotation tells", async () => {
  const paused = meetBeforeTheEnd("paused", () => ({ "sts/paused": '{"v":1,"partitionBefore":1}' }));
  await expect(paused).rejects.toThrow("paused is paused: sts rollout resume paused comes first");
  const left = await read("paused");
  expect(partitionOf(left)).toBe(1);
  expect(stagingOf(left)).toMatchObject({ aborting: true });
  expect(stagingOf(left)?.holder).toBeUndefined();
});
