import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { FieldError } from "../../../src/sandbox/kinds/kind.js";
import { applyPatch } from "../../../src/sandbox/patch/apply-patch.js";
import { trackFields } from "../../../src/sandbox/patch/managed-fields.js";
import { serverSideApply } from "../../../src/sandbox/patch/server-side-apply.js";
import type { AnyObject } from "../../../src/sandbox/port.js";
import { StatusError, invalid } from "../../../src/sandbox/store/status.js";
import { changed } from "../../fixtures/sandbox/steps.mjs";
import { admission, file, fixture, kindOf } from "../kinds/replay.js";
import type { Answer, Case } from "../kinds/replay.js";

interface Patch {
  type: string;
  body: unknown;
  manager?: string;
  force?: boolean;
  subresource?: string;
}

const { cases }: { cases: [string, string, Case & { patches: Patch[] }][] } = parse(
  fixture("patch-cases.yaml"),
);
const { answers }: { answers: Record<string, Answer> } = JSON.parse(fixture("patch-answers.json"));

const time = "2026-01-01T00:00:00Z";

function created(base: string, set?: Record<string, unknown>): AnyObject {
  const found = file.bases[base];
  if (!found) throw new Error(`no base ${base}`);
  const object = changed(found.object, set) as AnyObject;
  const kind = kindOf(object);
  if (kind.namespaced) object.metadata.namespace = "default";
  // What admission adds belongs to nobody on the real server, which notes the owners before it.
  const draft = structuredClone(object);
  kind.setDefaults(draft, admission);
  kind.prepareCreate(object, admission);
  if (kind.generation) object.metadata.generation = 1;
  trackFields(undefined, draft, { manager: "creator", operation: "Update", time, subresource: "" });
  object.metadata.managedFields = draft.metadata.managedFields;
  return object;
}

function patched(
  old: AnyObject,
  { type, body, manager = "writer", force = false, subresource = "" }: Patch,
): AnyObject {
  const kind = kindOf(old);
  const apply = type === "apply";
  const next = apply
    ? structuredClone(serverSideApply(old, body as AnyObject, kind, { manager, force, subresource }))
    : applyPatch(
        old,
        {
          type: `application/${type}-patch+json`,
          body: typeof body === "string" ? body : JSON.stringify(body),
          validates: true,
        },
        kind,
      ).object;
  if (subresource === "status") kind.prepareStatusUpdate(next, old, admission);
  else kind.prepareUpdate(next, old, admission);
  if (kind.generation && JSON.stringify(next.spec) !== JSON.stringify(old.spec))
    next.metadata.generation = (old.metadata.generation ?? 0) + 1;
  const errors: FieldError[] = subresource
    ? (kind.validateStatus?.(next, old) ?? [])
    : kind.validate(next, old, admission);
  if (errors.length > 0) throw invalid(kind, next.metadata.name, errors);
  trackFields(old, next, { manager, operation: apply ? "Apply" : "Update", time, subresource });
  return next;
}

function answerTo(base: string, { set, patches }: Case & { patches: Patch[] }): Answer {
  try {
    return { object: patches.reduce(patched, created(base, set)) };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const { code, reason, message, details } = error;
    return {
      code,
      ...(reason && { reason }),
      message,
      ...(details?.causes && { causes: details.causes as FieldError[] }),
    };
  }
}

/** Times, and what the ServiceAccount admission does, which the recorded server ran without. */
const ignored = ["time", "lastPhaseTransitionTime", "serviceAccount", "serviceAccountName"];

function comparable(answer: Answer | undefined): unknown {
  return JSON.parse(JSON.stringify(answer ?? null), (key, value) =>
    ignored.includes(key) ? undefined : value,
  );
}

describe.each(cases)("%s: %s", (base, title, what) => {
  it("is answered as the real API server answers it", () => {
    expect(answers[title], "record.mjs has not been run since this case was added").toBeDefined();
    expect(comparable(answerTo(base, what))).toEqual(comparable(answers[title]));
  });
});
