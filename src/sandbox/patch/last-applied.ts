import { isObject } from "../kinds/schema.js";
import type { AnyObject } from "../port.js";
import { compareObjects, fieldsNamed } from "./field-compare.js";
import { FieldSet } from "./field-set.js";

const annotation = "kubectl.kubernetes.io/last-applied-configuration";

/** The manager of `kubectl apply --server-side`: it goes on where `kubectl apply` left off. */
const kubectl = "kubectl";

/**
 * The fields that kubectl may take without asking when it applies on the server what it applied itself before: those of
 * the annotation that are as they are there (apimachinery, `lastAppliedManager`).
 */
export function fieldsLastApplied(manager: string, live: AnyObject | undefined, kind: string): FieldSet {
  const applied = manager === kubectl && live ? configuration(live) : undefined;
  if (!applied || applied["apiVersion"] !== live?.apiVersion) return new FieldSet();
  const { added, modified, removed } = compareObjects(kind, applied, live);
  return fieldsNamed(kind, applied).minus(modified).minus(added).minus(removed);
}

/** Keeps the annotation up to date in `merged`, where it is: `kubectl apply` may come again. */
export function updateLastApplied(manager: string, merged: AnyObject, sent: AnyObject): void {
  const { annotations } = merged.metadata;
  if (manager !== kubectl || !annotations?.[annotation]) return;
  merged.metadata.annotations = {
    ...annotations,
    [annotation]: `${JSON.stringify(sorted(withoutAnnotation(sent)))}\n`,
  };
}

function configuration(live: AnyObject): Record<string, unknown> | undefined {
  const text = live.metadata.annotations?.[annotation];
  if (!text) return undefined;
  try {
    const document: unknown = JSON.parse(text);
    return isObject(document) ? document : undefined;
  } catch {
    return undefined;
  }
}

function withoutAnnotation(sent: AnyObject): AnyObject {
  const { annotations, ...metadata } = sent.metadata;
  if (!annotations) return sent;
  const { [annotation]: _applied, ...kept } = annotations;
  return { ...sent, metadata: { ...metadata, annotations: kept } };
}

/** As Go writes what it read into maps: members by name. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]));
}
