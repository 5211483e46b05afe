import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inProcessPort } from "../../../src/sandbox/api/in-process.js";
import { startControllers } from "../../../src/sandbox/controllers/index.js";
import { sandboxKinds } from "../../../src/sandbox/kinds/registry.js";
import type { ClusterPort } from "../../../src/sandbox/port.js";
import { systemClock } from "../../../src/sandbox/simulator/clock.js";
import { startSimulator } from "../../../src/sandbox/simulator/index.js";
import { Resources } from "../../../src/sandbox/store/resources.js";
import { Store } from "../../../src/sandbox/store/store.js";
import {
  type ControlPlane,
  findAssets,
  missingAssets,
  startControlPlane,
} from "../../support/control-plane/index.js";
import { storageClass } from "./fixtures.js";
import { scenarios } from "./scenarios.js";
import { namespace, Stage } from "./stage.js";

const speed = 20;

/**
 * What two lists of events have to agree on. The real controller writes whole claims, and now and then meets a conflict:
 * it then says nothing of the pod that it made. Which message a combined event has is left to chance.
 */
function comparable(events: string[], others: string[]): string[] {
  const isConflict = (event: string) =>
    event.startsWith("FailedUpdate") && event.includes("has been modified");
  const pods = [...events, ...others]
    .filter(isConflict)
    .flatMap((event) => /Pod (\S+) in/.exec(event)?.[1] ?? []);
  const isLeftOut = (event: string) =>
    isConflict(event) ||
    event.includes("(combined from") ||
    pods.some((pod) => event.includes(`Create Pod ${pod} `));
  return events.filter((event) => !isLeftOut(event)).sort();
}

async function sandbox(): Promise<{ port: ClusterPort; stop(): void }> {
  let uid = 0;
  const newUid = () => `00000000-0000-4000-8000-${String(++uid).padStart(12, "0")}`;
  const env = { now: Date.now, random: Math.random, newUid, kubernetesVersion: "1.37" };
  const port = inProcessPort(new Resources(sandboxKinds(), new Store(), env), "test");
  await port.create("namespaces", { metadata: { name: namespace } });
  const controllers = await startControllers(port, { clock: systemClock, kubernetesVersion: "1.37" });
  const simulator = await startSimulator(port, { scheduler: true, speed });
  return { port, stop: () => [simulator, controllers].forEach((each) => each.stop()) };
}

const assets = findAssets();

describe.skipIf(!assets)(
  `the controllers against a real control plane (${assets ? "found" : missingAssets})`,
  () => {
    let plane: ControlPlane;
    const stages: Stage[] = [];
    const stops: (() => void)[] = [];

    beforeAll(async () => {
      plane = await startControlPlane({ speed });
      const local = await sandbox();
      stops.push(local.stop);
      for (const [name, { port }] of Object.entries({ sandbox: local, plane })) {
        const stage = new Stage(name, port);
        await port.create("storageclasses", storageClass("disk"));
        await port.create(
          "storageclasses",
          storageClass("late", { volumeBindingMode: "WaitForFirstConsumer" }),
        );
        stops.push(await stage.watch());
        stages.push(stage);
      }
    }, 60_000);

    afterAll(async () => {
      for (const stop of stops) stop();
      await plane?.stop();
    }, 30_000);

    it.each(Object.keys(scenarios))("%s", { timeout: 90_000 }, async (name) => {
      const results = await Promise.all(
        stages.map(async (stage) => {
          await scenarios[name]?.(stage);
          const result = await stage.result();
          await stage.clear();
          return result;
        }),
      );
      const [ours, real] = results;
      if (!ours || !real) throw new Error("two clusters are to be compared");
      const events = [comparable(ours.events, real.events), comparable(real.events, ours.events)];
      expect({ ...ours, events: events[0] }).toEqual({ ...real, events: events[1] });
    });
  },
);
