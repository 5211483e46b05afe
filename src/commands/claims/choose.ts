import type { Cluster, Scope } from "../../cluster/index.js";
import type { ClassifiedClaim } from "../../core/claims/classify.js";
import type { SetFacts } from "../../core/claims/facts.js";
import { UsageError } from "../../core/errors.js";
import { kinds } from "../../core/kinds.js";
import { parseSelector } from "../../core/selector.js";
import { shellWord } from "../../core/words.js";
import type { Flag } from "../shared/command.js";
import { readSetNames } from "../shared/flags.js";
import type { Input } from "../shared/input.js";

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
  if (selector !== undefined) parseSelector(selector);
  return { names, selector, allNamespaces: input.boolean("all-namespaces") };
}

/** The same as arguments of a command that is printed. */
export function scopeWords({ names, selector, allNamespaces }: ClaimScope): string[] {
  return [
    ...names,
    ...(allNamespaces ? ["-A"] : []),
    ...(selector === undefined ? [] : ["-l", shellWord(selector)]),
  ];
}

export function scopeOf({ allNamespaces }: ClaimScope, cluster: Cluster): Scope {
  return allNamespaces ? { allNamespaces } : { namespace: cluster.namespace };
}

/** Tells whether a claim is one of those asked for. Claims that are no set's never are. */
export async function claimFilter(
  cluster: Cluster,
  chosen: ClaimScope,
): Promise<(claim: ClassifiedClaim) => boolean> {
  const isChosen = await setFilter(cluster, chosen);
  return (one) => isClaimOf(one, isChosen);
}

/** Whether a set is one of those asked for. */
type SetFilter = (namespace: string, name: string) => boolean;

/** Whether one of the sets that could own the claim is asked for. */
export function isClaimOf({ claim, state, sets }: ClassifiedClaim, isChosen: SetFilter): boolean {
  return state !== "not-ours" && sets.some((set) => isChosen(claim.namespace, set));
}

/** Tells whether a set, which may be gone, is one of those asked for. Labels are matched by the server. */
export async function setFilter(cluster: Cluster, chosen: ClaimScope): Promise<SetFilter> {
  const { names, selector: labelSelector } = chosen;
  if (names.length > 0) return (_namespace, name) => names.includes(name);
  if (labelSelector === undefined) return () => true;
  const scope = { ...scopeOf(chosen, cluster), labelSelector };
  const keys = new Set((await cluster.list(kinds.statefulSet, scope, keyOf)).items);
  return (namespace, name) => keys.has(`${namespace}/${name}`);
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
