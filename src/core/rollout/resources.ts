import { UsageError } from "../errors.js";
import { checkRequests, parseAmounts, type Amounts } from "../manifest/parse-container.js";
import type { StatefulSet } from "../model.js";
import { compareQuantities } from "../quantity.js";
import { containersPatch, selectContainers, type Container } from "./containers.js";

/** Requests and limits to set, by resource; an amount of 0 removes the entry. */
export interface ResourceChange {
  requests: Amounts;
  limits: Amounts;
}

/** Reads `cpu=100m,memory=1Gi` of `--requests` and `--limits`. Throws a UsageError. */
export function parseResourceChange(requests: readonly string[], limits: readonly string[]): ResourceChange {
  const change = { requests: parseAmounts("requests", requests), limits: parseAmounts("limits", limits) };
  if (change.requests.size === 0 && change.limits.size === 0) {
    throw new UsageError("--requests or --limits is needed, such as --limits=cpu=500m,memory=1Gi");
  }
  checkRequests(change.requests, new Map([...change.limits].filter(([, amount]) => !isZero(amount))));
  return change;
}

/**
 * What a strategic merge patch has to say below `spec.template`: the amounts that change, in the containers that
 * `pattern` means. Undefined when none does. Throws a UsageError where it means none.
 */
export function resourcesPatch(
  set: StatefulSet,
  pattern: string,
  change: ResourceChange,
): object | undefined {
  const selected = selectContainers(set, pattern).map(({ container }) => container.name);
  return containersPatch(set, ({ container }) => {
    if (!selected.includes(container.name)) return undefined;
    const requests = amountsPatch(container.resources?.requests, change.requests);
    const limits = amountsPatch(container.resources?.limits, change.limits);
    return requests || limits
      ? { resources: { ...(requests && { requests }), ...(limits && { limits }) } }
      : undefined;
  });
}

function amountsPatch(
  before: Readonly<Record<string, string>> = {},
  wanted: Amounts,
): Record<string, string | null> | undefined {
  const changed = [...wanted].flatMap(([resource, amount]): [string, string | null][] => {
    const old = before[resource];
    if (isZero(amount)) return old === undefined ? [] : [[resource, null]];
    return old !== undefined && compareQuantities(old, amount) === 0 ? [] : [[resource, amount]];
  });
  return changed.length > 0 ? Object.fromEntries(changed) : undefined;
}

/** `requests cpu=100m; limits memory=1Gi, no cpu`. */
export function describeResourceChange(change: ResourceChange): string {
  return (["requests", "limits"] as const)
    .flatMap((list) => {
      const amounts = [...change[list]].map(([resource, amount]) =>
        isZero(amount) ? `no ${resource}` : `${resource}=${amount}`,
      );
      return amounts.length > 0 ? [`${list} ${amounts.join(", ")}`] : [];
    })
    .join("; ");
}

/** Where a request goes and a limit stays, the API requests as much as the limit for each pod that it makes. */
export function resourceNotes(set: StatefulSet, pattern: string, change: ResourceChange): string[] {
  const removed = [...change.requests].filter(([, amount]) => isZero(amount)).map(([resource]) => resource);
  return selectContainers(set, pattern).flatMap(({ container }) =>
    removed.flatMap((resource) => {
      const limit = limitAfter(container, resource, change);
      if (container.resources?.requests?.[resource] === undefined || limit === undefined) return [];
      return [`without a request, ${container.name} requests its limit of ${resource}, ${limit}`];
    }),
  );
}

function limitAfter(container: Container, resource: string, { limits }: ResourceChange): string | undefined {
  const amount = limits.get(resource) ?? container.resources?.limits?.[resource];
  return amount === undefined || isZero(amount) ? undefined : amount;
}

function isZero(amount: string): boolean {
  return compareQuantities(amount, "0") === 0;
}
