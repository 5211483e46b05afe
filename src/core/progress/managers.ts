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
  const owners = (now.metadata.managedFields ?? []).filter((entry) => owns(entry, path));
  const known = new Set(
    (before?.metadata.managedFields ?? []).filter((entry) => owns(entry, path)).map(signature),
  );
  const fresh = owners.filter((entry) => !known.has(signature(entry)));
  const names = (fresh.length > 0 ? fresh : owners).map(({ manager }) => manager ?? "");
  return [...new Set(names)].filter(Boolean).join(" and ");
}

function owns({ fieldsV1 }: Entry, path: readonly string[]): boolean {
  let at: unknown = fieldsV1;
  for (const step of path) {
    if (typeof at !== "object" || at === null || !(step in at)) return false;
    at = (at as Record<string, unknown>)[step];
  }
  return true;
}

const signature = ({ manager, operation, subresource, time, fieldsV1 }: Entry): string =>
  JSON.stringify([manager, operation, subresource, time, fieldsV1]);
