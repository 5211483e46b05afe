import { isObject } from "../kinds/schema.js";
import type { Json } from "../kinds/schema.js";
import { normalizeStruct } from "../kinds/normalize.js";
import type { AnyObject } from "../port.js";
import { compareObjects } from "./field-compare.js";
import { FieldSet } from "./field-set.js";
import type { FieldPath } from "./field-set.js";

/** Who writes, how and when. */
export interface FieldWrite {
  manager: string;
  operation: "Apply" | "Update";
  /** RFC 3339, in seconds. */
  time: string;
  /** `status`, `scale` …; empty for a write of the object itself. */
  subresource: string;
}

/** An entry of `metadata.managedFields`, its fields read. */
export interface Managed {
  manager: string;
  operation: string;
  apiVersion: string;
  subresource: string;
  time: string | undefined;
  fields: FieldSet;
}

/** What belongs to nobody: it is the server's (apimachinery, managedfields `stripMeta`). */
export const nobodys: FieldPath[] = [
  ["f:apiVersion"],
  ["f:kind"],
  ...[
    "name",
    "namespace",
    "creationTimestamp",
    "selfLink",
    "uid",
    "generation",
    "managedFields",
    "resourceVersion",
  ].map((field) => ["f:metadata", `f:${field}`]),
];

/** The fields that a write may come to own: a plain one no status. */
export function ownable(fields: FieldSet, subresource: string): FieldSet {
  const own = fields.without(subresource === "status" ? nobodys : [...nobodys, ["f:status"]]);
  return own.filter((path) => path !== "f:metadata");
}

export function readManaged(object: AnyObject | undefined): Managed[] {
  const entries: unknown = object?.metadata.managedFields;
  return (Array.isArray(entries) ? entries.filter(isObject) : []).map((entry) => ({
    manager: entry.manager ?? "",
    operation: entry.operation ?? "Update",
    apiVersion: entry.apiVersion ?? "",
    subresource: entry.subresource ?? "",
    time: entry.time,
    fields: FieldSet.fromFieldsV1(entry.fieldsV1),
  }));
}

/** Entries without a field go; applied ones come first, then older ones. */
export function writeManaged(object: AnyObject, entries: readonly Managed[]): void {
  const order = ({ operation, time = "", manager, subresource }: Managed): string =>
    [operation, time, manager, subresource].join("\u0000");
  const kept = entries.filter(({ fields }) => fields.size > 0);
  kept.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  if (kept.length === 0) delete object.metadata.managedFields;
  else object.metadata.managedFields = kept.map(toEntry);
}

function toEntry({ manager, operation, apiVersion, time, fields, subresource }: Managed): Json {
  return {
    manager,
    operation,
    apiVersion,
    ...(time && { time }),
    fieldsType: "FieldsV1",
    fieldsV1: fields.toFieldsV1(),
    ...(subresource && { subresource }),
  };
}

/** True where an entry is the one that `write` goes on. */
export function isWriter(entry: Managed, write: Omit<FieldWrite, "time">, apiVersion: string): boolean {
  const { manager, operation, subresource } = write;
  const same =
    entry.manager === manager && entry.operation === operation && entry.subresource === subresource;
  return same && entry.apiVersion === apiVersion;
}

/**
 * Writes `metadata.managedFields` of `next` as the API server does: what the write changed or added belongs to its
 * manager from now on and to nobody else, what it removed belongs to nobody. `old` is undefined for a create. After
 * a server-side apply the fields have been given out already; then only the time is noted.
 */
export function trackFields(old: AnyObject | undefined, next: AnyObject, write: FieldWrite): void {
  const { kind, apiVersion } = next;
  if (write.operation === "Apply") return stamp(old, next, write);
  const entries = managedBefore(old, next, write);
  // What nobody owned so far is not tracked, until somebody applies it (apimachinery, `skipNonAppliedManager`).
  if (old && entries.length === 0) return writeManaged(next, []);
  const [before, after] = [old ?? emptyObject(kind), next].map((object) => scaled(object, write));
  const { added, modified, removed } = compareObjects(kind, before, after);
  const taken = ownable(added.union(modified), write.subresource);
  const others: Managed[] = [];
  let own: Managed = { ...write, apiVersion, time: undefined, fields: new FieldSet() };
  for (const entry of entries) {
    if (isWriter(entry, write, apiVersion)) own = entry;
    else others.push({ ...entry, fields: entry.fields.minus(taken).minus(removed) });
  }
  const fields = own.fields.union(taken).minus(removed);
  const time = fields.equals(own.fields) && taken.size === 0 ? own.time : write.time;
  writeManaged(next, [...others, { ...own, fields, time }]);
}

/** To a scale no replicas are none at all: nobody owns them. */
function scaled(object: Json, { subresource }: FieldWrite): Json {
  if (subresource !== "scale" || object.spec?.replicas !== 0) return object;
  const { replicas: _none, ...spec } = object.spec;
  return { ...object, spec };
}

/**
 * The entries that a write begins with: those of the object that is sent, where it has any, so that they can be written
 * like other fields, but not through a subresource; one that is empty takes all of them away (apimachinery,
 * managedfields `decodeLiveOrNew`).
 */
function managedBefore(old: AnyObject | undefined, next: AnyObject, { subresource }: FieldWrite): Managed[] {
  const sent: unknown = next.metadata.managedFields;
  if (subresource || !Array.isArray(sent) || sent.length === 0) return readManaged(old);
  const isReset = sent.length === 1 && isObject(sent[0]) && Object.keys(sent[0]).length === 0;
  return isReset ? [] : readManaged(next);
}

/** What a create is compared with: fields that Go always writes were there before anybody set them. */
export function emptyObject(kind: string): Json {
  const object: Json = {};
  normalizeStruct(kind, object);
  return object;
}

function stamp(old: AnyObject | undefined, next: AnyObject, write: FieldWrite): void {
  const { apiVersion } = next;
  const mine = (entry: Managed): boolean => isWriter(entry, write, apiVersion);
  const before = readManaged(old).find(mine);
  const entries = readManaged(next).map((entry) => {
    if (!mine(entry)) return entry.time ? entry : { ...entry, time: write.time };
    return { ...entry, time: before && entry.fields.equals(before.fields) ? before.time : write.time };
  });
  writeManaged(next, entries);
}
