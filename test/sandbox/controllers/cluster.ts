import { inProcessPort } from "../../../src/sandbox/api/in-process.js";
import { type Gates, startControllers } from "../../../src/sandbox/controllers/index.js";
import { sandboxKinds } from "../../../src/sandbox/kinds/registry.js";
import type { AnyObject, ClusterPort, PortDeleteOptions } from "../../../src/sandbox/port.js";
import { Resources } from "../../../src/sandbox/store/resources.js";
import { Store } from "../../../src/sandbox/store/store.js";
import { ManualClock } from "./manual-clock.js";

export interface ClusterOptions {
  kubernetesVersion?: string;
  gates?: Partial<Gates>;
  /** Resources that the API takes as they come: for what only a gate of the API server would let in. */
  unvalidated?: string[];
}

/** The sandbox's API with its controllers; nodes, kubelets and provisioners are played by hand. */
export class TestCluster {
  readonly clock = new ManualClock();
  readonly failures: string[] = [];
  /** What happened to pods and claims, in order: `+web-0`, `-web-0` (deletion asked for). */
  readonly trace: string[] = [];

  private constructor(
    readonly port: ClusterPort,
    readonly store: Store,
  ) {}

  static async start(options: ClusterOptions = {}): Promise<TestCluster> {
    const { kubernetesVersion = "1.37", gates = {}, unvalidated = [] } = options;
    let uid = 0;
    const store = new Store();
    const env = {
      now: () => cluster.clock.now(),
      random: Math.random,
      newUid: () => `uid-${++uid}`,
      kubernetesVersion,
    };
    const kinds = sandboxKinds().map((kind) =>
      unvalidated.includes(kind.resource) ? { ...kind, validate: () => [] } : kind,
    );
    const resources = new Resources(kinds, store, env);
    const cluster = new TestCluster(
      refusable(inProcessPort(resources, "test"), (...write) => cluster.refuse(...write)),
      store,
    );
    await cluster.port.create("namespaces", { metadata: { name: "default" } });
    const onError = (error: unknown, key: string) => cluster.failures.push(`${key}: ${String(error)}`);
    const { stop } = await startControllers(cluster.port, {
      clock: cluster.clock,
      kubernetesVersion,
      gates,
      onError,
    });
    cluster.stop = stop;
    await cluster.#follow();
    return cluster;
  }

  stop: () => void = () => undefined;

  /** Refuses writes on purpose: gives the error for those that are to fail. */
  refuse: (verb: "create" | "update", resource: string) => Error | undefined = () => undefined;

