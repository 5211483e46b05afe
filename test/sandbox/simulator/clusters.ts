import { inProcessPort } from "../../../src/sandbox/api/in-process.js";
import { startControllers } from "../../../src/sandbox/controllers/index.js";
import { sandboxKinds } from "../../../src/sandbox/kinds/registry.js";
import type { ClusterPort } from "../../../src/sandbox/port.js";
import { systemClock } from "../../../src/sandbox/simulator/clock.js";
import { startSimulator, type Simulator } from "../../../src/sandbox/simulator/index.js";
import { Resources } from "../../../src/sandbox/store/resources.js";
import { Store } from "../../../src/sandbox/store/store.js";
import { startControlPlane } from "../../support/control-plane/index.js";

export interface TestCluster {
  port: ClusterPort;
  simulator: Simulator;
  /** Ends the simulator as a crash would, and starts another. */
  restartSimulator(): Promise<void>;
  stop(failed: boolean): Promise<void>;
}

const speed = 50;

/** The sandbox's store and controllers in this process, with the simulator as their scheduler, too. */
export async function inProcess(): Promise<TestCluster> {
  const { random } = Math;
  const now = () => systemClock.now();
  const env = { now, random, newUid: () => crypto.randomUUID(), kubernetesVersion: "1.37" };
  const resources = new Resources(sandboxKinds(), new Store(), env);
  const port = inProcessPort(resources, "simulator");
  await port.create("namespaces", { metadata: { name: "default" } });
  const controllers = await startControllers(port, { clock: systemClock, kubernetesVersion: "1.37" });
  const start = () => startSimulator(port, { scheduler: true, speed });
  const cluster: TestCluster = {
    port,
    simulator: await start(),
    async restartSimulator() {
      cluster.simulator.stop();
      cluster.simulator = await start();
    },
    async stop() {
      cluster.simulator.stop();
      controllers.stop();
    },
  };
  return cluster;
}

export async function controlPlane(): Promise<TestCluster> {
  const plane = await startControlPlane({ speed });
  const cluster: TestCluster = {
    port: plane.port,
    simulator: plane.simulator,
    async restartSimulator() {
      cluster.simulator.stop();
      cluster.simulator = await startSimulator(plane.port, { scheduler: false, speed });
    },
    async stop(failed) {
      cluster.simulator.stop();
      const logs = await plane.stop({ keepLogs: failed });
      if (logs) console.error(`logs of the control plane are in ${logs}`);
    },
  };
  return cluster;
}
