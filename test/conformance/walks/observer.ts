import { Resources } from "../../../src/sandbox/controllers/framework/resource.js";
import type { AnyObject, ClusterPort } from "../../../src/sandbox/port.js";

const watched = [
  "statefulsets",
  "controllerrevisions",
  "pods",
  "persistentvolumeclaims",
  "persistentvolumes",
  "poddisruptionbudgets",
  "services",
  "endpointslices",
] as const;

/** What there is of one walk on one side, each kind sorted by name. */
export type View = Record<(typeof watched)[number], AnyObject[]>;

/** `+` for a creation, `-` for a deletion that was asked for or, without asking, happened. */
export interface Entry {
  sign: "+" | "-";
  kind: "pod" | "claim";
  name: string;
  /** Of a pod: the name of its revision. */
  revision: string | undefined;
}

/** One side of all walks: what there is, and what pods and claims came and went. */
export class Observer {
  private readonly resources: Resources;
  private readonly entries = new Map<string, Entry[]>();
  private readonly waiting = new Map<() => void, string>();

  private constructor(private readonly port: ClusterPort) {
    this.resources = new Resources(port);
    for (const name of watched) {
      this.resources.of(name).onChange(({ object, old, deleted }) => {
        if (name === "pods" || name === "persistentvolumeclaims") this.note(name, object, old, deleted);
        const namespace = object.metadata.namespace ?? object["spec"].claimRef?.namespace;
        for (const [wake, awaited] of this.waiting) if (awaited === namespace) wake();
      });
    }
  }

  static async start(port: ClusterPort): Promise<Observer> {
    const observer = new Observer(port);
    await observer.resources.start();
    return observer;
  }

  stop(): void {
    this.resources.stop();
  }

  view(namespace: string): View {
    const entries = watched.map((name) => {
      const objects =
        name === "persistentvolumes"
          ? this.resources
              .of(name)
              .all()
              .filter(({ spec }) => spec.claimRef?.namespace === namespace)
          : this.resources.of(name).inNamespace(namespace);
      return [name, objects.toSorted((a, b) => a.metadata.name.localeCompare(b.metadata.name))];
    });
    return Object.fromEntries(entries) as View;
  }

  trace(namespace: string): Entry[] {
    const trace = this.entries.get(namespace) ?? [];
    this.entries.set(namespace, trace);
    return trace;
  }

  /** Whether the server has no other pods and claims than were seen. */
  async isCurrent(namespace: string): Promise<boolean> {
    const view = this.view(namespace);
    const versions = (objects: AnyObject[]) =>
      objects
        .map(({ metadata }) => `${metadata.uid} ${metadata.resourceVersion}`)
        .toSorted()
        .join();
    const same = (["pods", "persistentvolumeclaims"] as const).map(
      async (name) => versions(await this.port.list(name, namespace)) === versions(view[name]),
    );
    return (await Promise.all(same)).every(Boolean);
  }

  /** Waits for any change in the namespace, `milliseconds` at most. */
  async change(namespace: string, milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.waiting.set(done, namespace);
    });
  }

  private note(resource: string, object: AnyObject, old: AnyObject | undefined, deleted: boolean): void {
    const { name, namespace = "", labels, deletionTimestamp } = object.metadata;
    const kind = resource === "pods" ? "pod" : "claim";
    const revision = kind === "pod" ? labels?.["controller-revision-hash"] : undefined;
    const add = (sign: Entry["sign"]) => this.trace(namespace).push({ sign, kind, name, revision });
    if (!old && !deleted) add("+");
    if ((deletionTimestamp || deleted) && !old?.metadata.deletionTimestamp) add("-");
  }
}
