import type { Cluster } from "../../cluster/cluster.js";
import { ApiError, isApiError } from "../../cluster/errors.js";
import { isCore } from "../../core/manifest/bundle.js";
import type { FieldPath } from "../../core/manifest/shape.js";
import type { KubeObject } from "../../core/model.js";
import { sameJson } from "../../core/progress/equal.js";
import { ownCommand, type Naming } from "../../core/progress/naming.js";
import { ExitCode, ExitError } from "../../errors.js";
import type { LocatedObject } from "./objects.js";

/** What the server says of an object before anything is created. */
export type Finding =
  /** It would be created; `answer` is what the server would make of it. */
  | { object: LocatedObject; state: "new"; answer: KubeObject }
  /** It is there, exactly as asked. */
  | { object: LocatedObject; state: "identical"; answer: KubeObject }
  | { object: LocatedObject; state: "different"; error: ApiError }
  | { object: LocatedObject; state: "refused"; error: ApiError };

const atOnce = 8;
/** A namespace that every cluster has: where objects of a namespace to come are checked. */
const standIn = "default";

/**
 * Sends every object as a server dry run. Objects in a Namespace that is itself to be created would be NotFound there,
 * so they are checked in another one. Throws the first error that is about the connection and not about an object.
 */
export async function checkObjects(
  cluster: Cluster,
  objects: readonly LocatedObject[],
  fieldManager: string,
): Promise<Finding[]> {
  const isNamespace = ({ manifest }: LocatedObject): boolean => isCore(manifest, "Namespace");
  const check = (object: LocatedObject) => checkObject(cluster, object, fieldManager);
  const namespaces = await inBatches(objects.filter(isNamespace), check);
  const coming = new Set(
    namespaces.filter(({ state }) => state === "new").map(({ object }) => object.manifest.metadata.name),
  );
  const others = await inBatches(
    objects.filter((object) => !isNamespace(object)),
    (object) =>
      object.kind.namespaced && coming.has(object.manifest.metadata.namespace ?? "")
        ? checkElsewhere(cluster, object, fieldManager)
        : check(object),
  );
  const findings = [...namespaces, ...others];
  return objects.flatMap((object) => findings.find((finding) => finding.object === object) ?? []);
}

async function inBatches<T, R>(items: readonly T[], action: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += atOnce) {
    results.push(...(await Promise.all(items.slice(start, start + atOnce).map(action))));
  }
  return results;
}

async function checkObject(cluster: Cluster, object: LocatedObject, fieldManager: string): Promise<Finding> {
  try {
    const options = { dryRun: true, fieldManager, fieldValidation: "Strict" } as const;
    return { object, state: "new", answer: await cluster.create(object.kind, object.manifest, options) };
  } catch (error) {
    if (!isApiError(error) || ![400, 403, 404, 409, 413, 422].includes(error.code)) throw error;
    if (error.reason !== "AlreadyExists") return { object, state: "refused", error };
    return compareWithLive(cluster, object, fieldManager, error);
  }
}

/** What another namespace says about rights, quotas and names is of no interest here. */
async function checkElsewhere(
  cluster: Cluster,
  object: LocatedObject,
  fieldManager: string,
): Promise<Finding> {
  const { metadata } = object.manifest;
  const manifest = { ...object.manifest, metadata: { ...metadata, namespace: standIn } };
  const finding = await checkObject(cluster, { ...object, manifest }, fieldManager);
  const refused = finding.state === "refused" && [400, 422].includes(finding.error.code);
  if (refused) return { ...finding, object };
  const answer = { ...object.manifest } as unknown as KubeObject;
  if (finding.state !== "new") return { object, state: "new", answer };
  const back = { ...finding.answer.metadata, ...metadata };
  return { object, state: "new", answer: { ...finding.answer, metadata: back } };
}

