import type { Cluster, Mirror, MirrorChange, Scope } from "../../cluster/index.js";
import { isApiError } from "../../cluster/index.js";
import type { ClassifiedClaim } from "../../core/claims/classify.js";
import { classifier, type Classifier } from "../../core/claims/classify.js";
import type {
  AutoscalerFacts,
  ClaimFacts,
  PodFacts,
  SetFacts,
  Surroundings,
} from "../../core/claims/facts.js";
import { autoscalerFacts, claimFacts, podFacts, setFacts } from "../../core/claims/facts.js";
import type { GoneSet } from "../../core/claims/leftover.js";
import { kinds, type Kind } from "../../core/kinds.js";

/** Claims came, went or changed; or what they are judged by did. */
type Changed = "claims" | "surroundings";
/** `gone` is the claim that went just now. */
type Listener = (changed: Changed, gone?: ClaimFacts) => void;

/** Facts of one kind, kept current by a watch. */
interface LiveFacts<Facts> {
  mirror: Mirror<Facts>;
  /** Undefined: in contact. */
  lost(): Error | undefined;
}

/**
 * Sets, pods, claims and autoscalers as they are now, merged from their watches. `judge` always answers from the
 * latest event of each; nothing may be decided while one of them is out of contact (`lost`).
 */
export class LiveClaims {
  readonly #listeners = new Set<Listener>();
  readonly #stop = new AbortController();
  readonly #sets: LiveFacts<SetFacts>;
  readonly #pods: LiveFacts<PodFacts>;
  readonly #claims: LiveFacts<ClaimFacts>;
  /** Undefined: an autoscaler of something else. */
  readonly #autoscalers: LiveFacts<AutoscalerFacts | undefined>;
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
    const live = <T, Facts>(
      kind: Kind<T>,
      project: (object: T) => Facts,
      changed: (gone?: Facts) => void = surroundingsChanged,
    ) => liveFacts(cluster, { kind, scope, project, signal: any, changed });
    this.#sets = live(kinds.statefulSet, setFacts);
    this.#pods = live(kinds.pod, podFacts);
    this.#claims = live(kinds.claim, claimFacts, (gone) => this.#tell("claims", gone));
    this.#autoscalers = live(kinds.autoscaler, autoscalerFacts);
  }

  /** Rejects when sets, pods or claims may not be read. Resolves to whether autoscalers may. */
  async ready(): Promise<boolean> {
    const autoscalers = this.#autoscalers.mirror.ready.catch((error: unknown) => {
      if (!isApiError(error, "Forbidden", "NotFound")) throw error;
      this.#mayReadAutoscalers = false;
    });
    const all = [this.#sets, this.#pods, this.#claims].map(({ mirror }) => mirror.ready);
    await Promise.all([...all, autoscalers]);
    this.#siblings = this.claims();
    this.#classifier = undefined;
    return this.#mayReadAutoscalers;
  }

  claims(): ClaimFacts[] {
    return [...this.#claims.mirror.items.values()];
  }

  sets(): SetFacts[] {
    return [...this.#sets.mirror.items.values()];
  }

  /** The claim that has this name now. */
  claim({ namespace, name }: ClaimFacts): ClaimFacts | undefined {
    return this.#claims.mirror.named({ namespace, name });
  }

  has({ uid }: ClaimFacts): boolean {
    return this.#claims.mirror.items.has(uid);
  }

  hasPod(namespace: string, name: string): boolean {
    return this.#pods.mirror.named({ namespace, name }) !== undefined;
  }

  /** Whether the pod's set is gone, so that garbage collection will take the pod, too. */
  isOrphaned(namespace: string, name: string): boolean {
    const uid = this.#pods.mirror.named({ namespace, name })?.setUid;
    return uid !== undefined && !this.#sets.mirror.items.has(uid);
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
    const autoscalers = this.#mayReadAutoscalers ? this.#autoscalers.lost() : undefined;
    return this.#sets.lost() ?? this.#pods.lost() ?? this.#claims.lost() ?? autoscalers;
  }

  /** Calls back after every change that judgements may rest on; returns how to stop that. */
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
      pods: [...this.#pods.mirror.items.values()],
      autoscalers: this.#mayReadAutoscalers ? this.#autoscalersOfSets() : undefined,
    };
  }

  #autoscalersOfSets(): AutoscalerFacts[] {
    return [...this.#autoscalers.mirror.items.values()].filter((facts) => facts !== undefined);
  }

  #tell(changed: Changed, gone?: ClaimFacts): void {
    for (const listener of this.#listeners) listener(changed, gone);
  }
}

interface LiveRequest<T, Facts> {
  kind: Kind<T>;
  scope: Scope;
  /** What is kept of an object; the rest of it is dropped. */
  project(object: T): Facts;
  signal: AbortSignal;
  /** `gone` went just now. */
  changed(gone?: Facts): void;
}

function liveFacts<T, Facts>(
  cluster: Cluster,
  { kind, scope, project, signal, changed }: LiveRequest<T, Facts>,
): LiveFacts<Facts> {
  let lost: Error | undefined;
  const onChange = (change: MirrorChange<Facts> | { type: "synced" }) => {
    if (change.type === "deleted") changed(change.object);
    // Most events are of a status, or of labels, that no judgement rests on.
    else if (change.type !== "modified" || !isSame(change.object, change.previous)) changed();
  };
  const onContact = (contact: { error: Error } | undefined) => {
    lost = contact?.error;
    changed();
  };
  const mirror = cluster.mirror(kind, scope, { signal, onChange, onContact }, project);
  return { mirror, lost: () => lost };
}

/** Facts are made by one function, whose fields have one order. */
function isSame(now: unknown, before: unknown): boolean {
  return JSON.stringify(now) === JSON.stringify(before);
}
