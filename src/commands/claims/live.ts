import type { Cluster, Mirror, MirrorChange, Scope } from "../../cluster/index.js";
import { isApiError } from "../../cluster/index.js";
import type { ClassifiedClaim } from "../../core/claims/classify.js";
import { classifier, type Classifier } from "../../core/claims/classify.js";
import type { ClaimFacts, PodFacts, SetFacts, Surroundings } from "../../core/claims/facts.js";
import { autoscalerFacts, claimFacts, podFacts, setFacts } from "../../core/claims/facts.js";
import type { GoneSet } from "../../core/claims/leftover.js";
import { kinds, type Kind } from "../../core/kinds.js";

type Named = { namespace: string; name: string; uid: string };
type Identified = { metadata: { uid: string } };

/** Claims came, went or changed; or what they are judged by did. */
type Changed = "claims" | "surroundings";
type Listener = (changed: Changed) => void;

/** Facts of one kind, kept current by a watch. */
interface LiveFacts<Facts> {
  /** By UID. */
  items: ReadonlyMap<string, Facts>;
  byName(namespace: string, name: string): Facts | undefined;
  ready: Promise<void>;
  /** Undefined: in contact. */
  lost(): Error | undefined;
}

/**
 * Sets, pods, claims and autoscalers as they are now, merged from their watches. `judge` always answers from the
 * latest event of each; nothing may be decided while one of them is out of contact (`inContact`).
 */
export class LiveClaims {
  readonly #listeners = new Set<Listener>();
  readonly #stop = new AbortController();
  readonly #sets: LiveFacts<SetFacts>;
  readonly #pods: LiveFacts<PodFacts>;
  readonly #claims: LiveFacts<ClaimFacts>;
  readonly #autoscalers: LiveFacts<ReturnType<typeof autoscalerFacts> & Named>;
  #mayReadAutoscalers = true;
  #siblings: readonly ClaimFacts[] = [];
  #classifier: Classifier | undefined;

  constructor(
    private readonly cluster: Cluster,
    readonly scope: Scope,
    private readonly gone: readonly GoneSet[],
    signal: AbortSignal,
  ) {
    const any = AbortSignal.any([signal, this.#stop.signal]);
    const surroundingsChanged = () => {
      this.#classifier = undefined;
      this.#tell("surroundings");
    };
    const live = <T extends Identified, Facts extends Named>(
      kind: Kind<T>,
      project: (object: T) => Facts | undefined,
      changed = surroundingsChanged,
    ) => liveFacts(cluster, { kind, scope, project, signal: any, changed });
    this.#sets = live(kinds.statefulSet, setFacts);
    this.#pods = live(kinds.pod, podFacts);
    this.#claims = live(kinds.claim, claimFacts, () => this.#tell("claims"));
    this.#autoscalers = live(kinds.autoscaler, (object) => {
      const facts = autoscalerFacts(object);
      return facts && { ...facts, uid: object.metadata.uid };
    });
  }

  /** Rejects when sets, pods or claims may not be read. Resolves to whether autoscalers may. */
  async ready(): Promise<boolean> {
    const autoscalers = this.#autoscalers.ready.catch((error: unknown) => {
      if (!isApiError(error, "Forbidden", "NotFound")) throw error;
      this.#mayReadAutoscalers = false;
    });
    await Promise.all([this.#sets.ready, this.#pods.ready, this.#claims.ready, autoscalers]);
    this.#siblings = this.claims();
    this.#classifier = undefined;
    return this.#mayReadAutoscalers;
  }

  claims(): ClaimFacts[] {
    return [...this.#claims.items.values()];
  }

  sets(): SetFacts[] {
    return [...this.#sets.items.values()];
  }

  /** The claim that has this name now. */
  claim({ namespace, name }: ClaimFacts): ClaimFacts | undefined {
    return this.#claims.byName(namespace, name);
  }

  has({ uid }: ClaimFacts): boolean {
    return this.#claims.items.has(uid);
  }

  hasPod(namespace: string, name: string): boolean {
    return this.#pods.byName(namespace, name) !== undefined;
  }

  /** Whether the pod's set is gone, so that garbage collection will take the pod, too. */
  isOrphaned(namespace: string, name: string): boolean {
    const uid = this.#pods.byName(namespace, name)?.setUid;
    return uid !== undefined && !this.#sets.items.has(uid);
  }

  judge(claim: ClaimFacts): ClassifiedClaim {
    this.#classifier ??= classifier(this.#surroundings(), this.#siblings, this.gone);
    return this.#classifier(claim);
  }

  /** Judges by sets that are read from the server now, which no late event can deceive; returns those sets, too. */
  async judgeAfresh(
    claims: readonly ClaimFacts[],
  ): Promise<{ judged: ClassifiedClaim[]; sets: readonly SetFacts[] }> {
    const { items: sets } = await this.cluster.list(kinds.statefulSet, this.scope, setFacts);
    return {
      judged: claims.map(classifier({ ...this.#surroundings(), sets }, this.#siblings, this.gone)),
      sets,
    };
  }

  /** Why nothing can be decided at the moment; undefined when all is well. */
  lost(): Error | undefined {
    return this.#sets.lost() ?? this.#pods.lost() ?? this.#claims.lost();
  }

  /** Calls back after every change; returns how to stop that. */
  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  stop(): void {
    this.#stop.abort(new Error("not needed any more"));
  }

  #surroundings(): Surroundings {
    return {
      sets: this.sets(),
      pods: [...this.#pods.items.values()],
      autoscalers: this.#mayReadAutoscalers ? [...this.#autoscalers.items.values()] : undefined,
    };
  }

  #tell(changed: Changed): void {
    for (const listener of this.#listeners) listener(changed);
  }
}

interface LiveRequest<T, Facts> {
  kind: Kind<T>;
  scope: Scope;
  /** Undefined for an object that does not count. */
  project(object: T): Facts | undefined;
  signal: AbortSignal;
  changed(): void;
}

function liveFacts<T extends Identified, Facts extends Named>(
  cluster: Cluster,
  request: LiveRequest<T, Facts>,
): LiveFacts<Facts> {
  const { kind, scope, project, signal, changed } = request;
  const items = new Map<string, Facts>();
  const names = new Map<string, Facts>();
  let lost: Error | undefined;
  const remove = ({ metadata: { uid } }: T) => {
    const facts = items.get(uid);
    items.delete(uid);
    const key = facts && `${facts.namespace}/${facts.name}`;
    if (key !== undefined && names.get(key)?.uid === uid) names.delete(key);
  };
  const put = (object: T) => {
    const facts = project(object);
    if (!facts) return remove(object);
    items.set(facts.uid, facts);
    names.set(`${facts.namespace}/${facts.name}`, facts);
  };
  const onChange = (change: MirrorChange<T> | { type: "synced" }) => {
    if (change.type === "synced") for (const object of mirror.items.values()) put(object);
    else if (change.type === "deleted") remove(change.object);
    else put(change.object);
    changed();
  };
  const onContact = (contact: { error: Error } | undefined) => {
    lost = contact?.error;
    changed();
  };
  const mirror: Mirror<T> = cluster.mirror(kind, scope, { signal, onChange, onContact });
  return {
    items,
    byName: (namespace, name) => names.get(`${namespace}/${name}`),
    ready: mirror.ready,
    lost: () => lost,
  };
}
