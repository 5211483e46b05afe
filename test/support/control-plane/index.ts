import { generateKeyPairSync } from "node:crypto";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Gateway } from "../../../src/cluster/index.js";
import { kinds } from "../../../src/core/kinds.js";
import type { ClusterPort } from "../../../src/sandbox/port.js";
import { type Simulator, startSimulator } from "../../../src/sandbox/simulator/index.js";
import { overHttp } from "../../../src/sandbox/simulator/over-http.js";
import { eventually } from "../eventually.js";
import { openKubeconfig } from "../gateway.js";
import { type Assets, findAssets, missingAssets } from "./assets.js";
import * as flags from "./flags.js";
import { startKubeletServer } from "./kubelet-server.js";
import { freePorts, type ProcessGroup, processGroup } from "./processes.js";

export { findAssets, findProgram, missingAssets } from "./assets.js";

export interface ControlPlaneOptions {
  assets?: Assets | undefined;
  /** `{ MaxUnavailableStatefulSet: false }` */
  featureGates?: Readonly<Record<string, boolean>>;
  /** How much faster than life the simulated kubelets and provisioner are. */
  speed?: number;
  /** Users besides the administrator, who may do nothing until a test gives them a role. */
  users?: readonly string[];
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

const admin = "admin";
const tokenOf = (user: string) => `token-of-${user}`;

/** Starts one, which takes about 5 s. Throws, with the logs kept, when it does not come up. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const assets = options.assets ?? findAssets();
  if (!assets) throw new Error(missingAssets);
  const [etcdClient = 0, etcdPeer = 0, api = 0] = await freePorts(3);
  const directory = mkdtempSync(path.join(tmpdir(), "sts-control-plane-"));
  const logs = path.join(directory, "logs");
  const group = start(assets, { directory, etcdClient, etcdPeer, api }, logs, options);
  try {
    const plane = await attach(group, { server: `https://127.0.0.1:${api}`, directory, logs, options });
    group.start(assets["kube-controller-manager"], [
      ...flags.controllerManagerFlags(path.join(directory, admin)),
      ...flags.featureGateFlags(options.featureGates ?? {}),
    ]);
    group.start(assets["kube-scheduler"], flags.schedulerFlags(path.join(directory, admin)));
    return plane;
  } catch (error) {
    await group.stop();
    throw new Error(`the control plane did not come up; logs are in ${logs}`, { cause: error });
  }
}

/** Prepares the folder, and starts etcd and the API server. */
function start(
  assets: Assets,
  layout: flags.Layout,
  logs: string,
  options: ControlPlaneOptions,
): ProcessGroup {
  mkdirSync(logs);
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(path.join(layout.directory, "sa.key"), privateKey.export({ type: "pkcs1", format: "pem" }));
  const users = (options.users ?? []).map((user) => `${tokenOf(user)},${user},${user}\n`);
  const tokens = [`${tokenOf(admin)},${admin},${admin},"system:masters"\n`, ...users];
  writeFileSync(path.join(layout.directory, "tokens"), tokens.join(""), { mode: 0o600 });
  const group = processGroup(logs);
  group.start(assets.etcd, flags.etcdFlags(layout));
  const gates = flags.featureGateFlags(options.featureGates ?? {});
  group.start(assets["kube-apiserver"], [...flags.apiServerFlags(layout), ...gates]);
  return group;
}

interface Place {
  server: string;
  directory: string;
  logs: string;
  options: ControlPlaneOptions;
}

/** Waits for the API server and lets the simulator in. */
async function attach(
  group: ProcessGroup,
  { server, directory, logs, options }: Place,
): Promise<ControlPlane> {
  const certificate = path.join(directory, "certs/apiserver.crt");
  const caPem = await eventually("the API server's certificate", () => {
    group.check();
    return readFileSync(certificate, "utf8");
  });
  const kubeconfig = (user = admin) => kubeconfigText({ server, caPem, token: tokenOf(user) });
  const file = path.join(directory, admin);
  writeFileSync(file, kubeconfig(), { mode: 0o600 });
  const gateway = openKubeconfig(file);
  await untilReady(group, gateway);
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
    server,
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
    async stop({ keepLogs = false } = {}) {
      simulator.stop();
      for (const each of [gateway, own]) each.close();
      await Promise.all([group.stop(), kubelet.close()]);
      if (keepLogs) return logs;
      rmSync(directory, { recursive: true, force: true });
      return undefined;
    },
  };
}

async function untilReady(group: ProcessGroup, gateway: Gateway): Promise<void> {
  await eventually("the API server and its namespace default", async () => {
    group.check();
    await gateway.raw("/readyz");
    return gateway.get(kinds.namespace, { name: "default" });
  });
}

/** A kubeconfig as JSON, which YAML includes. */
function kubeconfigText({ server, caPem, token }: { server: string; caPem: string; token: string }): string {
  const name = "control-plane";
  const ca = Buffer.from(caPem).toString("base64");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server, "certificate-authority-data": ca } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  };
  return JSON.stringify(config, undefined, 2);
}
