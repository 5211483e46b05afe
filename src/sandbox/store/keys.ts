import type { SandboxKind } from "../kinds/kind.js";
import type { Target } from "../port.js";

/** The key of an object in its bucket. */
export function keyOf(kind: Pick<SandboxKind, "namespaced">, { namespace, name }: Target): string {
  return kind.namespaced ? `${namespace ?? ""}/${name}` : name;
}

/** What the keys of a namespace begin with; all keys without one. */
export function prefixOf(kind: Pick<SandboxKind, "namespaced">, namespace: string | undefined): string {
  return kind.namespaced && namespace ? `${namespace}/` : "";
}
