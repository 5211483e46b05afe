import type { KubeObject } from "../model.js";
import { sameJson } from "../equal.js";

/** What a person has written of an object: everything but what the server keeps account of for itself. */
export function contentOf({ metadata, ...fields }: KubeObject): Record<string, unknown> {
  const { resourceVersion: _version, generation: _generation, managedFields: _fields, ...kept } = metadata;
  const { status: _status, ...rest } = fields;
  return { ...rest, metadata: kept };
}

/** Whether a write would change nothing of what people see in an object. */
export function sameContent(left: KubeObject, right: KubeObject): boolean {
  return sameJson(contentOf(left), contentOf(right));
}

/** Whether what a manager has applied is noted as the same fields in both: an apply may also only take on fields. */
export function sameFieldsApplied(left: KubeObject, right: KubeObject, manager: string): boolean {
  return sameJson(fieldsAppliedBy(left, manager), fieldsAppliedBy(right, manager));
}

/** The fields that a manager has applied (`fieldsV1` of managedFields); undefined when it never did. */
export function fieldsAppliedBy({ metadata }: KubeObject, manager: string): unknown {
  const isOurs = (entry: { manager?: string; operation?: string; subresource?: string }): boolean =>
    entry.manager === manager && entry.operation === "Apply" && !entry.subresource;
  return (metadata.managedFields ?? []).find(isOurs)?.fieldsV1;
}
