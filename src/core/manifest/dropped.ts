import type { KubeObject, Manifest } from "../model.js";
import { isStatefulSet } from "./bundle.js";
import { isMapping } from "./shape.js";

/** Fields that are known to be dropped where their feature gate is off (`dropStatefulSetDisabledFields`). */
const gates: Readonly<Record<string, string>> = {
  "spec.updateStrategy.rollingUpdate.maxUnavailable": "MaxUnavailableStatefulSet",
};

/**
 * What a server made nothing of, though a StatefulSet's manifest asks for it: a sentence for each field of its spec that
 * is not in the server's answer. A server that does not know a field, or has its feature turned off, says nothing.
 */
export function droppedFields(wanted: Manifest, answer: KubeObject): string[] {
  if (!isStatefulSet(wanted)) return [];
  return missing(wanted["spec"], answer["spec"], "spec").map((field) => {
    const gate = gates[field];
    if (gate) return `this server has ${gate} off: ${field} was dropped`;
    return `this server dropped ${field}: it does not know the field, or has its feature turned off`;
  });
}

function missing(wanted: unknown, answer: unknown, path: string): string[] {
  if (!isMapping(wanted) || !isMapping(answer)) return [];
  return Object.entries(wanted).flatMap(([name, value]) => {
    if (isEmpty(value)) return [];
    const field = `${path}.${name}`;
    return answer[name] === undefined ? [field] : missing(value, answer[name], field);
  });
}

/** What Go leaves out of JSON, whoever wrote it. */
function isEmpty(value: unknown): boolean {
  if (isMapping(value)) return Object.values(value).every(isEmpty);
  if (Array.isArray(value)) return value.length === 0;
  return value === null || value === undefined || value === "" || value === 0 || value === false;
}
