import { setNames, type SetName } from "./operations.js";

/** The finalizer by which a pod is held: once deleted it stays Terminating. */
export const hold = "example.org/hold";

/** The ordinal of a pod of that set, by its name; undefined when it is another's. */
export function ordinalOf(set: SetName, pod: string): number | undefined {
  const [, owner, ordinal] = /^(.*)-(\d+)$/.exec(pod) ?? [];
  return owner === set ? Number(ordinal) : undefined;
}

/** The set whose pod has that name. */
export function setOf(pod: string): SetName | undefined {
  return setNames.find((set) => ordinalOf(set, pod) !== undefined);
}
