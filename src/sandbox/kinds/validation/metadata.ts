import type { AnyObject, OwnerReference } from "../../port.js";
import type { Admission, FieldError } from "../kind.js";
import { sinceMinor } from "../version.js";
import { each, invalid, required, tooLong } from "./errors.js";
import { labelValue, qualifiedName } from "./names.js";
import type { NameRule } from "./names.js";
import { fields, type Rule } from "./rules.js";
import { named } from "./values.js";

/** What the API asks of the metadata of every object; `name` is the rule of its kind, `old` is there on an update. */
export function objectMeta(
  { metadata }: AnyObject,
  old: AnyObject | undefined,
  name: NameRule,
  { kubernetesVersion }: Pick<Admission, "kubernetesVersion">,
): FieldError[] {
  return [
    ...(old ? [] : ownName(metadata, name)),
    ...fields({ labels, annotations })(metadata, "metadata"),
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

/** Of objects, templates and selectors. Here, too, the API names no keys. */
export const labels: Rule = (values: Record<string, string> = {}, path) =>
  Object.keys(values)
    .sort()
    .flatMap((key) => [...named(qualifiedName)(key, path), ...named(labelValue)(values[key], path)]);

export const annotations: Rule = (values: Record<string, string> = {}, path) => {
  const errors = Object.keys(values).flatMap((key) => each(path, key, qualifiedName(key.toLowerCase())));
  const size = Object.entries(values).reduce((sum, [key, value]) => sum + Buffer.byteLength(key + value), 0);
  return [...errors, ...tooLong(path, size, 256 * 1024)];
};

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
