import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Gateway } from "../../../src/cluster/index.js";
import { kinds } from "../../../src/core/kinds.js";
import { eventually } from "../eventually.js";
import { openKubeconfig } from "../gateway.js";
import { type Assets, findAssets, missingAssets } from "./assets.js";
import * as flags from "./flags.js";
import { freePorts, type ProcessGroup, processGroup } from "./processes.js";

export interface ServerOptions {
  assets?: Assets | undefined;
  /** `{ MaxUnavailableStatefulSet: false }` */
  featureGates?: Readonly<Record<string, boolean>>;
  /** Users besides the administrator, who may do nothing until a test gives them a role. */
  users?: readonly string[];
  /** More flags of the API server, which count instead of the usual ones of the same name. */
  flags?: readonly string[];
}

/** etcd and an API server: a cluster in which nothing happens by itself. */
export interface Server {
  assets: Assets;
  /** `https://127.0.0.1:PORT` */
  url: string;
  caPem: string;
  /** Where its processes keep their files. */
  directory: string;
  logs: string;
  group: ProcessGroup;
  /** The text of a kubeconfig for the administrator or one of the users. */
  kubeconfig(user?: string): string;
  /** Ends every process, by pid. The folder of logs, which it returns, is kept when `keepLogs` says so. */
  stop(options?: { keepLogs?: boolean }): Promise<string | undefined>;
}

export const admin = "admin";
export const tokenOf = (user: string): string => `token-of-${user}`;

/** Starts both, and waits until they answer. Throws, with the logs kept, when they do not come up. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const assets = options.assets ?? findAssets();
  if (!assets) throw new Error(missingAssets);
  const [etcdClient = 0, etcdPeer = 0, api = 0] = await freePorts(3);
  const directory = mkdtempSync(path.join(tmpdir(), "sts-control-plane-"));
  const logs = path.join(directory, "logs");
  const group = start(assets, { directory, etcdClient, etcdPeer, api }, logs, options);
  try {
    const url = `https://127.0.0.1:${api}`;
    const caPem = await untilReady(group, url, directory);
    return {
      ...{ assets, url, caPem, directory, logs, group },
      kubeconfig: (user = admin) => kubeconfigText({ server: url, caPem, token: tokenOf(user) }),
      async stop({ keepLogs = false } = {}) {
        await group.stop();
        if (keepLogs) return logs;
        rmSync(directory, { recursive: true, force: true });
        return undefined;
      },
    };
  } catch (error) {
    await group.stop();
    throw new Error(`the API server did not come up; logs are in ${logs}`, { cause: error });
  }
}

/** Prepares the folder, and starts the processes. */
function start(assets: Assets, layout: flags.Layout, logs: string, options: ServerOptions): ProcessGroup {
  mkdirSync(logs);
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(path.join(layout.directory, "sa.key"), privateKey.export({ type: "pkcs1", format: "pem" }));
  const users = (options.users ?? []).map((user) => `${tokenOf(user)},${user},${user}\n`);
  const tokens = [`${tokenOf(admin)},${admin},${admin},"system:masters"\n`, ...users];
  writeFileSync(path.join(layout.directory, "tokens"), tokens.join(""), { mode: 0o600 });
  const group = processGroup(logs);
  group.start(assets.etcd, flags.etcdFlags(layout));
  group.start(assets["kube-apiserver"], [
    ...flags.apiServerFlags(layout),
    ...flags.featureGateFlags(options.featureGates ?? {}),
    ...(options.flags ?? []),
  ]);
  return group;
}

/** Returns the certificate of the API server's authority. */
async function untilReady(group: ProcessGroup, server: string, directory: string): Promise<string> {
  const certificate = path.join(directory, "certs/apiserver.crt");
  const key = path.join(directory, "certs/apiserver.key");
  const caPem = await eventually("the API server's certificate", () => {
    group.check();
    // It writes its key afterwards: until then the chain may be there by half.
    readFileSync(key);
    return readFileSync(certificate, "utf8");
  });
  const file = path.join(directory, admin);
  writeFileSync(file, kubeconfigText({ server, caPem, token: tokenOf(admin) }), { mode: 0o600 });
  const gateway = openKubeconfig(file);
  try {
    await untilItAnswers(group, gateway);
  } finally {
    gateway.close();
  }
  return caPem;
}

async function untilItAnswers(group: ProcessGroup, gateway: Gateway): Promise<void> {
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
