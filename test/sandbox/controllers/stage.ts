import type { AnyObject, ClusterPort, PortEvent } from "../../../src/sandbox/port.js";

export const namespace = "default";

/** One cluster as the scenarios see it: what they do to it, and what they saw happen. */
export class Stage {
  readonly #objects = new Map<string, AnyObject>();
  readonly #waiting = new Set<() => void>();
  readonly trace: string[] = [];

  constructor(
    readonly name: string,
    readonly port: ClusterPort,
  ) {}

  async watch(): Promise<() => void> {
    const resources = [
      "pods",
      "persistentvolumeclaims",
      "statefulsets",
      "controllerrevisions",
      "persistentvolumes",
    ];
    const stops = await Promise.all(
      resources.map((resource) => this.port.watch(resource, (event) => this.#see(resource, event))),
    );
    return () => stops.forEach((stop) => stop());
  }

  #see(resource: string, { type, object }: PortEvent): void {
    const key = `${resource}/${object.metadata.name}`;
    const old = this.#objects.get(key);
    if (type === "DELETED") this.#objects.delete(key);
    else this.#objects.set(key, object);
    if (resource === "pods" || resource === "persistentvolumeclaims")
      this.#note(object, old, type === "DELETED");
    for (const wake of this.#waiting) wake();
  }

  #note(object: AnyObject, old: AnyObject | undefined, deleted: boolean): void {
    const { name, deletionTimestamp } = object.metadata;
    if (!old && !deleted) this.trace.push(`+${name}`);
    if (deletionTimestamp && !old?.metadata.deletionTimestamp) this.trace.push(`-${name}`);
  }

  find(resource: string, name: string): AnyObject | undefined {
    return this.#objects.get(`${resource}/${name}`);
  }

  all(resource: string): AnyObject[] {
    return [...this.#objects].flatMap(([key, object]) => (key.startsWith(`${resource}/`) ? object : []));
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    const started = Date.now();
    while (!holds()) {
      if (Date.now() - started > 30_000)
        throw new Error(`${this.name} never saw ${what}; trace: ${this.trace.join(" ")}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, 1_000);
        const waiting = this.#waiting;
        waiting.add(done);
        function done(): void {
          clearTimeout(timer);
          waiting.delete(done);
          resolve();
        }
      });
    }
  }

  /** Changes the spec of the set, and waits until its controller has seen it. */
  async change(spec: object): Promise<void> {
    const { metadata } = await this.port.patch("statefulsets", { namespace, name: "web" }, { spec });
    const seen = () => this.find("statefulsets", "web")?.["status"].observedGeneration ?? 0;
    await this.until(`generation ${metadata.generation}`, () => seen() >= (metadata.generation ?? 0));
  }

  /** Waits until the set is where it wants to be. */
  async rest(name = "web"): Promise<void> {
    await this.until(`${name} at rest`, () => {
      const set = this.find("statefulsets", name);
      if (!set || (set.status?.observedGeneration ?? 0) < (set.metadata.generation ?? 0)) return false;
      const { replicas = 0, readyReplicas = 0 } = set.status;
      const pods = this.all("pods");
      const settled = pods.every(
        ({ metadata, status }) => !metadata.deletionTimestamp && status.phase === "Running",
      );
      return (
        settled && replicas === set.spec.replicas && readyReplicas === replicas && pods.length === replicas
      );
    });
  }

  /** Everything of the two clusters that must be the same. */
  async result(): Promise<Record<string, unknown> & { events: string[] }> {
    const revisions = this.all("controllerrevisions").sort((a, b) => a["revision"] - b["revision"]);
    const { observedGeneration: _seen, ...status } = this.find("statefulsets", "web")?.["status"] ?? {};
    const byName = (a: AnyObject, b: AnyObject) => a.metadata.name.localeCompare(b.metadata.name);
    const events = await this.port.list("events", namespace);
    const said = (component: string) => events.filter(({ source }) => source?.component === component);
    const ofClaims = said("persistentvolume-controller").map(
      (event) => `${event["involvedObject"].name} ${event["reason"]}`,
    );
    return {
      // Two watches: nothing is known of the order of a pod and a claim.
      trace: [this.trace.filter(isClaim), this.trace.filter((each) => !isClaim(each))],
      status,
      revisions: revisions.map(({ metadata, revision, data }) => ({
        name: metadata.name,
        labels: metadata.labels,
        annotations: metadata.annotations,
        revision,
        data,
      })),
      pods: this.all("pods")
        .sort(byName)
        .map(({ metadata, spec }) => ({
          name: metadata.name,
          generateName: metadata["generateName"],
          labels: metadata.labels,
          owners: metadata.ownerReferences?.map(({ uid: _uid, ...owner }) => owner),
          hostname: spec.hostname,
          subdomain: spec.subdomain,
          claims: spec.volumes?.filter((volume: AnyObject) => volume["persistentVolumeClaim"]),
        })),
      claims: this.all("persistentvolumeclaims")
        .sort(byName)
        .map(({ metadata, spec, status: claim }) => ({
          name: metadata.name,
          labels: metadata.labels,
          annotations: Object.keys(metadata.annotations ?? {}).sort(),
          finalizers: metadata.finalizers,
          owners: metadata.ownerReferences?.map(({ uid: _uid, ...owner }) => owner),
          phase: claim.phase,
          capacity: claim.capacity,
          class: spec.storageClassName,
          conditions: claim.conditions?.map(({ type, status: value, reason }: Record<string, string>) => [
            type,
            value,
            reason,
          ]),
        })),
      volumes: this.all("persistentvolumes")
        .map(({ spec, status: volume }) => [spec.claimRef?.name, volume.phase])
        .sort(),
      // ProvisioningFailed is what the real binder says of a conflict; it then tries again.
      binder: [...new Set(ofClaims)].filter((each) => !each.endsWith("ProvisioningFailed")).sort(),
      events: said("statefulset-controller").map(({ reason, message }) => `${reason}: ${message}`),
    };
  }

  isCrashing(name: string): boolean {
    const [status] = this.find("pods", name)?.["status"].containerStatuses ?? [];
    return status?.state?.waiting?.reason === "CrashLoopBackOff";
  }

  /** Leaves nothing behind for the next scenario. */
  async clear(): Promise<void> {
    for (const { metadata } of this.all("statefulsets"))
      await this.port.delete("statefulsets", metadata, { propagation: "Background" });
    await this.until("no sets", () => this.all("statefulsets").length === 0);
    for (const { metadata } of this.all("pods"))
      await this.port.delete("pods", metadata, { gracePeriodSeconds: 0 }).catch(() => undefined);
    await this.until("no pods", () => this.all("pods").length === 0);
    for (const { metadata } of this.all("persistentvolumeclaims"))
      await this.port.delete("persistentvolumeclaims", metadata).catch(() => undefined);
    await this.until("nothing left", () =>
      ["persistentvolumeclaims", "controllerrevisions"].every((each) => this.all(each).length === 0),
    );
    for (const { metadata } of this.all("persistentvolumes"))
      await this.port.delete("persistentvolumes", metadata).catch(() => undefined);
    await this.until("no volumes", () => this.all("persistentvolumes").length === 0);
    for (const { metadata } of await this.port.list("events", namespace))
      await this.port.delete("events", metadata).catch(() => undefined);
    this.trace.length = 0;
  }
}

const isClaim = (change: string) => change.includes("www");
