import type { ServerResponse } from "node:http";
import { ApiError } from "../../cluster/errors.js";
import type { SandboxKind } from "../kinds/kind.js";
import type { AnyObject } from "../port.js";
import { StatusError, type StatusBody } from "../store/status.js";

/** What the API server answers: a document, or a stream that writes for itself. */
export type Answer =
  | { code: number; body: object | string; headers?: Record<string, string> }
  | { stream: (response: ServerResponse) => void };

/** A list as the API has it: its items do not repeat the kind. */
export function listOf(
  kind: Pick<SandboxKind, "group" | "version" | "kind">,
  objects: AnyObject[],
  metadata: Record<string, unknown>,
): object {
  const apiVersion = kind.group ? `${kind.group}/${kind.version}` : kind.version;
  const items = objects.map((object) => ({ ...object, kind: undefined, apiVersion: undefined }));
  return { kind: `${kind.kind}List`, apiVersion, metadata, items };
}

/** The Status for anything that was thrown. What is no refusal of the API is an internal error. */
export function statusOf(error: unknown): StatusBody {
  if (error instanceof StatusError) return error.status;
  // The simulator speaks in the gateway's errors.
  if (error instanceof ApiError) {
    return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", ...error.status };
  }
  const message = error instanceof Error ? error.message : String(error);
  const details = { causes: [{ message }] };
  return new StatusError(500, "InternalError", `Internal error occurred: ${message}`, details).status;
}
