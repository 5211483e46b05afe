import type { Cluster, Scope } from "../../../cluster/cluster.js";
import { kinds } from "../../../core/kinds.js";
import type { StatefulSet } from "../../../core/model.js";
import { setKey, setKeys, type Place, type SetKey } from "./breadth.js";
import type { Sources } from "./sources.js";

/** Up to so many sets of one round are read one by one. */
const few = 8;

/**
 * Fresh reads of sets that seem done. Where many do in the same round of looks, the rest of them is read as one list:
 * three hundred sets that are done already take a few requests.
 */
export class Confirmations {
  private reads = 0;
  private lists = new Map<string, Promise<Map<SetKey, StatefulSet>>>();

  constructor(
    private readonly cluster: Cluster,
    private readonly sources: Pick<Sources, "set" | "scopeOf">,
  ) {}

  /** Begins a round: what was read before is old from here on. */
  begin(): void {
    this.reads = 0;
    this.lists.clear();
  }

  /** The set as it is now. Throws the cluster's error, NotFound too. */
  async read(place: Place): Promise<StatefulSet> {
    this.reads += 1;
    const known = this.reads > few ? await this.listed(place) : undefined;
    // The list may be a little older than the mirror by now: then it confirms nothing.
    const mirrored = this.sources.set(place.namespace, place.name)?.metadata.resourceVersion;
    if (known && known.metadata.resourceVersion === mirrored) return known;
    return this.cluster.get(kinds.statefulSet, place);
  }

  private async listed(place: Place): Promise<StatefulSet | undefined> {
    const scope = this.sources.scopeOf(place.namespace);
    if (!scope) return undefined;
    const id = scope.namespace ?? "";
    const list = this.lists.get(id) ?? this.list(scope);
    this.lists.set(id, list);
    return (await list).get(setKey(place));
  }

  private async list(scope: Scope): Promise<Map<SetKey, StatefulSet>> {
    const { items } = await this.cluster.list(kinds.statefulSet, scope);
    return new Map(items.map((set) => [setKeys.set(set), set]));
  }
}
