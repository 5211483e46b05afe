import type { Cluster, Scope } from "../../cluster/cluster.js";
import type { Context } from "../../context.js";
import { kinds, type Kind } from "../../core/kinds.js";
import type { StatefulSet } from "../../core/model.js";
import type { NamingFor } from "../../core/progress/naming.js";
import { takeSnapshot, type Snapshot } from "../../core/progress/snapshot.js";
import { judge, type Verdict } from "../../core/progress/verdict.js";
import { formatSelector, requirementsOf } from "../../core/selector.js";
import { breadthFor } from "./following/breadth.js";
import { listIfAllowed } from "./optional.js";

/** How a set is right now, and what that means. */
export interface Inspection {
  snapshot: Snapshot;
  verdict: Verdict;
}

/** Reads a set's pods, claims and events once and judges them, without waiting. */
export async function inspect(
  context: Context,
  cluster: Cluster,
  set: StatefulSet,
  naming: NamingFor,
): Promise<Inspection> {
  return look(context, new Lists(context, cluster, [set]), set, naming);
}

/** The same for several sets, with a few requests however many they are. In the order of the sets. */
export function inspectAll(
  context: Context,
  cluster: Cluster,
  sets: readonly StatefulSet[],
  naming: NamingFor,
): Promise<Inspection[]> {
  const lists = new Lists(context, cluster, sets);
  return Promise.all(sets.map((set) => look(context, lists, set, naming)));
}

async function look(
  { clock }: Context,
  lists: Lists,
  set: StatefulSet,
  naming: NamingFor,
): Promise<Inspection> {
  const { namespace = lists.cluster.namespace, name, uid } = set.metadata;
  const [pods, claims, events] = await Promise.all([
    lists.podsOf(set),
    lists.optional(namespace, kinds.claim, "the state of claims is not known"),
    lists.optional(namespace, kinds.event, "why a pod cannot be made is not known"),
  ]);
  const found = { pods, claims: claims ?? [], events: events ?? [] };
  const snapshot = takeSnapshot({ namespace, name, uid, set, ...found, now: clock.now() });
  const verdict = judge(snapshot, { goal: { type: "settled" }, naming: naming(namespace) });
  return { snapshot, verdict };
}

/** Lists that several sets have in common, each read once. */
class Lists {
  private readonly read = new Map<string, Promise<unknown[] | undefined>>();
  private readonly breadth: ReturnType<typeof breadthFor>;

  constructor(
    private readonly context: Context,
    readonly cluster: Cluster,
    sets: readonly StatefulSet[],
  ) {
    this.breadth = breadthFor(
      sets.map(({ metadata: { namespace = cluster.namespace, name } }) => ({ namespace, name })),
    );
  }

  async podsOf({ metadata: { namespace = this.cluster.namespace }, spec }: StatefulSet) {
    const labelSelector = formatSelector(requirementsOf(spec.selector));
    const one = this.breadth(namespace) === "set" ? { labelSelector } : {};
    const scope = { ...this.scope(namespace), ...one };
    const found = await this.once(
      kinds.pod,
      scope,
      async () => (await this.cluster.list(kinds.pod, scope)).items,
    );
    return found ?? [];
  }

  optional<T>(namespace: string, kind: Kind<T>, without: string): Promise<T[] | undefined> {
    const scope = this.scope(namespace);
    return this.once(kind, scope, () => listIfAllowed(this.context, this.cluster, kind, scope, without));
  }

  private scope(namespace: string): Scope {
    return this.breadth(namespace) === "cluster" ? { allNamespaces: true } : { namespace };
  }

  private once<T>(
    kind: Kind<T>,
    scope: Scope,
    list: () => Promise<T[] | undefined>,
  ): Promise<T[] | undefined> {
    const key = JSON.stringify([kind.resource, scope]);
    const reading = (this.read.get(key) as Promise<T[] | undefined> | undefined) ?? list();
    this.read.set(key, reading);
    return reading;
  }
}
