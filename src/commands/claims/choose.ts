import type { Cluster, Scope } from "../../cluster/index.js";
import type { ClassifiedClaim } from "../../core/claims/classify.js";
import type { SetFacts } from "../../core/claims/facts.js";
import { kinds } from "../../core/kinds.js";
import type { Flag } from "../shared/command.js";
import { readSetNames } from "../shared/flags.js";
import type { Input } from "../shared/input.js";
import { UsageError } from "../../core/errors.js";

/** Flags that say whose claims a command is about. */
export const claimScopeFlags: readonly Flag[] = [
  { name: "all-namespaces", short: "A", help: "claims of all namespaces" },
  { name: "selector", short: "l", value: "LABELS", help: "claims of StatefulSets with these labels" },
];

/** Whose claims: of all sets, or of those named or labelled so. */
export interface ClaimScope {
  names: string[];
  selector: string | undefined;
  allNamespaces: boolean;
}

export function readClaimScope(input: Input): ClaimScope {
  const names = readSetNames(input);
  const selector = input.text("selector");
  if (names.length > 0 && selector !== undefined)
    throw new UsageError("names and -l cannot be used together");
  return { names, selector, allNamespaces: input.boolean("all-namespaces") };
}

export function scopeOf({ allNamespaces }: ClaimScope, cluster: Cluster): Scope {
  return allNamespaces ? { allNamespaces } : { namespace: cluster.namespace };
}

/** Tells whether a claim is one of those asked for. Claims that are no set's never are. */
export async function claimFilter(
  cluster: Cluster,
  chosen: ClaimScope,
): Promise<(claim: ClassifiedClaim) => boolean> {
  const { names, selector: labelSelector } = chosen;
  const isOurs = ({ state }: ClassifiedClaim) => state !== "not-ours";
  if (names.length > 0) return (one) => isOurs(one) && one.sets.some((set) => names.includes(set));
  if (labelSelector === undefined) return isOurs;
  const { items } = await cluster.list(
    kinds.statefulSet,
    { ...scopeOf(chosen, cluster), labelSelector },
    keyOf,
  );
  const keys = new Set(items);
  return (one) => isOurs(one) && one.sets.some((set) => keys.has(`${one.claim.namespace}/${set}`));
}

function keyOf({ metadata }: { metadata: { namespace?: string; name: string } }): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/** A name that is neither a set nor recognised in a claim is the API's NotFound error. */
export async function checkNames(
  cluster: Cluster,
  { names, allNamespaces }: ClaimScope,
  sets: readonly SetFacts[],
  claims: readonly ClassifiedClaim[],
): Promise<void> {
  const known = new Set([...sets.map(({ name }) => name), ...claims.flatMap((claim) => claim.sets)]);
  for (const name of names.filter((candidate) => !known.has(candidate))) {
    if (allNamespaces) throw new UsageError(`no namespace has a StatefulSet "${name}" or a claim of it`);
    await cluster.get(kinds.statefulSet, { name });
  }
}
