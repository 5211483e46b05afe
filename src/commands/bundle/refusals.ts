import type { ApiError } from "../../cluster/errors.js";
import type { FieldPath } from "../../core/manifest/shape.js";
import type { LocatedObject } from "./plan.js";

/** What the server says against an object, where in the files that stands, and what to do about it. */
export function describeRefusal(object: LocatedObject, error: ApiError): string {
  return [error.message, ...placesOf(object, fieldsOf(error)), ...remedy(object, error)].join("\n");
}

/** `  web.yaml:12:3: spec.replicas` for each field, as the API names them; empty for what `sts` made itself. */
export function placesOf({ locate }: LocatedObject, fields: readonly string[]): string[] {
  if (locate([]) === "") return [];
  return [...new Set(fields.map((field) => `  ${locate(parsePath(field))}: ${field}`))];
}

function remedy({ manifest, generated }: LocatedObject, error: ApiError): string[] {
  if (error.reason === "NotFound" && error.message.includes("namespaces")) {
    return [`  first: kubectl create namespace ${manifest.metadata.namespace ?? ""}`];
  }
  return generated && error.reason === "Forbidden" ? ["  to go without this Service: --no-service"] : [];
}

/** Fields that the API's answer names: as causes, or in the texts of strict decoding and of server-side apply. */
function fieldsOf({ status }: ApiError): string[] {
  const causes = (status.details?.causes ?? []).flatMap(({ field }) => field ?? []);
  const strict = [...status.message.matchAll(/(?:unknown|duplicate) field "([^"]+)"/g)];
  const typed = [...status.message.matchAll(/[:,] \.([^\s:]+): /g)];
  return [...causes, ...[...strict, ...typed].map(([, field = ""]) => field)];
}

/** `spec.containers[0].image` → `["spec", "containers", 0, "image"]`. */
function parsePath(field: string): FieldPath {
  const steps = field.match(/[^.[\]]+/g) ?? [];
  return steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}
