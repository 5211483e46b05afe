import { decodeFindings } from "../kinds/decode.js";
import type { SandboxKind } from "../kinds/kind.js";
import { isObject } from "../kinds/schema.js";
import type { Json } from "../kinds/schema.js";
import type { AnyObject } from "../port.js";
import { StatusError, badRequest } from "../store/status.js";
import { goText, goType } from "./go-text.js";
import { jsonPatch } from "./json-patch.js";
import { mergePatch } from "./merge-patch.js";
import { strategicMergePatch } from "./strategic.js";

type Format = (target: AnyObject, patch: unknown, kind: SandboxKind) => unknown;

const anObject = "map[string]interface {}";

/** The formats of a patch by their media types. Server-side apply is not one: see `server-side-apply.ts`. */
const formats: Record<string, Format> = {
  "application/json-patch+json": (target, patch) => {
    if (!Array.isArray(patch)) throw undecodable(patch, "[]handlers.jsonPatchOp");
    return jsonPatch(target, patch);
  },
  "application/merge-patch+json": (target, patch) => {
    if (!isObject(patch)) throw undecodable(patch, anObject);
    return mergePatch(target, patch);
  },
  "application/strategic-merge-patch+json": (target, patch, kind) => {
    if (!isObject(patch))
      throw badRequest(`json: cannot unmarshal ${goType(patch)} into Go value of type ${anObject}`);
    return strategicMergePatch(kind.kind, target, patch);
  },
};

/** The media types that `applyPatch` takes, as the API's discovery and its 415 name them. */
export const patchTypes: readonly string[] = Object.keys(formats);

function undecodable(patch: unknown, wanted: string): StatusError {
  return badRequest(
    `error decoding patch: json: cannot unmarshal ${goType(patch)} into Go value of type ${wanted}`,
  );
}

/**
 * The object that a patch makes of `object`, which is left alone. Defaults and validation are not looked at; that the
 * result has the types of its kind is.
 * @throws StatusError 400 for a body that is no patch, 415 for an unknown content type, 422 and 500 (the API's own
 *   codes) for a patch that does not fit the object.
 */
export function applyPatch(
  contentType: string,
  object: AnyObject,
  body: string,
  kind: SandboxKind,
): AnyObject {
  const format = formats[contentType.split(";")[0]?.trim() ?? ""];
  if (!format) throw new StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {});
  const patch = parse(body);
  const result = format(object, patch, kind);
  const error = decodeFindings(kind.kind, result).error ?? foreign(result, object);
  if (error === undefined) return result as AnyObject;
  const shown =
    format === formats["application/strategic-merge-patch+json"] ? goText(patch) : JSON.stringify(result);
  throw unfit(shown, error);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badRequest("invalid JSON patch");
  }
}

/** A patch may not turn an object into one of another kind. */
function foreign(result: unknown, { apiVersion, kind }: AnyObject): string | undefined {
  const made: Json = isObject(result) ? result : {};
  if (made.apiVersion === apiVersion && made.kind === kind) return undefined;
  return `no kind "${made.kind}" is registered for version "${made.apiVersion}" in scheme "pkg/runtime/scheme.go:111"`;
}

/** How the API refuses a patch whose result does not decode. */
function unfit(shown: string, error: string): StatusError {
  const message = `Invalid value: ${JSON.stringify(shown)}: ${error}`;
  const causes = [{ reason: "FieldValueInvalid", message, field: "patch" }];
  return new StatusError(422, "Invalid", ` "" is invalid: patch: ${message}`, { causes });
}