  async #follow(): Promise<void> {
    const terminating = new Set<string>();
    for (const resource of ["pods", "persistentvolumeclaims"]) {
      await this.port.watch(resource, ({ type, object: { metadata } }) => {
        if (type === "ADDED") this.trace.push(`+${metadata.name}`);
        const going = type === "DELETED" || metadata.deletionTimestamp !== undefined;
        if (!going || terminating.has(metadata.uid)) return;
        terminating.add(metadata.uid);
        this.trace.push(`-${metadata.name}`);
      });
    }
  }

  /** Waits until nothing moves any more, retries included; time passes by 50 ms at the most. */
  async settle(): Promise<void> {
    for (let quiet = 0, last = this.store.revision; quiet < 30; quiet += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      if (quiet === 15) this.clock.advance(50);
      if (this.store.revision !== last) quiet = 0;
      last = this.store.revision;
    }
  }

  async pass(seconds: number): Promise<void> {
    this.clock.advance(seconds * 1_000);
    await this.settle();
  }

  async create(resource: string, object: object): Promise<AnyObject> {
    const created = await this.port.create(resource, object);
    await this.settle();
    return created;
  }

  async patch(resource: string, name: string, patch: object, subresource?: string): Promise<void> {
    await this.port.patch(resource, { namespace: "default", name }, patch, subresource);
    await this.settle();
  }

  async delete(resource: string, name: string, options: PortDeleteOptions = {}): Promise<void> {
    await this.port.delete(resource, { namespace: "default", name }, options);
    await this.settle();
  }

  find(resource: string, name: string): Promise<AnyObject | undefined> {
    return this.port.get(resource, { namespace: "default", name });
  }

  async get(resource: string, name: string): Promise<AnyObject> {
    const object = await this.find(resource, name);
    if (!object) throw new Error(`no ${resource} ${name}`);
    return object;
  }

  async names(resource: string): Promise<string[]> {
    return (await this.port.list(resource)).map(({ metadata }) => metadata.name).sort();
  }

  async status(set = "web"): Promise<AnyObject["status"]> {
    return (await this.get("statefulsets", set)).status;
  }

  /** `web-0@1`: each pod with the number of its revision; `!` marks one that is terminating. */
  async pods(): Promise<string[]> {
    const revisions = await this.port.list("controllerrevisions");
    const numbers = new Map(revisions.map(({ metadata, revision }) => [metadata.name, revision]));
    return (await this.port.list("pods")).map(({ metadata }) => {
      const mark = metadata.deletionTimestamp ? "!" : "";
      return `${metadata.name}@${numbers.get(metadata.labels?.["controller-revision-hash"] ?? "")}${mark}`;
    });
  }

  /** Reasons and messages of an object's events, in the order of their first occurrence. */
  async events(about: string): Promise<string[]> {
    const events = await this.port.list("events");
    return events
      .filter(({ involvedObject }) => involvedObject.name === about)
      .map(({ reason, message, count }) => `${reason}: ${message}${count > 1 ? ` (x${count})` : ""}`);
  }

  /** A node and a kubelet take the pod: scheduled, running and, unless said otherwise, ready. */
  async run(name: string, { ready = true, phase = "Running" } = {}): Promise<void> {
    const pod = await this.get("pods", name);
    if (!pod.spec.nodeName) {
      const body = { metadata: { name }, target: { kind: "Node", name: "node-1" } };
      await this.port.post("pods", { namespace: "default", name }, "binding", body);
    }
    const lastTransitionTime = new Date(this.clock.now()).toISOString();
    const condition = { type: "Ready", status: ready ? "True" : "False", lastTransitionTime };
    const status = { phase, podIP: "10.0.0.1", podIPs: [{ ip: "10.0.0.1" }], conditions: [condition] };
    await this.patch("pods", name, { status }, "status");
  }

  /** The kubelet is done with a pod that is being deleted. */
  async end(name: string): Promise<void> {
    await this.delete("pods", name, { gracePeriodSeconds: 0 });
  }

  /** Plays until nothing changes: runs what is pending, ends what is terminating, makes the volumes asked for. */
  async play(): Promise<void> {
    await this.settle();
    for (let acted = true; acted;) {
      acted = false;
      for (const claim of await this.port.list("persistentvolumeclaims"))
        acted = (await this.#provision(claim)) || acted;
      for (const { metadata, status } of await this.port.list("pods")) {
        if (metadata.deletionTimestamp) await this.end(metadata.name);
        else if (status.phase === "Pending") await this.run(metadata.name);
        else continue;
        acted = true;
      }
    }
  }

  async #provision({ metadata, spec }: AnyObject): Promise<boolean> {
    const provisioner = metadata.annotations?.["volume.kubernetes.io/storage-provisioner"];
    const name = `pvc-${metadata.uid}`;
    if (!provisioner || spec.volumeName || metadata.deletionTimestamp) return false;
    if (await this.port.get("persistentvolumes", { name })) return false;
    const { namespace, uid } = metadata;
    await this.create("persistentvolumes", {
      metadata: { name, annotations: { "pv.kubernetes.io/provisioned-by": provisioner } },
      spec: {
        capacity: { storage: spec.resources.requests.storage },
        accessModes: spec.accessModes,
        persistentVolumeReclaimPolicy: "Delete",
        storageClassName: spec.storageClassName,
        hostPath: { path: `/volumes/${name}` },
        claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name: metadata.name, uid },
      },
    });
    return true;
  }
}

function refusable(port: ClusterPort, refuse: TestCluster["refuse"]): ClusterPort {
  return {
    ...port,
    async create(resource, object) {
      const error = refuse("create", resource);
      if (error) throw error;
      return port.create(resource, object);
    },
    async update(resource, object, subresource) {
      const error = refuse("update", resource);
      if (error) throw error;
      return port.update(resource, object, subresource);
    },
  };
}
