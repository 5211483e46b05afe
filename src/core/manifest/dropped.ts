import type { KubeObject, Manifest } from "../model.js";

/** Fields of a kind that a server drops without a word where their feature gate is off. */
const gated = [
  {
    kind: "StatefulSet",
    gate: "MaxUnavailableStatefulSet",
    path: ["spec", "updateStrategy", "rollingUpdate", "maxUnavailable"],
  },
] as const;

/** What a server made nothing of, though it was asked for: a sentence for each field that its answer lacks. */
export function droppedFields(wanted: Manifest, answer: KubeObject): string[] {
  return gated
    .filter(({ kind, path }) => kind === wanted.kind && hasField(wanted, path) && !hasField(answer, path))
    .map(({ gate, path }) => `this server has ${gate} off: ${path.join(".")} was dropped`);
}

function hasField(object: unknown, path: readonly string[]): boolean {
  const value = path.reduce<unknown>((at, step) => {
    return typeof at === "object" && at !== null ? (at as Record<string, unknown>)[step] : undefined;
  }, object);
  return value !== undefined && value !== null;
}
