import { decodeFindings } from "../kinds/decode.js";
import { scanJson } from "../kinds/json-scanner.js";
import type { SandboxKind } from "../kinds/kind.js";
import { isObject } from "../kinds/schema.js";
import type { Json } from "../kinds/schema.js";
import type { AnyObject } from "../port.js";
import { StatusError, badRequest } from "../store/status.js";
import { conversionError } from "./convert.js";
import { encodePatched, touchedBy } from "./encode.js";
import { goText, goType } from "./go-text.js";
import { jsonPatch, type Operation } from "./json-patch.js";
import { mergePatch } from "./merge-patch.js";
import { strategicMergePatch } from "./strategic.js";

/** How a patch was sent: by media type, as text, and whether `fieldValidation` wants to know more than that it fits. */
export interface PatchRequest {
  type: string;
  body: string;
  validates: boolean;
}

/** What a patch made, and what may be said against it. */
export interface Patched {
  object: AnyObject;
  /** Paths of the fields that the kind does not have, in the API's order. */
  unknown: string[];
  /** The API's 422 for what the patch made. */
  refuse: (why: string) => StatusError;
}

interface Format {
  /** What Go makes of a body that is `null`; without it, that is no patch. */
  nothing?: Json | [];
  apply(target: AnyObject, patch: any, kind: string): unknown; // oxlint-disable-line no-explicit-any -- as `check` let it through
  /** Throws the API's 400 for what is no patch of this format. */
  check(patch: unknown, validates: boolean): void;
  /** The result as the API's errors show it. */
  show(result: unknown, patch: any, kind: string): string; // oxlint-disable-line no-explicit-any
  /** Why the result does not fit its kind. */
  misfit(kind: string, result: unknown): string | undefined;
}

const anObject = "map[string]interface {}";

const misread = (patch: unknown, wanted: string): string =>
  `json: cannot unmarshal ${goType(patch)} into Go value of type ${wanted}`;

const decoded = (kind: string, result: unknown): string | undefined => decodeFindings(kind, result).error;

/** The formats of a patch by their media types. Server-side apply is not one: see `server-side-apply.ts`. */
const formats: Record<string, Format> = {
  "application/json-patch+json": {
    nothing: [],
    apply: jsonPatch,
    check(patch, validates) {
      if (Array.isArray(patch)) return;
      if (!validates) throw badRequest(misread(patch, "jsonpatch.Patch"));
      throw badRequest(`error decoding patch: ${misread(patch, "[]handlers.jsonPatchOp")}`);
    },
    show: (result, patch: Operation[], kind) =>
      encodePatched(kind, result, touchedBy(patch.flatMap(({ path, from }) => [path, from]))),
    misfit: decoded,
  },
  "application/merge-patch+json": {
    apply: mergePatch,
    check(patch) {
      if (patch === null) throw badRequest("Invalid JSON Patch");
      if (!isObject(patch)) throw badRequest(`error decoding patch: ${misread(patch, anObject)}`);
    },
    show: (result, patch, kind) => encodePatched(kind, result, patch),
    misfit: decoded,
  },
  "application/strategic-merge-patch+json": {
    nothing: {},
    apply: (target, patch, kind) => strategicMergePatch(kind, target, patch),
    check(patch) {
      if (!isObject(patch)) throw badRequest(misread(patch, anObject));
    },
    show: (_result, patch) => goText(patch),
    misfit: conversionError,
  },
};

/** The media types that `applyPatch` takes, as the API's discovery and its 415 name them. */
export const patchTypes: readonly string[] = Object.keys(formats);

/**
 * What a patch makes of `object`, which is left alone. Defaults and validation are not looked at; that the result has the
 * types of its kind is.
 * @throws StatusError 400 for a body that is no patch, 415 for an unknown content type, 422 and 500 (the API's own
 *   codes) for a patch that does not fit the object.
 */
export function applyPatch(
  object: AnyObject,
  request: PatchRequest,
  { kind }: Pick<SandboxKind, "kind">,
): Patched {
  const format = Object.hasOwn(formats, request.type) ? formats[request.type] : undefined;
  if (!format) throw new StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {});
  const patch = parse(request.body) ?? format.nothing ?? null;
  format.check(patch, request.validates);
  const made = format.apply(object, patch, kind);
  const refuse = (why: string): StatusError => unfit(format.show(made, patch, kind), why);
  const result = typed(made, object);
  const error = format.misfit(kind, made) ?? foreign(result, object);
  if (error !== undefined) throw refuse(error);
  return { object: result, unknown: unknownIn(kind, made, format, patch), refuse };
}

/** What a patch made, of the type that it was where it says none; metadata there always are. */
function typed(made: unknown, { apiVersion, kind }: AnyObject): AnyObject {
  const result: Json = isObject(made) ? made : {};
  return {
    ...result,
    apiVersion: result.apiVersion || apiVersion,
    kind: result.kind || kind,
    metadata: result.metadata ?? {},
  };
}

/** In the order in which the API comes upon them: a converter sorts what it finds, a decoder reads the result. */
function unknownIn(kind: string, result: unknown, format: Format, patch: unknown): string[] {
  const { unknown } = decodeFindings(kind, result);
  if (unknown.length < 2) return unknown;
  if (format.misfit === conversionError) return unknown.sort();
  return decodeFindings(kind, JSON.parse(format.show(result, patch, kind))).unknown;
}

function parse(body: string): unknown {
  if (scanJson(body).error !== undefined) throw badRequest("invalid JSON patch");
  return JSON.parse(body);
}

/** A patch may not turn an object into one of another kind. */
function foreign(made: AnyObject, { apiVersion, kind }: AnyObject): string | undefined {
  if (made.apiVersion === apiVersion && made.kind === kind) return undefined;
  return `no kind "${made.kind}" is registered for version "${made.apiVersion}" in scheme "pkg/runtime/scheme.go:111"`;
}

/** How the API refuses a patch whose result does not decode. */
function unfit(shown: string, error: string): StatusError {
  const message = `Invalid value: ${JSON.stringify(shown)}: ${error}`;
  const causes = [{ reason: "FieldValueInvalid", message, field: "patch" }];
  return new StatusError(422, "Invalid", ` "" is invalid: patch: ${message}`, { causes });
}
