import type { Kind } from "../core/kinds.js";
import type { Scope } from "./cluster.js";

/** Where the API serves a collection, or one object of it: `/apis/apps/v1/namespaces/default/statefulsets/web/scale`. */
export function pathOf(
  { group, version, resource, namespaced }: Kind<unknown>,
  {
    namespace,
    name,
    subresource,
  }: { namespace?: string | undefined; name?: string; subresource?: string | undefined },
): string {
  const root = group ? `/apis/${group}/${version}` : `/api/${version}`;
  const within = namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  const one = name === undefined ? "" : `/${encodeURIComponent(name)}`;
  return `${root}${within}/${resource}${one}${subresource ? `/${subresource}` : ""}`;
}

/** The collection that a scope selects from. */
export function collectionOf(kind: Kind<unknown>, scope: Scope, defaultNamespace: string): string {
  return pathOf(kind, { namespace: scope.allNamespaces ? undefined : (scope.namespace ?? defaultNamespace) });
}

export function selectorsOf({ labelSelector, fieldSelector }: Scope): Record<string, string | undefined> {
  return { labelSelector, fieldSelector };
}