/** The server itself says whether the manifest would change what is there: a dry run of merging it in changes nothing. */
async function compareWithLive(
  cluster: Cluster,
  object: LocatedObject,
  fieldManager: string,
  error: ApiError,
): Promise<Finding> {
  const { kind, manifest } = object;
  if (object.generated) return { object, state: "identical", answer: manifest as unknown as KubeObject };
  const ref = { name: manifest.metadata.name, namespace: manifest.metadata.namespace };
  try {
    const live = await cluster.get(kind, ref);
    const merge = { type: "merge", body: manifest } as const;
    const merged = await cluster.patch(kind, ref, merge, { dryRun: true, fieldManager });
    if (live.metadata["deletionTimestamp"] === undefined && sameJson(essence(live), essence(merged))) {
      return { object, state: "identical", answer: live };
    }
  } catch (problem) {
    if (!isApiError(problem)) throw problem;
  }
  return { object, state: "different", error };
}

/** Everything but what the server keeps account of for itself. */
function essence({ metadata, ...fields }: KubeObject): object {
  const { resourceVersion: _version, generation: _generation, managedFields: _fields, ...kept } = metadata;
  const { status: _status, ...rest } = fields;
  return { ...rest, metadata: kept };
}

/** Ends the command when an object cannot be created, or when there is nothing left to create. */
export function refuseUnlessCreatable(
  findings: readonly Finding[],
  naming: (namespace: string) => Naming,
): void {
  const errors = findings.flatMap((finding) =>
    finding.state === "refused" || finding.state === "different" ? [describeError(finding)] : [],
  );
  if (errors.length > 0)
    throw new ExitError(ExitCode.Error, [...new Set(errors), "nothing was created"].join("\n"));
  if (findings.some(({ state }) => state === "new")) return;
  const texts = findings.map(({ object: { kind, manifest } }) => {
    const resource = kind.group ? `${kind.resource}.${kind.group}` : kind.resource;
    return `Error from server (AlreadyExists): ${resource} "${manifest.metadata.name}" already exists`;
  });
  const sets = findings.filter(({ object }) => object.manifest.kind === "StatefulSet");
  const hints = sets.map(({ object: { manifest } }) => {
    const { name, namespace = "" } = manifest.metadata;
    const wait = ownCommand(naming(namespace), `rollout status ${name}`);
    return `  ${name} is as asked for already; to wait for it: ${wait}`;
  });
  throw new ExitError(ExitCode.Error, [...texts, ...hints].join("\n"));
}

function describeError({ object, state, error }: Extract<Finding, { error: ApiError }>): string {
  const places = fieldsOf(error).map((field) => `  ${object.locate(parsePath(field))}: ${field}`);
  const known = object.locate([]) === "" ? [] : [...new Set(places)];
  return [error.message, ...known, ...remedy(object, state, error)].join("\n");
}

function remedy(
  { kind, manifest, generated }: LocatedObject,
  state: Finding["state"],
  error: ApiError,
): string[] {
  const { name, namespace } = manifest.metadata;
  if (state === "different") {
    return [`  it is not as asked for: kubectl get ${kind.resource} ${name} -o yaml shows it`];
  }
  if (error.reason === "NotFound" && error.message.includes("namespaces")) {
    return [`  first: kubectl create namespace ${namespace ?? ""}`];
  }
  return generated && error.reason === "Forbidden" ? ["  to go without this Service: --no-service"] : [];
}

/** Fields that the API's answer names. */
function fieldsOf({ status }: ApiError): string[] {
  const causes = (status.details?.causes ?? []).flatMap(({ field }) => field ?? []);
  const strict = [...status.message.matchAll(/(?:unknown|duplicate) field "([^"]+)"/g)].map(
    ([, field = ""]) => field,
  );
  return [...causes, ...strict];
}

/** `spec.containers[0].image` → `["spec", "containers", 0, "image"]`. */
function parsePath(field: string): FieldPath {
  const steps = field.match(/[^.[\]]+/g) ?? [];
  return steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}
