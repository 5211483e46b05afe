import { decodeFindings } from "../kinds/decode.js";
import type { SandboxKind } from "../kinds/kind.js";
import type { AnyObject, Target } from "../port.js";
import { goType } from "../patch/go-text.js";
import type { DeleteOptions } from "../store/deletion.js";
import type { Resources } from "../store/resources.js";
import { badRequest, invalid, type StatusBody } from "../store/status.js";
import { listOf, type Answer } from "./answer.js";
import { mediaType, notAnObject, notRegistered, parseDocument } from "./body.js";
import { checkOptions } from "./options.js";
import { integer, type ApiRequest } from "./request.js";
import { selectionOf } from "./selection.js";

/** Of these the API returns the object itself when it is gone (registries with ReturnDeletedObject). */
export const returned = [
  "Namespace",
  "Pod",
  "PersistentVolume",
  "PersistentVolumeClaim",
  "Service",
  "ServiceAccount",
  "StorageClass",
];

const policies = ["Foreground", "Background", "Orphan"] as const;

/** DELETE of one object. */
export async function deleteAnswer(
  resources: Resources,
  request: ApiRequest,
  kind: SandboxKind,
  target: Target,
): Promise<Answer> {
  const options = await deleteOptions(request);
  const { object, gone } = resources.delete(kind, target, options);
  if (!gone || returned.includes(kind.kind)) return { code: 200, body: object };
  const details = { name: target.name, ...(kind.group && { group: kind.group }), kind: kind.resource };
  const status: StatusBody = {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: { ...details, uid: object.metadata.uid },
  };
  return { code: 200, body: status };
}

/** DELETE of a collection: every selected object. */
export async function deleteCollection(
  resources: Resources,
  request: ApiRequest,
  kind: SandboxKind,
  namespace: string,
): Promise<Answer> {
  const options = await deleteOptions(request);
  const selection = selectionOf(kind, request.query);
  const chosen = resources.list(kind, namespace || undefined).filter((object) => selection.includes(object));
  const deleted = chosen.map((object) => resources.delete(kind, object.metadata, options).object);
  return { code: 200, body: listOf(kind, deleted, { resourceVersion: String(resources.store.revision) }) };
}

/** Options of a delete, in the body or, without one, in the query. Throws the API's 400 and 422 for bad ones. */
async function deleteOptions(request: ApiRequest): Promise<DeleteOptions> {
  checkOptions(request, "DeleteOptions");
  const { query, body } = request;
  const inQuery = {
    gracePeriodSeconds: integer(query, "gracePeriodSeconds"),
    propagationPolicy: query.get("propagationPolicy") || undefined,
    orphanDependents: query.has("orphanDependents") ? query.get("orphanDependents") === "true" : undefined,
    dryRun: query.has("dryRun") ? ["All"] : [],
    preconditions: undefined,
  };
  const fail = (why: string) => badRequest(`couldn't get version/kind; ${why}`);
  if (body === "") return checkedOptions(inQuery, inQuery.dryRun.length > 0);
  const given = await parseDocument(body, mediaType(request) === "application/yaml", fail);
  if (given !== null && (typeof given !== "object" || Array.isArray(given)))
    throw fail(`json parse error: ${notAnObject(given)}`);
  for (const [field, value] of Object.entries(given ?? {})) {
    if (!["kind", "apiVersion"].includes(field) || value === null || typeof value === "string") continue;
    const misread = `cannot unmarshal ${goType(value)} into Go struct field .${field} of type string`;
    throw fail(`json parse error: json: ${misread}`);
  }
  return checkedOptions(decoded({ ...given }), inQuery.dryRun.length > 0);
}

/** The options of a body, of whatever group; throws the API's 400 for another kind and for wrong types. */
function decoded(given: Record<string, unknown>): Record<string, unknown> {
  const { kind, apiVersion } = given;
  if (typeof kind === "string" && kind !== "" && kind !== "DeleteOptions")
    throw badRequest(notRegistered(kind, String(apiVersion || "meta.k8s.io/v1")));
  const { error } = decodeFindings("DeleteOptions", given);
  if (error !== undefined) throw badRequest(error);
  return given;
}

function checkedOptions(given: Record<string, unknown>, dryRun: boolean): DeleteOptions {
  const { propagationPolicy: policy, orphanDependents } = given;
  const refuse = (reason: string, message: string) =>
    invalid({ group: "meta.k8s.io", kind: "DeleteOptions" }, "", [
      { reason, field: "propagationPolicy", message },
    ]);
  const shown = JSON.stringify(policy);
  if (policy !== undefined && typeof orphanDependents === "boolean") {
    const why = "orphanDependents and deletionPropagation cannot be both set";
    throw refuse("FieldValueInvalid", `Invalid value: ${shown}: ${why}`);
  }
  const propagation = policies.find((known) => known === policy);
  if (policy !== undefined && !propagation) {
    const supported = [...policies, "nil"].map((value) => `"${value}"`).join(", ");
    throw refuse("FieldValueNotSupported", `Unsupported value: ${shown}: supported values: ${supported}`);
  }
  const older = orphanDependents === true ? "Orphan" : orphanDependents === false ? "Background" : undefined;
  const seconds = given["gracePeriodSeconds"];
  return {
    gracePeriodSeconds: typeof seconds === "number" ? seconds : undefined,
    propagationPolicy: propagation ?? older,
    preconditions: (given["preconditions"] as AnyObject["metadata"] | undefined) ?? undefined,
    dryRun: dryRun || (Array.isArray(given["dryRun"]) && given["dryRun"].includes("All")),
  };
}
