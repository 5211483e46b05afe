import { appendFileSync } from "node:fs";
import path from "node:path";
import type { ClusterPort } from "../../../src/sandbox/port.js";
import { type Simulator, startSimulator } from "../../../src/sandbox/simulator/index.js";
import { overHttp } from "../../../src/sandbox/simulator/over-http.js";
import { openKubeconfig } from "../gateway.js";
import * as flags from "./flags.js";
import { startKubeletServer } from "./kubelet-server.js";
import { admin, type Server, type ServerOptions, startServer, tokenOf } from "./server.js";

export { findAssets, findProgram, missingAssets } from "./assets.js";

export interface ControlPlaneOptions extends ServerOptions {
  /** How much faster than life the simulated kubelets and provisioner are. */
  speed?: number;
}

/** A real Kubernetes control plane of this machine, with simulated nodes, kubelets and volumes. */
export interface ControlPlane {
  /** `https://127.0.0.1:PORT` */
  server: string;
  caPem: string;
  adminToken: string;
  /** The cluster as the administrator reaches it. */
  port: ClusterPort;
  simulator: Simulator;
  /** Throws for a user who is not one of the options' `users`. */
  userToken(name: string): string;
  /** The text of a kubeconfig for the administrator or one of the users. */
  kubeconfig(user?: string): string;
  /** Ends every process, by pid. The folder of logs, which it returns, is kept when `keepLogs` says so. */
  stop(options?: { keepLogs?: boolean }): Promise<string | undefined>;
}

/** Starts one, which takes about 5 s. Throws, with the logs kept, when it does not come up. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const server = await startServer(options);
  try {
    const plane = await populate(server, options);
    const config = path.join(server.directory, admin);
    server.group.start(server.assets["kube-controller-manager"], [
      ...flags.controllerManagerFlags(config),
      ...flags.featureGateFlags(options.featureGates ?? {}),
    ]);
    server.group.start(server.assets["kube-scheduler"], flags.schedulerFlags(config));
    return plane;
  } catch (error) {
    await server.stop({ keepLogs: true });
    throw new Error(`the control plane did not come up; logs are in ${server.logs}`, { cause: error });
  }
}

/** Lets the simulator in. */
async function populate(server: Server, options: ControlPlaneOptions): Promise<ControlPlane> {
  const { directory, logs, caPem, kubeconfig } = server;
  const file = path.join(directory, admin);
  const gateway = openKubeconfig(file);
  const own = openKubeconfig(file); // its watches take connections that tests need
  const kubelet = await startKubeletServer((namespace, pod, request) =>
    simulator.logs(namespace, pod, request),
  );
  const simulator: Simulator = await startSimulator(overHttp(own), {
    scheduler: false,
    kubelet,
    speed: options.speed ?? 20,
    onError: (error, key) => appendFileSync(path.join(logs, "simulator.log"), `${key}: ${String(error)}\n`),
  });

  return {
    server: server.url,
    caPem,
    adminToken: tokenOf(admin),
    port: overHttp(gateway),
    simulator,
    userToken(name) {
      if (!options.users?.includes(name))
        throw new Error(`the control plane was started without a user ${name}`);
      return tokenOf(name);
    },
    kubeconfig,
    async stop(how) {
      simulator.stop();
      for (const each of [gateway, own]) each.close();
      const [logsKept] = await Promise.all([server.stop(how), kubelet.close()]);
      return logsKept;
    },
  };
}
