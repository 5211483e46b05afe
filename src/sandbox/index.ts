import { randomUUID } from "node:crypto";
import type { TokenUser } from "./api/authentication.js";
import { inProcessPort } from "./api/in-process.js";
import { listen } from "./api/listen.js";
import type { LogSource } from "./api/objects.js";
import { controlServer } from "./api/control.js";
import { apiServer } from "./api/server.js";
import { Watches } from "./api/watches.js";
import { startControllers, type Gates } from "./controllers/index.js";
import { headerOf, identify, type Identity } from "./data/identity.js";
import { Endings } from "./endings.js";
import { expireEvents } from "./event-lifetime.js";
import { sandboxKinds } from "./kinds/registry.js";
import { Faults } from "./faults/faults.js";
import { faulty } from "./faults/listener.js";
import { kubeconfigOf } from "./kubeconfig.js";
import type { LogEntry } from "./log.js";
import { trackFields } from "./patch/managed-fields.js";
import type { ClusterPort } from "./port.js";
import { seed } from "./seed.js";
import { defaultSettings } from "./settings.js";
import { systemClock, type Clock } from "./simulator/clock.js";
import { startSimulator } from "./simulator/index.js";
import { Resources } from "./store/resources.js";
import { Store } from "./store/store.js";

export type { TokenUser } from "./api/authentication.js";
export type { FaultReport, FaultSpec } from "./faults/types.js";
export type { LogEntry, RequestEntry } from "./log.js";
export { StatusError } from "./store/status.js";

export interface SandboxOptions {
  /** A folder that keeps the sandbox over restarts (docs/sandbox.md); what is in it counts, if there is anything. */
  data?: string | undefined;
  /** `1.36` or `1.37`; decides on feature gates and on texts of errors. That of `data`, or the newest, when left out. */
  kubernetesVersion?: string | undefined;
  /** Feature gates that differ from the version's defaults. */
  gates?: Partial<Gates> | undefined;
  /** How many times faster than life the simulated world is; 1 when left out. Changes no order. */
  speed?: number | undefined;
  /** Who may speak to the server besides its administrator; roles and bindings say what they may do. */
  users?: readonly TokenUser[] | undefined;
  /** That of `data` where it is free, or any free one, when left out. */
  port?: number | undefined;
  /** Machines; 3 when left out. */
  nodes?: number | undefined;
  /** False leaves out the default StorageClass. */
  storageClasses?: boolean | undefined;
  /** How many writes a watch can lie behind before it gets 410. */
  history?: number | undefined;
  /** How often a quiet watch is told the newest resourceVersion. */
  bookmarkMilliseconds?: number | undefined;
  clock?: Clock | undefined;
  /** Told of each request over HTTP, of each fault, and of what controllers and machines must try again. */
  log?: ((entry: LogEntry) => void) | undefined;
}

/** A Kubernetes cluster within this process: API server, controllers and simulated machines. */
export interface Sandbox {
  /** `https://127.0.0.1:41235` */
  readonly server: string;
  /** Where it was the last time, when that is another address: its folder says so, and somebody else has the port. */
  readonly formerServer: string | undefined;
  readonly kubernetesVersion: string;
  /** Of the administrator. */
  readonly token: string;
  readonly caPem: string;
  /** The cluster without HTTP in between, as an administrator. */
  readonly port: ClusterPort;
  /** A kubeconfig for the administrator, or for the owner of another token. */
  kubeconfig(token?: string): string;
  /** A bad day, on purpose: what falls upon requests over HTTP, and upon nodes. */
  readonly faults: Faults;
  stop(): Promise<void>;
}

const admin = { name: "kubernetes-admin", groups: ["system:masters"] };

/** Starts a sandbox. Resolves when it is ready to be used; when it cannot be, nothing is left of it. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { clock = systemClock, log } = options;
  const onError = (error: unknown) =>
    log?.({ type: "error", at: clock.now(), text: `data: ${String(error)}` });
  const endings = new Endings();
  try {
    const identity = await identify(options, clock.now(), { onError });
    endings.add(async () => identity.data?.close());
    return await startAs(identity, {
      ...options,
      clock,
      kubernetesVersion: identity.kubernetesVersion,
      endings,
    });
  } catch (error) {
    await endings.run().catch(onError);
    throw error;
  }
}

/** What was asked for, and what came of it so far. */
interface Starting extends SandboxOptions {
  clock: Clock;
  kubernetesVersion: string;
  endings: Endings;
}

