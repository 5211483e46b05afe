import type { KubeObject } from "../model.js";
import { isMapping } from "../manifest/shape.js";
import { contentOf } from "./content.js";

/** What is kept secret, with a mark that tells a value which changes from one that does not. */
const mask = "***";
const marks = [`${mask} (before)`, `${mask} (after)`] as const;

/**
 * Two states of an object as they are compared by eye: without what the server keeps account of for itself, and with
 * the values of a Secret masked as `kubectl diff` masks them. Undefined stands for an object that is not there.
 */
export function comparable(
  before: KubeObject | undefined,
  after: KubeObject,
): [before: object | undefined, after: object] {
  const [old, now] = [before && shown(before), shown(after)];
  const isSecret = after.kind === "Secret" && after.apiVersion === "v1";
  if (!isSecret) return [old, now];
  return [old && masked(old, now, marks[0]), masked(now, old, marks[1])];
}

function shown(object: KubeObject): Record<string, unknown> {
  const { metadata, ...fields } = contentOf(object);
  const { uid: _uid, creationTimestamp: _created, ...kept } = metadata as KubeObject["metadata"];
  return { ...fields, metadata: kept };
}

function masked(
  object: Record<string, unknown>,
  other: Record<string, unknown> | undefined,
  changed: string,
): Record<string, unknown> {
  const fields = ["data", "stringData"].filter((field) => isMapping(object[field]));
  const hidden = fields.map((field) => {
    const values = object[field] as Record<string, unknown>;
    const others = isMapping(other?.[field]) ? other[field] : {};
    const entries = Object.entries(values).map(([key, value]) => {
      const isChanged = key in others && others[key] !== value;
      return [key, isChanged ? changed : mask];
    });
    return [field, Object.fromEntries(entries) as object];
  });
  return { ...object, ...(Object.fromEntries(hidden) as object), metadata: withoutCopy(object["metadata"]) };
}

/** `kubectl apply` keeps a copy of the manifest, values included, in an annotation. */
const copy = "kubectl.kubernetes.io/last-applied-configuration";

function withoutCopy(metadata: unknown): unknown {
  if (!isMapping(metadata) || !isMapping(metadata["annotations"])) return metadata;
  const { annotations } = metadata;
  return copy in annotations ? { ...metadata, annotations: { ...annotations, [copy]: mask } } : metadata;
}
