import { randomBytes, randomUUID } from "node:crypto";
import type { TokenUser } from "./api/authentication.js";
import { createCertificate } from "./api/certificate.js";
import { inProcessPort } from "./api/in-process.js";
import { listen } from "./api/listen.js";
import type { LogSource } from "./api/objects.js";
import { apiServer, type ApiServerOptions } from "./api/server.js";
import { Watches } from "./api/watches.js";
import { startControllers, type Gates } from "./controllers/index.js";
import { sandboxKinds } from "./kinds/registry.js";
import { kubeconfigOf } from "./kubeconfig.js";
import { trackFields } from "./patch/managed-fields.js";
import type { ClusterPort } from "./port.js";
import { seed } from "./seed.js";
import { systemClock, type Clock } from "./simulator/clock.js";
import { startSimulator } from "./simulator/index.js";
import { Resources } from "./store/resources.js";
import { Store } from "./store/store.js";

export type { TokenUser } from "./api/authentication.js";
export { StatusError } from "./store/status.js";

export interface SandboxOptions {
  /** `1.36` or `1.37`; decides on feature gates and on texts of errors. */
  kubernetesVersion?: string | undefined;
  /** Feature gates that differ from the version's defaults. */
  gates?: Partial<Gates> | undefined;
  /** How many times faster than life the simulated world is; 1 when left out. Changes no order. */
  speed?: number | undefined;
  /** Who may speak to the server besides its administrator; roles and bindings say what they may do. */
  users?: readonly TokenUser[] | undefined;
  /** Any free one when left out. */
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
  /** Called before each request over HTTP is served: what it throws is answered, what it waits for delays it. */
  intercept?: ApiServerOptions["intercept"];
}

/** A Kubernetes cluster within this process: API server, controllers and simulated machines. */
export interface Sandbox {
  /** `https://127.0.0.1:41235` */
  readonly server: string;
  /** Of the administrator. */
  readonly token: string;
  readonly caPem: string;
  /** The cluster without HTTP in between, as an administrator. */
  readonly port: ClusterPort;
  /** A kubeconfig for the administrator, or for the owner of another token. */
  kubeconfig(token?: string): string;
  /** Forgets the history, so that watches that resume from before now get 410. */
  compact(): void;
  /** Cuts every open watch. */
  dropWatches(): void;
  stop(): Promise<void>;
}

const admin = { name: "kubernetes-admin", groups: ["system:masters"] };

/** Starts a sandbox. Resolves when it is ready to be used. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { kubernetesVersion = "1.37", clock = systemClock, users = [], storageClasses = true } = options;
  const token = randomBytes(24).toString("base64url");
  const certificate = createCertificate(clock.now());
  const store = new Store({ history: options.history });
  const resources = new Resources(sandboxKinds(), store, {
    now: () => clock.now(),
    random: Math.random,
    newUid: randomUUID,
    kubernetesVersion,
    gates: options.gates,
    trackFields,
  });
  await seed(inProcessPort(resources, "kube-apiserver"), storageClasses);
  const world = await startWorld(resources, { ...options, kubernetesVersion, clock });
  const watches = new Watches(options.bookmarkMilliseconds);
  const everybody = [{ ...admin, token }, ...users];
  const listening = await listen(await certificate, options.port ?? 0, (address) =>
    apiServer({
      resources,
      watches,
      logs: world.logs,
      users: everybody,
      address,
      kubernetesVersion,
      intercept: options.intercept,
    }),
  );
  const server = `https://${listening.address}`;
  const { cert: caPem } = await certificate;
  return {
    server,
    token,
    caPem,
    port: inProcessPort(resources, "sts-sandbox"),
    kubeconfig: (of = token) => kubeconfigOf("sts-sandbox", server, caPem, of),
    compact: () => store.compact(),
    dropWatches: () => watches.drop(),
    stop: async () => {
      world.stop();
      await listening.close();
    },
  };
}

interface World {
  logs: LogSource;
  stop(): void;
}

/** Everything that acts on its own. */
async function startWorld(
  resources: Resources,
  options: SandboxOptions & { kubernetesVersion: string; clock: Clock },
): Promise<World> {
  const { clock, kubernetesVersion, speed = 1, nodes, gates = {} } = options;
  const controllers = await startControllers(inProcessPort(resources, "kube-controller-manager"), {
    clock,
    speed,
    kubernetesVersion,
    gates,
  });
  const simulator = await startSimulator(inProcessPort(resources, "sandbox-simulator"), {
    scheduler: true,
    speed,
    clock,
    ...(nodes !== undefined && { nodes }),
  });
  return {
    logs: (namespace, pod, request) => simulator.logs(namespace, pod, request),
    stop() {
      simulator.stop();
      controllers.stop();
    },
  };
}
