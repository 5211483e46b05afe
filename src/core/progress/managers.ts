import type { StatefulSet } from "../model.js";

type Entry = NonNullable<StatefulSet["metadata"]["managedFields"]>[number];

/**
 * Who owns a field of the set now and did not, in the same entry, before: names of field managers, with `and` between.
 * Times in managedFields are whole seconds, so entries are compared, not dated. Empty when nobody is to be found.
 */
export function writersOf(
  path: readonly string[],
  now: StatefulSet,
  before: StatefulSet | undefined,
): string {
  const owners = ownersOf(path, now);
  const known = before?.metadata.managedFields ?? [];
  // Who lost a field to another has a different entry, too, but an old time and nothing new in it.
  const fresh = owners.filter((entry) => {
    const old = known.find((other) => signature(other) === signature(entry));
    return !old || old.time !== entry.time || !covers(old.fieldsV1, entry.fieldsV1);
  });
  const names = (fresh.length > 0 ? fresh : owners).map(({ manager }) => manager ?? "");
  return [...new Set(names)].filter(Boolean).join(" and ");
}

/** The entries that own a field of the set, whatever wrote them. */
export function ownersOf(path: readonly string[], set: StatefulSet): Entry[] {
  return (set.metadata.managedFields ?? []).filter((entry) => owns(entry, path));
}

function owns({ fieldsV1 }: Entry, path: readonly string[]): boolean {
  let at: unknown = fieldsV1;
  for (const step of path) {
    if (typeof at !== "object" || at === null || !(step in at)) return false;
    at = (at as Record<string, unknown>)[step];
  }
  return true;
}

/** Whether every field of `inner` is in `outer`. */
function covers(outer: unknown, inner: unknown): boolean {
  if (typeof inner !== "object" || inner === null) return true;
  if (typeof outer !== "object" || outer === null) return false;
  const fields = outer as Record<string, unknown>;
  return Object.entries(inner).every(([name, below]) => name in fields && covers(fields[name], below));
}

const signature = ({ manager, operation, subresource, apiVersion }: Entry): string =>
  JSON.stringify([manager, operation, subresource, apiVersion]);
