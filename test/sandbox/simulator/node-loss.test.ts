import { expect, it } from "vitest";
import type { AnyObject, ClusterPort, PortEvent } from "../../../src/sandbox/port.js";
import { systemClock } from "../../../src/sandbox/simulator/clock.js";
import type { Machine } from "../../../src/sandbox/simulator/machine.js";
import { startNodeLifecycle } from "../../../src/sandbox/simulator/node-loss.js";
import { World } from "../../../src/sandbox/simulator/world.js";

it("a node that is uncordoned before the answer to its taint is there loses the taint again", async () => {
  const node = (version: number, spec: object) =>
    ({
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: "node-0", uid: "n", resourceVersion: String(version) },
      spec,
    }) as unknown as AnyObject;
  let tell = (_event: PortEvent): void => undefined;
  const patches: object[] = [];
  let done = (): void => undefined;
  const both = new Promise<void>((resolve) => (done = resolve));
  const port = {
    watch: async (resource: string, handler: typeof tell) => {
      if (resource === "nodes") tell = handler;
      return () => undefined;
    },
    patch: async (_resource: string, _target: object, { spec }: { spec: { taints: object[] } }) => {
      patches.push(spec.taints.map((taint) => ({ ...taint, timeAdded: "" })));
      if (patches.length === 2) done();
      if (patches.length > 1) return node(4, spec);
      const tainted = node(2, { unschedulable: true, ...spec });
      // Over the network the watch may be faster than the answer.
      tell({ type: "MODIFIED", object: tainted });
      tell({ type: "MODIFIED", object: node(3, spec) });
      return tainted;
    },
  } as unknown as ClusterPort;
  const world = new World(port);
  await world.start();
  const machine: Machine = { world, say: () => undefined, clock: systemClock, speed: 1_000 };
  const stop = startNodeLifecycle(machine);
  tell({ type: "ADDED", object: node(1, { unschedulable: true }) });
  await both;
  stop();
  expect(patches).toEqual([
    [{ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule", timeAdded: "" }],
    [],
  ]);
});
