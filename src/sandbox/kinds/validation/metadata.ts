import type { AnyObject, OwnerReference } from "../../port.js";
import type { Admission, FieldError } from "../kind.js";
import { sinceMinor } from "../version.js";
import { each, invalid, required } from "./errors.js";
import { labelValue, qualifiedName } from "./names.js";
import type { NameRule } from "./names.js";

const longestAnnotations = 256 * 1024;

/** What the API asks of the metadata of every object; `name` is the rule of its kind, `old` is there on an update. */
export function objectMeta(
  { metadata }: AnyObject,
  old: AnyObject | undefined,
  name: NameRule,
  { kubernetesVersion }: Pick<Admission, "kubernetesVersion">,
): FieldError[] {
  return [
    ...(old ? [] : ownName(metadata, name)),
    ...labels("metadata.labels", metadata.labels),
    ...annotations("metadata.annotations", metadata.annotations),
    ...owners(metadata.ownerReferences ?? [], sinceMinor(37, kubernetesVersion)),
    ...finalizers(metadata.finalizers ?? []),
  ];
}

function ownName({ name, generateName }: AnyObject["metadata"], rule: NameRule): FieldError[] {
  const prefix = typeof generateName === "string" ? generateName : "";
  // A generated name ends in letters: a prefix may end in a dash.
  const ofPrefix = prefix ? each("metadata.generateName", prefix, rule(prefix.replace(/-$/, "a"))) : [];
  if (!name) return prefix ? ofPrefix : [required("metadata.name", "name or generateName is required")];
  return [...ofPrefix, ...each("metadata.name", name, rule(name))];
}

export function labels(field: string, values: Record<string, string> = {}): FieldError[] {
  return Object.keys(values)
    .sort()
    .flatMap((key) => [
      ...each(field, key, qualifiedName(key)),
      ...each(field, values[key], labelValue(values[key] ?? "")),
    ]);
}

export function annotations(field: string, values: Record<string, string> = {}): FieldError[] {
  const errors = Object.keys(values).flatMap((key) => each(field, key, qualifiedName(key.toLowerCase())));
  const size = Object.entries(values).reduce((sum, [key, value]) => sum + Buffer.byteLength(key + value), 0);
  if (size <= longestAnnotations) return errors;
  const message = `Too long: may not be more than ${longestAnnotations} bytes`;
  return [...errors, { reason: "FieldValueTooLong", field, message }];
}

const standardFinalizers = ["orphan", "foregroundDeletion", "kubernetes"];

function finalizers(names: string[]): FieldError[] {
  const field = "metadata.finalizers";
  const unqualified = "name is neither a standard finalizer name nor is it fully qualified";
  return [
    ...names.flatMap((name) => each(field, name, qualifiedName(name))),
    ...names.flatMap((name, at) =>
      name.includes("/") || standardFinalizers.includes(name)
        ? []
        : [invalid(`${field}[${at}]`, name, unqualified)],
    ),
  ];
}

/** @param indexed false up to 1.36, where the API names the list alone */
function owners(references: OwnerReference[], indexed: boolean): FieldError[] {
  const field = "metadata.ownerReferences";
  const controllers = references.filter(({ controller }) => controller);
  const [first, second] = controllers.map(({ kind, name }) => `${kind}/${name}`);
  const why = `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${second}`;
  return [
    ...references.flatMap((one, at) => owner(one, indexed ? `${field}[${at}]` : field, indexed)),
    ...(controllers.length > 1 ? [invalid(field, references, why)] : []),
  ];
}

function owner(reference: OwnerReference, field: string, indexed: boolean): FieldError[] {
  const { apiVersion, kind, name } = reference;
  const missing = (part: string, why: string) =>
    indexed ? required(`${field}.${part}`, "must not be empty") : invalid(`${field}.${part}`, "", why);
  const empty = (["kind", "name", "uid"] as const).filter((part) => !reference[part]);
  const unreadable = indexed ? "must be <group>/<version> or <version>" : "version must not be empty";
  const version = apiVersion.split("/").length > 2 ? unreadable : undefined;
  const event = apiVersion === "v1" && kind === "Event" && name;
  return [
    ...(apiVersion ? [] : [missing("apiVersion", "version must not be empty")]),
    ...(version ? [invalid(`${field}.apiVersion`, apiVersion, version)] : []),
    ...empty.map((part) => missing(part, "must not be empty")),
    ...(event ? [invalid(field, reference, "/v1, Kind=Event is disallowed from being an owner")] : []),
  ];
}
