import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { decodeFindings, strictDecodingError } from "../../../src/sandbox/kinds/decode.js";
import type { Admission, FieldError, SandboxKind } from "../../../src/sandbox/kinds/kind.js";
import { sandboxKinds } from "../../../src/sandbox/kinds/registry.js";
import type { AnyObject } from "../../../src/sandbox/port.js";
import { StatusError } from "../../../src/sandbox/store/status.js";
import { changed } from "../../fixtures/sandbox/steps.mjs";

type Changes = Record<string, unknown>;

export interface Case {
  set?: Changes;
  status?: Changes;
  update?: Changes;
  strict?: boolean;
}

export interface Answer {
  code?: number;
  reason?: string;
  message?: string;
  causes?: FieldError[];
  object?: AnyObject;
}

export function fixture(name: string): string {
  return readFileSync(new URL(`../../fixtures/sandbox/${name}`, import.meta.url), "utf8");
}

interface Base {
  path: string;
  object: AnyObject;
}

export interface Cases {
  cluster: AnyObject[];
  bases: Record<string, Base>;
  cases: [base: string, title: string, what: Case][];
}

export const file: Cases = parse(fixture("api-cases.yaml"));

export function kindOf({ apiVersion, kind }: AnyObject): SandboxKind {
  const found = sandboxKinds().find(
    (one) => one.kind === kind && [one.group, one.version].filter(Boolean).join("/") === apiVersion,
  );
  if (!found) throw new Error(`the sandbox does not serve ${apiVersion} ${kind}`);
  return found;
}

export const admission: Admission = {
  now: () => "2026-01-01T00:00:00Z",
  newUid: () => "00000000-0000-0000-0000-000000000001",
  list: (resource) => (resource === "storageclasses" ? structuredClone(file.cluster) : []),
  kubernetesVersion: "1.37",
};

/** What the sandbox makes of a case, in the form of the recorded answers. */
export function answerTo(base: string, what: Case, server = admission): Answer {
  try {
    return attempt(base, what, server);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const { code, reason, message, details } = error;
    // Field errors too may be found before validation.
    return { code, reason, message, ...(code === 422 && { causes: details?.causes as FieldError[] }) };
  }
}

function attempt(base: string, { set, status, update, strict }: Case, server: Admission): Answer {
  const { object, path } = file.bases[base] ?? { object: undefined, path: "" };
  if (!object) throw new Error(`no base ${base}`);
  const kind = kindOf(object);
  const first = changed(object, set) as AnyObject;
  if (kind.namespaced && path.includes("/default/")) first.metadata.namespace = "default";
  const refusal = undecodable(kind, first, strict);
  if (refusal) return refusal;
  kind.prepareCreate(first, server);
  if (kind.generation) first.metadata.generation = 1;
  if (!update) return refused(kind, first, kind.validate(first, undefined, server)) ?? { object: first };
  const old = status ? withStatus(kind, first, status) : first;
  const next = changed(old, update) as AnyObject;
  kind.prepareUpdate(next, old, server);
  if (kind.generation && JSON.stringify(next.spec) !== JSON.stringify(old.spec)) next.metadata.generation = 2;
  return refused(kind, next, kind.validate(next, old, server)) ?? { object: next };
}

function withStatus(kind: SandboxKind, old: AnyObject, status: Changes): AnyObject {
  const next = changed(old, status) as AnyObject;
  kind.prepareStatusUpdate(next, old);
  return next;
}

function undecodable(kind: SandboxKind, object: AnyObject, strict = false): Answer | undefined {
  const { error, unknown } = decodeFindings(kind.kind, object);
  const text = error ?? (strict && unknown.length > 0 ? strictDecodingError(unknown) : undefined);
  if (!text) return undefined;
  const message = `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${text}`;
  return { code: 400, reason: "BadRequest", message };
}

function refused(kind: SandboxKind, { metadata }: AnyObject, causes: FieldError[]): Answer | undefined {
  if (causes.length === 0) return undefined;
  const texts = causes.map(({ field, message }) => `${field}: ${message}`);
  const all = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
  const qualified = kind.group ? `${kind.kind}.${kind.group}` : kind.kind;
  const message = `${qualified} "${metadata.name ?? ""}" is invalid: ${all}`;
  return { code: 422, reason: "Invalid", message, causes };
}
