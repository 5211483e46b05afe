import type { SandboxKind } from "../kinds/kind.js";
import { meets } from "../kinds/label-selector.js";
import type { AnyObject } from "../port.js";
import { badRequest } from "../store/status.js";
import { parseFieldSelector, parseLabelSelector } from "./selectors.js";

/** Which objects of a kind a list, a watch or a delete is about. */
export interface Selection {
  /** True when selectors narrow it. */
  narrow: boolean;
  includes(object: AnyObject): boolean;
}

/** Reads `labelSelector` and `fieldSelector`. Throws the API's 400 for bad ones and for fields that the kind cannot be selected by. */
export function selectionOf(kind: SandboxKind, query: URLSearchParams): Selection {
  const labels = parseLabelSelector(query.get("labelSelector") ?? "");
  const terms = parseFieldSelector(query.get("fieldSelector") ?? "");
  const known = fieldsOf(kind, { metadata: {}, spec: {}, status: {} } as unknown as AnyObject);
  for (const { field } of terms) if (!Object.hasOwn(known, field)) throw unknownField(kind, field);
  return {
    narrow: labels.length > 0 || terms.length > 0,
    includes: (object) => {
      if (!meets(object.metadata.labels ?? {}, labels)) return false;
      if (terms.length === 0) return true;
      const fields = fieldsOf(kind, object);
      return terms.every(({ field, value, equal }) => ((fields[field] ?? "") === value) === equal);
    },
  };
}

function fieldsOf(kind: SandboxKind, object: AnyObject): Record<string, string> {
  const { name, namespace } = object.metadata;
  const own = { "metadata.name": name, ...(kind.namespaced && { "metadata.namespace": namespace ?? "" }) };
  return { ...own, ...kind.selectableFields(object) };
}

// Core kinds with fields of their own answer in other words than those that have none.
function unknownField(kind: SandboxKind, field: string): Error {
  const own = ["Pod", "Node", "Event", "Namespace", "Secret", "Service", "ReplicationController"];
  if (kind.group === "" && own.includes(kind.kind)) return badRequest(`field label not supported: ${field}`);
  return badRequest(`"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`);
}
