import type { FieldError, SandboxKind } from "../kinds/kind.js";
import type { AnyObject } from "../port.js";
import { timestamp, type Environment } from "./environment.js";
import { sameJson } from "./json.js";

// Without vowels and look-alikes, as apimachinery's names are generated.
const suffixAlphabet = "bcdfghjklmnpqrstvwxz2456789";
const longestGenerated = 63 - 5;
/** How many generated names are tried (apiserver's `maxNameGenerationCreateAttempts`). */
const attempts = 8;

function generatedName(prefix: string, random: () => number): string {
  const letter = () => suffixAlphabet[Math.floor(random() * suffixAlphabet.length)];
  return prefix.slice(0, longestGenerated) + Array.from({ length: 5 }, letter).join("");
}

/** Gives a new object what only the server may say of it, and a name where it asks for a generated one. */
export function initialMetadata(
  kind: SandboxKind,
  object: AnyObject,
  namespace: string,
  env: Environment & { isTaken(): boolean },
): void {
  const { metadata } = object;
  for (const field of [
    "resourceVersion",
    "selfLink",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
  ]) {
    delete metadata[field];
  }
  if (kind.namespaced) metadata.namespace = namespace;
  else delete metadata.namespace;
  if (!metadata.name && metadata.generateName) {
    for (let attempt = 1; attempt === 1 || (attempt <= attempts && env.isTaken()); attempt += 1)
      metadata.name = generatedName(String(metadata.generateName), env.random);
  }
  metadata.uid = env.newUid();
  metadata.creationTimestamp = timestamp(env.now());
  if (kind.generation) metadata.generation = 1;
}

const serverFields = ["creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"];

/** Puts back in an update what no update may change. */
export function carryOver(kind: SandboxKind, object: AnyObject, old: AnyObject): void {
  const { metadata } = object;
  // A deletion can be neither taken back nor begun by an update; the latter is refused (validateMetadata).
  for (const field of serverFields)
    if (old.metadata[field] !== undefined) metadata[field] = old.metadata[field];
  if (old.metadata.generation === undefined) delete metadata.generation;
  metadata.uid ||= old.metadata.uid;
  metadata.resourceVersion = old.metadata.resourceVersion;
  if (kind.namespaced) metadata.namespace ||= old.metadata.namespace ?? "";
  else delete metadata.namespace;
  object.apiVersion = old.apiVersion;
  object.kind = old.kind;
}

/** Counts the generation up when the wish (all but metadata and status) is another one. */
export function countGeneration(kind: SandboxKind, object: AnyObject, old: AnyObject): void {
  if (!kind.generation || old.metadata.generation === undefined) return;
  if (!sameJson(object, old, ["metadata", "status"]))
    object.metadata.generation = old.metadata.generation + 1;
}

const immutable = ["name", "namespace", "uid", "deletionTimestamp", "deletionGracePeriodSeconds"] as const;

/** The checks of metadata that are the same for every kind (apimachinery's ValidateObjectMetaAccessor). */
export function validateMetadata({ metadata }: AnyObject, old: AnyObject | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (!metadata.name) errors.push(required("metadata.name", "name or generateName is required"));
  const finalizers = metadata.finalizers ?? [];
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")) {
    const message = `Invalid value: ${JSON.stringify(finalizers)}: finalizer orphan and foregroundDeletion cannot be both set`;
    errors.push({ reason: "FieldValueInvalid", field: "metadata.finalizers", message });
  }
  if (old?.metadata.deletionTimestamp)
    errors.push(...newFinalizers(finalizers, old.metadata.finalizers ?? []));
  for (const field of old ? immutable : []) {
    if (metadata[field] === old?.metadata[field]) continue;
    const message = `Invalid value: ${JSON.stringify(metadata[field])}: field is immutable`;
    errors.push({ reason: "FieldValueInvalid", field: `metadata.${field}`, message });
  }
  return errors;
}

function required(field: string, detail: string): FieldError {
  return { reason: "FieldValueRequired", field, message: `Required value: ${detail}` };
}

function newFinalizers(now: string[], before: string[]): FieldError[] {
  const added = now.filter((finalizer) => !before.includes(finalizer)).sort();
  if (added.length === 0) return [];
  const list = added.map((finalizer) => JSON.stringify(finalizer)).join(", ");
  const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`;
  return [{ reason: "FieldValueForbidden", field: "metadata.finalizers", message }];
}
