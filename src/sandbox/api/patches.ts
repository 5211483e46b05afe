import type { SandboxKind } from "../kinds/kind.js";
import { sinceMinor } from "../kinds/version.js";
import type { AnyObject, Target } from "../port.js";
import { applyPatch, patchTypes } from "../patch/apply-patch.js";
import { goType } from "../patch/go-text.js";
import { serverSideApply } from "../patch/server-side-apply.js";
import { typedErrors } from "../patch/typed.js";
import { unnamed } from "../store/identity.js";
import { copyJson } from "../store/json.js";
import type { Resources, WriteOptions } from "../store/resources.js";
import { badRequest, StatusError } from "../store/status.js";
import { mediaType, parseDocument, yamlDuplicates, yamlError } from "./body.js";
import { scanJson } from "../kinds/json-scanner.js";
import { checkOptions } from "./options.js";
import { isTrue, type ApiRequest } from "./request.js";
import { scaleOf } from "./scale.js";
import { duplicateFields, reportFields, strictErrors, unknownField, validationMode } from "./strict.js";
import { bodyKind, updateAt, type BodyKind } from "./subresources.js";

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
  checkOptions(request, "PatchOptions", { apply: type === applyType });
  if (type === applyType) return applyObject(resources, request, kind, target, options);
  if (!patchTypes.includes(type)) {
    throw new StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {});
  }
  const { body } = request;
  checkReadable(resources, body);
  const patched = bodyKind(kind, options.subresource ?? "");
  const change = (old: AnyObject) => {
    const validates = validationMode(request) !== "Ignore";
    const { object, unknown, refuse } = applyPatch(copyJson(old), { type, body, validates }, patched);
    if (validates) reportFields(request, [...inPatch(type, body), ...unknown.map(unknownField)], refuse);
    return object;
  };
  return { object: updateAt(resources, kind, target, change, options), created: false };
}

/** Up to 1.36 a patch that is no JSON is refused in the words of Go's decoder. */
function checkReadable({ env }: Resources, body: string): void {
  const { error } = scanJson(body);
  if (error !== undefined && !sinceMinor(37, env.kubernetesVersion))
    throw badRequest(`error decoding patch: ${error}`);
}

/** What is wrong with a patch itself, whatever it makes. */
function inPatch(type: string, body: string): string[] {
  if (type !== "application/json-patch+json") return duplicateFields(body);
  const operations = (JSON.parse(body) ?? []) as object[];
  const unknown = operations.flatMap((operation, index) =>
    Object.keys(operation)
      .filter((field) => !["op", "path", "from", "value"].includes(field))
      .map((field) => `[${index}].${field}`),
  );
  return strictErrors(body, unknown).map((error) => `json patch ${error}`);
}

async function applyObject(
  resources: Resources,
  request: ApiRequest,
  kind: SandboxKind,
  target: Target,
  options: WriteOptions,
): Promise<{ object: AnyObject; created: boolean }> {
  const manager = request.query.get("fieldManager") ?? "";
  const document = await parseDocument(request.body, true, (why) =>
    badRequest(`error encoding patch: ${why}`),
  );
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    const why = `json: cannot unmarshal ${goType(document)} into Go value of type map[string]interface {}`;
    throw badRequest(
      `error decoding ${documentWord(resources)}: error unmarshaling JSON: while decoding JSON: ${why}`,
    );
  }
  const sent = document as AnyObject;
  const { subresource = "" } = options;
  const applied = bodyKind(kind, subresource);
  checkApplied(applied, target, sent);
  checkTypes(applied, sent);
  const named = { ...sent, metadata: { ...sent.metadata, name: target.name } };
  const body = subresource === "scale" ? ofScale(kind, named) : named;
  const twice = await yamlDuplicates(request.body, applyType);
  const apply = {
    manager,
    force: isTrue(request.query.get("force")),
    subresource,
  };
  const write: WriteOptions = { ...options, manager, operation: "Apply" };
  const merge = (old: AnyObject | undefined): AnyObject => {
    const merged = copyJson(serverSideApply(old, body, kind, apply));
    reportDuplicates(request, twice, documentWord(resources));
    return merged;
  };
  if (subresource === "scale") {
    return { object: scaleOf(resources.update(kind, target, merge, write)), created: false };
  }
  const found = resources.find(kind, target);
  // What is there has its name already.
  if (!found && !sent.metadata?.name) throw unnamed(target);
  if (found) {
    return { object: updateAt(resources, kind, target, merge, write), created: false };
  }
  return { object: resources.create(kind, target.namespace ?? "", merge(undefined), write), created: true };
}

/** What the release calls an applied document in its errors. */
function documentWord({ env }: Resources): string {
  return sinceMinor(37, env.kubernetesVersion) ? "patch" : "YAML";
}

/** What an applied scale says of the object itself. */
function ofScale({ group, version, kind }: SandboxKind, { metadata, spec }: AnyObject): AnyObject {
  const apiVersion = group ? `${group}/${version}` : version;
  return { apiVersion, kind, metadata, ...(spec && { spec }) };
}

/** Throws what the API says of a configuration that does not have its kind's types: a plain error, hence 500. */
function checkTypes({ kind }: BodyKind, body: AnyObject): void {
  const errors = typedErrors(kind, body);
  if (errors.length === 0) return;
  const { name = "", namespace = "" } = body.metadata ?? {};
  const version = body.apiVersion.includes("/") ? body.apiVersion : `/${body.apiVersion}`;
  const all = errors.length === 1 ? errors[0] : `errors:\n${errors.map((error) => `  ${error}`).join("\n")}`;
  const message = `failed to create typed patch object (${namespace}/${name}; ${version}, Kind=${kind}): ${all}`;
  throw new StatusError(500, "", message);
}

/** Keys that the configuration has twice: of each the last one counts. */
function reportDuplicates(request: ApiRequest, lines: string[], word: string): void {
  const mode = validationMode(request);
  if (lines.length === 0 || mode === "Ignore") return;
  const message = `error converting YAML to JSON: ${yamlError(lines)}`;
  if (mode === "Strict") throw badRequest(`error strict decoding ${word}: ${message}`);
  request.warnings.push(...lines);
}

function checkApplied(
  { group, version, kind }: BodyKind,
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
  if (metadata?.name && metadata.name !== name) {
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  if (metadata?.namespace && namespace && metadata.namespace !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
}
