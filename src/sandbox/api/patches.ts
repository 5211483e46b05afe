import { decodeFindings, unknownFields } from "../kinds/decode.js";
import type { SandboxKind } from "../kinds/kind.js";
import type { AnyObject, Target } from "../port.js";
import { applyPatch, patchTypes } from "../patch/apply-patch.js";
import { serverSideApply } from "../patch/server-side-apply.js";
import { copyJson } from "../store/json.js";
import type { Resources, WriteOptions } from "../store/resources.js";
import { badRequest, invalid, StatusError } from "../store/status.js";
import { duplicateFields, mediaType, parseDocument, reportFields, unknownField } from "./body.js";
import type { ApiRequest } from "./request.js";
import { bodyKind, updateAt } from "./subresources.js";

const applyType = "application/apply-patch+yaml";

/** PATCH. `created` is true when an apply made the object. */
export async function patchObject(
  resources: Resources,
  request: ApiRequest,
  kind: SandboxKind,
  target: Target,
  options: WriteOptions,
): Promise<{ object: AnyObject; created: boolean }> {
  const type = mediaType(request);
  if (type === applyType) return applyObject(resources, request, kind, target, options);
  if (!patchTypes.includes(type)) {
    throw new StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {});
  }
  const patched = { ...kind, ...bodyKind(kind, options.subresource ?? "") };
  const change = (old: AnyObject) => {
    const next = applyPatch(type, copyJson(old), request.body, patched);
    checkFields(request, patched, next);
    return next;
  };
  return { object: updateAt(resources, kind, target, change, options), created: false };
}

/** What a patch makes should have no fields that its kind does not have. */
function checkFields(request: ApiRequest, kind: SandboxKind, patched: AnyObject): void {
  const unknown = unknownFields(kind.kind, patched).map(unknownField);
  reportFields(request, [...unknown, ...duplicateFields(request)], (why) => {
    const message = `Invalid value: ${JSON.stringify(JSON.stringify(patched))}: ${why}`;
    return invalid({ group: "", kind: "" }, "", [{ reason: "FieldValueInvalid", field: "patch", message }]);
  });
}

async function applyObject(
  resources: Resources,
  request: ApiRequest,
  kind: SandboxKind,
  target: Target,
  options: WriteOptions,
): Promise<{ object: AnyObject; created: boolean }> {
  const manager = request.query.get("fieldManager");
  if (!manager) {
    const message = "Required value: is required for apply patch";
    const errors = [{ reason: "FieldValueRequired", field: "fieldManager", message }];
    throw invalid({ group: "meta.k8s.io", kind: "PatchOptions" }, "", errors);
  }
  const body = (await parseDocument(request.body, true, (why) =>
    badRequest(`error encoding patch: ${why}`),
  )) as AnyObject;
  checkApplied(kind, target, body);
  const refuse = (why: string) => badRequest(`failed to create typed patch object: ${why}`);
  const { error, unknown } = decodeFindings(kind.kind, body);
  if (error !== undefined) throw refuse(error);
  if (unknown.length > 0)
    throw refuse(unknown.map((path) => `.${path}: field not declared in schema`).join(", "));
  const apply = {
    manager,
    force: request.query.get("force") === "true",
    subresource: options.subresource ?? "",
  };
  const write: WriteOptions = { ...options, manager, operation: "Apply" };
  const merge = (old: AnyObject | undefined) => copyJson(serverSideApply(old, body, kind, apply));
  if (resources.find(kind, target)) {
    return { object: updateAt(resources, kind, target, merge, write), created: false };
  }
  return { object: resources.create(kind, target.namespace ?? "", merge(undefined), write), created: true };
}

function checkApplied(
  { group, version, kind }: SandboxKind,
  { name, namespace }: Target,
  body: AnyObject,
): void {
  const expected = group ? `${group}/${version}` : version;
  if (typeof body !== "object" || body === null || body.kind !== kind || body.apiVersion !== expected) {
    const found = body?.apiVersion
      ? body.apiVersion.includes("/")
        ? body.apiVersion
        : `/${body.apiVersion}`
      : "/";
    throw badRequest(`invalid object type: ${found}, Kind=${body?.kind ?? ""}`);
  }
  const { metadata } = body;
  if (metadata?.["managedFields"] !== undefined) throw badRequest("metadata.managedFields must be nil");
  if (!metadata?.name) {
    throw badRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    );
  }
  if (metadata.name !== name) {
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  if (metadata.namespace && namespace && metadata.namespace !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
}