async function startAs(identity: Identity, starting: Starting): Promise<Sandbox> {
  const { token, data, certificate } = identity;
  const { clock, kubernetesVersion, storageClasses = defaultSettings.storageClasses, endings } = starting;
  const store = new Store({ history: starting.history, from: data?.found });
  const resources = new Resources(sandboxKinds(kubernetesVersion), store, {
    now: () => clock.now(),
    random: Math.random,
    newUid: randomUUID,
    kubernetesVersion,
    gates: starting.gates,
    trackFields,
  });
  if (!data?.found) await seed(inProcessPort(resources, "kube-apiserver"), storageClasses);
  await data?.keep(headerOf(identity), store);
  const logs = await startWorld(resources, starting);
  const { server, control, faults } = await openNetwork(identity, resources, logs, starting);
  data?.note({ port: portOf(server), controlPort: portOf(control) });
  const { cert: caPem } = certificate;
  return {
    server,
    formerServer: formerServer(identity, server),
    kubernetesVersion,
    token,
    caPem,
    port: inProcessPort(resources, "sts-sandbox"),
    kubeconfig: (of = token) => kubeconfigOf({ name: "sts-sandbox", server, control, caPem, token: of }),
    faults,
    stop: () => endings.run(),
  };
}

function portOf(server: string): number {
  return Number(new URL(server).port);
}

function formerServer({ port }: Identity, server: string): string | undefined {
  return port === undefined || port === portOf(server) ? undefined : `https://127.0.0.1:${port}`;
}

/** What is served over HTTP: the API, with the faults that fall upon it, and their control beside it. */
async function openNetwork(identity: Identity, resources: Resources, logs: LogSource, options: Starting) {
  const { clock, kubernetesVersion, log, users = [], endings } = options;
  const { certificate, token } = identity;
  const { kinds, store } = resources;
  const watches = new Watches(options.bookmarkMilliseconds, clock);
  const faults = new Faults({
    clock,
    port: inProcessPort(resources, "sts-sandbox"),
    dropWatches: () => watches.drop(),
    compact: () => {
      store.compact();
      return watches.expire();
    },
    leave: () => api.leave(),
    note: (text) => log?.({ type: "fault", at: clock.now(), text }),
  });
  const everybody = [{ ...admin, token }, ...users];
  const ports = options.port === undefined ? [identity.port ?? 0, 0] : [options.port];
  const api = await listen(certificate, ports, (address) => {
    const serving = { resources, watches, logs, users: everybody, address, kubernetesVersion };
    return faulty(apiServer(serving), { rules: faults.rules, kinds, clock, log });
  });
  endings.add(() => api.close());
  endings.add(() => faults.close());
  const control = await listen(certificate, [identity.controlPort ?? 0, 0], () =>
    controlServer({ users: everybody, faults, kinds }),
  );
  endings.add(() => control.close());
  return { server: `https://${api.address}`, control: `https://${control.address}`, faults };
}

/** Everything that acts on its own. Returns where the logs of pods are. */
async function startWorld(resources: Resources, options: Starting): Promise<LogSource> {
  const { clock, kubernetesVersion, gates = {}, log, endings } = options;
  const { speed = defaultSettings.speed, nodes = defaultSettings.nodes } = options;
  const onError = (error: unknown, key: string) =>
    log?.({
      type: "error",
      at: clock.now(),
      text: `${key}: ${error instanceof Error ? error.message : String(error)}`,
    });
  const controllers = await startControllers(inProcessPort(resources, "kube-controller-manager"), {
    clock,
    speed,
    kubernetesVersion,
    gates,
    onError,
  });
  endings.add(() => controllers.stop());
  const simulator = await startSimulator(inProcessPort(resources, "sandbox-simulator"), {
    scheduler: true,
    kubernetesVersion,
    speed,
    clock,
    onError,
    nodes,
  });
  endings.add(() => simulator.stop());
  endings.add(expireEvents(resources.store, { clock, speed, onError }));
  return (namespace, pod, request) => simulator.logs(namespace, pod, request);
}
