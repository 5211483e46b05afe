import type { FieldError, SandboxKind } from "../kinds/kind.js";

interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** The body of an answer that is not an object: `Status` of meta/v1. */
export interface StatusBody {
  kind: "Status";
  apiVersion: "v1";
  metadata: { continue?: string };
  status: "Failure" | "Success";
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code?: number;
}

/** An API request that failed, with the Status that the API answers. The message is the API's. */
export class StatusError extends Error {
  override readonly name = "StatusError";
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    readonly details?: StatusDetails,
    /** Where a list that expired may go on (`metadata.continue`). */
    readonly continueToken?: string,
  ) {
    super(message);
  }

  get status(): StatusBody {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: this.continueToken === undefined ? {} : { continue: this.continueToken },
      status: "Failure",
      message: this.message,
      ...(this.reason && { reason: this.reason }),
      ...(this.details && { details: this.details }),
      code: this.code,
    };
  }
}

/** What errors need to know of a kind. */
export type Named = Pick<SandboxKind, "group" | "resource" | "kind">;

/** `statefulsets.apps`, `pods`: how the API's messages name a resource. */
export function qualifiedResource({ group, resource }: Pick<Named, "group" | "resource">): string {
  return group ? `${resource}.${group}` : resource;
}

// Go leaves an empty string of StatusDetails out of the JSON.
function detailsOf(kind: Pick<Named, "group" | "resource">, name: string): StatusDetails {
  return { ...(name && { name }), ...(kind.group && { group: kind.group }), kind: kind.resource };
}

export function notFound(kind: Pick<Named, "group" | "resource">, name: string): StatusError {
  return new StatusError(
    404,
    "NotFound",
    `${qualifiedResource(kind)} "${name}" not found`,
    detailsOf(kind, name),
  );
}

/** @param leaves whether what has the name is being deleted */
export function alreadyExists(
  kind: Named,
  { name, generateName }: { name: string; generateName?: unknown },
  leaves = false,
): StatusError {
  const exists = `${qualifiedResource(kind)} "${name}" already exists`;
  const why = generateName ? ", the server was not able to generate a unique name for the object" : "";
  const message = `${leaves ? "object is being deleted: " : ""}${exists}${why}`;
  const details = { ...detailsOf(kind, name), ...(generateName ? { retryAfterSeconds: 1 } : {}) };
  return new StatusError(409, "AlreadyExists", message, details);
}

export function conflict(kind: Named, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualifiedResource(kind)} "${name}": ${why}`;
  return new StatusError(409, "Conflict", message, detailsOf(kind, name));
}

/** Registry's `OptimisticLockErrorMsg` of apiserver. */
export function modified(kind: Named, name: string): StatusError {
  return conflict(
    kind,
    name,
    "the object has been modified; please apply your changes to the latest version and try again",
  );
}

/** `forbidden: …` without a resource, else `pods is forbidden: …` or `pods "x" is forbidden: …`. */
export function forbidden(
  kind: Pick<Named, "group" | "resource"> | undefined,
  name: string,
  why: string,
): StatusError {
  if (!kind) return new StatusError(403, "Forbidden", `forbidden: ${why}`, {});
  const subject = name ? `${qualifiedResource(kind)} "${name}"` : qualifiedResource(kind);
  return new StatusError(403, "Forbidden", `${subject} is forbidden: ${why}`, detailsOf(kind, name));
}

/** 422 with the API's aggregate of field errors: one stands alone, several are in brackets, without duplicates. */
export function invalid(
  kind: Pick<Named, "group" | "kind">,
  name: string,
  errors: FieldError[],
): StatusError {
  const texts = [...new Set(errors.map(({ field, message }) => (field ? `${field}: ${message}` : message)))];
  const subject = kind.group ? `${kind.kind}.${kind.group}` : kind.kind;
  const list = texts.length > 1 ? `[${texts.join(", ")}]` : texts[0];
  return new StatusError(422, "Invalid", `${subject} "${name}" is invalid: ${list}`, {
    ...(name && { name }),
    ...(kind.group && { group: kind.group }),
    ...(kind.kind && { kind: kind.kind }),
    causes: errors.map(({ reason, message, field }) => ({ reason, message, field })),
  });
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, "BadRequest", message);
}

/** 410 for a resourceVersion or a page that history no longer has. */
export function expired(message: string, continueToken?: string): StatusError {
  return new StatusError(410, "Expired", message, undefined, continueToken);
}

/** What the API answers for a path of a group that has no such resource. */
export function noSuchResource(): StatusError {
  return new StatusError(404, "NotFound", "the server could not find the requested resource", {});
}
