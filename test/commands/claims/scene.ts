import type { KubeObject } from "../../../src/core/model.js";
import type { RawClaim, RawPod, RawScaler, RawSet, RawWorld } from "../../support/claims-oracle/index.js";
import { FakeCluster } from "./fake-cluster.js";
import type { Doing, Happening } from "./happenings.js";

const resources = {
  sets: "statefulsets",
  pods: "pods",
  claims: "persistentvolumeclaims",
  scalers: "horizontalpodautoscalers",
} as const;
type Part = keyof typeof resources;
type Fields = Record<string, unknown>;

/** A cluster in memory that others work on, and what the watches have told of it. */
export class Scene {
  readonly fake = new FakeCluster();
  /** By resource: as it was when its watch fell silent. */
  readonly #told = new Map<string, readonly KubeObject[]>();
  #serial = 0;

  constructor(world: RawWorld) {
    for (const set of world.sets) this.#put("sets", set);
    for (const pod of world.pods) this.#put("pods", pod);
    for (const scaler of world.scalers ?? []) this.#put("scalers", scaler);
    if (!world.scalers) this.fake.forbidden = [resources.scalers];
    for (const claim of world.claims) this.#makeClaim(claim);
  }

  /** As it is, or of some parts as far as their watches have told. */
  world(told: readonly Part[] = []): RawWorld {
    const of = (part: Part) => (told.includes(part) && this.#told.get(resources[part])) || this.#all(part);
    return {
      sets: of("sets") as unknown as RawSet[],
      pods: of("pods") as unknown as RawPod[],
      claims: of("claims") as unknown as RawClaim[],
      scalers: this.fake.forbidden.length > 0 ? undefined : (of("scalers") as unknown as RawScaler[]),
    };
  }

  claim(name: string): RawClaim | undefined {
    return this.fake.objects.get(`${resources.claims}/${name}`) as unknown as RawClaim | undefined;
  }

  /** The reclaim policy of a claim's volume; undefined where it has none of its own. */
  policyOf({ metadata: { uid }, spec: { volumeName } }: RawClaim): string | undefined {
    const volume = this.fake.objects.get(`persistentvolumes/${volumeName}`) as
      | { spec: { claimRef: { uid: string }; persistentVolumeReclaimPolicy: string } }
      | undefined;
    return volume?.spec.claimRef.uid === uid ? volume.spec.persistentVolumeReclaimPolicy : undefined;
  }

  happen(one: Happening): void {
    switch (one.what) {
      case "scale":
        return this.#change("sets", one.at, ({ spec, ...set }) => {
          return { ...set, spec: { ...(spec as Fields), replicas: one.replicas } };
        });
      case "make set":
        return this.#make("sets", one.set);
      case "delete set":
        return this.#change("sets", one.at, withMeta({ deletionTimestamp: "2026-01-31T00:00:00Z" }));
      case "finish set":
        return this.#remove("sets", one.at);
      case "make pod":
        return this.#make("pods", one.pod);
      case "delete pod":
        return this.#remove("pods", one.at);
      case "make scaler":
        return this.#make("scalers", one.scaler);
      case "delete scaler":
        return this.#remove("scalers", one.at);
      case "fall silent":
        return this.#fallSilent(one.resource);
      case "relist":
        this.#told.delete(one.resource);
        return this.fake.relist(one.resource);
      case "to claim":
        return this.#happenToClaim(one.at, one.doing);
    }
  }

  #happenToClaim(at: number, doing: Doing): void {
    const claim = this.#pick("claims", at) as unknown as RawClaim | undefined;
    if (!claim) return;
    const { name } = claim.metadata;
    switch (doing.verb) {
      case "mount":
        return this.#mount(name);
      case "remake":
        this.fake.remove(resources.claims, name);
        return this.#makeClaim(claim);
      case "annotate":
        return this.#change("claims", at, withMeta({ annotations: { note: String(this.#serial++) } }));
      case "rebind":
        return this.#change("claims", at, (object) => ({ ...object, spec: { volumeName: "another" } }));
      case "hold":
        return void this.fake.held.add(name);
      case "relabel":
        return this.#change("claims", at, withMeta({ labels: doing.labels }));
      case "own":
        return this.#change("claims", at, withMeta({ ownerReferences: doing.owners }));
    }
  }

  #fallSilent(resource: string): void {
    if (this.fake.silent.includes(resource)) return;
    const [part] = (Object.keys(resources) as Part[]).filter((name) => resources[name] === resource);
    if (part) this.#told.set(resource, this.#all(part));
    this.fake.silent.push(resource);
  }

  #mount(claimName: string): void {
    const name = `user-of-${claimName}`;
    const volumes = [{ name: "v", persistentVolumeClaim: { claimName } }];
    this.#make("pods", { metadata: { name, uid: name }, spec: { volumes } });
  }

  #all(part: Part): KubeObject[] {
    const prefix = `${resources[part]}/`;
    return [...this.fake.objects].filter(([key]) => key.startsWith(prefix)).map(([, object]) => object);
  }

  #pick(part: Part, at: number): KubeObject | undefined {
    const all = this.#all(part);
    return all[at % all.length];
  }

  #put(part: Part, object: object): void {
    this.fake.put(resources[part], object as Parameters<FakeCluster["put"]>[1]);
  }

  /** Under a new UID, unless there is one of that name. */
  #make(part: Part, object: RawSet | RawPod | RawScaler): void {
    if (this.fake.objects.has(`${resources[part]}/${object.metadata.name}`)) return;
    const uid = part === "sets" ? object.metadata.uid : `${object.metadata.uid}-${++this.#serial}`;
    this.#put(part, { ...object, metadata: { ...object.metadata, uid } });
  }

  #change(part: Part, at: number, change: (object: Fields) => Fields): void {
    const found = this.#pick(part, at);
    if (found) this.#put(part, change(found as unknown as Fields));
  }

  #remove(part: Part, at: number): void {
    const found = this.#pick(part, at);
    if (found) this.fake.remove(resources[part], found.metadata.name);
  }

  /** With a volume of its own. */
  #makeClaim({ metadata, ...rest }: RawClaim): void {
    this.#serial += 1;
    const uid = `uid-${this.#serial}`;
    const volumeName = `pv-${this.#serial}`;
    this.#put("claims", {
      ...rest,
      metadata: { ...metadata, uid, deletionTimestamp: undefined },
      spec: { volumeName },
    });
    const spec = { persistentVolumeReclaimPolicy: "Delete", claimRef: { uid } };
    this.fake.put("persistentvolumes", { metadata: { name: volumeName }, spec });
  }
}

function withMeta(fields: Fields): (object: Fields) => Fields {
  return ({ metadata, ...object }) => ({ ...object, metadata: { ...(metadata as Fields), ...fields } });
}
