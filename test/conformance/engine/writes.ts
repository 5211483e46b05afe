import { complete } from "./shorthand.js";
import { type Answer, observed, pathOf, type Request, resourceOf, seen, send, valueAt } from "./requests.js";
import type { Stage } from "./stage.js";

export type Fields = Record<string, unknown>;

export interface Target {
  /** `pods` when left out. */
  resource?: string;
  name: string;
  subresource?: string;
}

export interface UpdateStep extends Target {
  /** By path: `spec.replicas`. */
  set: Fields;
  /** `stale`: of before another write. `none`: without. */
  resourceVersion?: "current" | "stale" | "none";
  dryRun?: boolean;
  show?: string[];
}

export interface DeleteStep extends Target {
  propagation?: "Background" | "Foreground" | "Orphan";
  /** Seconds. */
  grace?: number;
  preconditions?: { uid?: "wrong" | "right"; resourceVersion?: "stale" | "current" };
  dryRun?: boolean;
}

export const patchTypes = {
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  json: "application/json-patch+json",
};

export async function create(stage: Stage, object: Fields): Promise<Answer> {
  const { dryRun, show, ...rest } = object as Fields & { dryRun?: boolean; show?: string[] };
  const whole = complete(rest);
  const resource = resourceOf(whole.kind);
  if (whole.kind === "StatefulSet") stage.expectDeletion(nameOf(whole), false);
  const { podManagementPolicy } = (whole["spec"] ?? {}) as Fields;
  if (podManagementPolicy === "Parallel") stage.expectBatches(nameOf(whole));
  const query = dryRun ? { dryRun: "All" } : {};
  const { answer, object: made } = await send(stage, {
    ...{ method: "POST", path: pathOf(stage.namespace, resource), body: whole, query, show },
  });
  if (!dryRun) await seen(stage, resource, made);
  return answer;
}

/** Sends a request about one object, and waits until its effect is seen. */
export async function write(
  stage: Stage,
  { resource = "pods", name: said, subresource }: Target,
  request: Omit<Request, "path">,
): Promise<Answer> {
  const name = nameIn(stage, resource, said);
  const path = pathOf(stage.namespace, resource, name, subresource);
  const { answer, object } = await send(stage, { ...request, path });
  const dry = request.query?.["dryRun"] !== undefined;
  if (answer.code < 400 && !dry && request.method !== "GET") {
    if (object && (subresource === undefined || subresource === "status"))
      await seen(stage, resource, object);
    if (subresource === "eviction" || subresource === "binding" || subresource === "scale")
      await seen(stage, resource, await stage.side.port.get(resource, { namespace: stage.namespace, name }));
  }
  return answer;
}

/** Changes the set `web`, and waits until its controller has seen that. */
export async function patchWeb(
  stage: Stage,
  body: object,
  how: { type: string; subresource?: string },
): Promise<Answer> {
  const { type, ...sub } = how;
  const target = { resource: "statefulsets", name: "web", ...sub };
  const answer = await write(stage, target, { method: "PATCH", body, type });
  if (answer.code < 400)
    await observed(
      stage,
      await stage.side.port.get("statefulsets", { namespace: stage.namespace, name: "web" }),
    );
  return answer;
}

export async function update(stage: Stage, step: UpdateStep): Promise<Answer> {
  const { resource = "pods", name, subresource, set, resourceVersion = "current", dryRun, show } = step;
  const { namespace } = stage;
  const read = () => stage.side.port.get(resource, { namespace, name });
  const object = structuredClone(await read());
  if (!object) throw new Error(`there is no ${resource} ${name} to update`);
  for (const [path, value] of Object.entries(set)) setAt(object, path, value);
  if (resourceVersion === "stale")
    await stage.side.port.patch(
      resource,
      { namespace, name },
      { metadata: { annotations: { "scenario/touched": "yes" } } },
    );
  if (resourceVersion === "none") Reflect.deleteProperty(object.metadata, "resourceVersion");
  const query = dryRun ? { dryRun: "All" } : {};
  return write(
    stage,
    { resource, name, ...(subresource && { subresource }) },
    { method: "PUT", body: object, query, show },
  );
}

export async function remove(stage: Stage, step: DeleteStep): Promise<Answer> {
  const { resource = "pods", propagation, grace, preconditions = {}, dryRun } = step;
  const name = nameIn(stage, resource, step.name);
  const object = await stage.side.port.get(resource, { namespace: stage.namespace, name });
  const { uid, resourceVersion } = object?.metadata ?? {};
  const conditions = {
    ...(preconditions.uid && {
      uid: preconditions.uid === "right" ? uid : "00000000-0000-4000-8000-000000000000",
    }),
    ...(preconditions.resourceVersion && {
      resourceVersion: preconditions.resourceVersion === "current" ? resourceVersion : "1",
    }),
  };
  const body = {
    apiVersion: "v1",
    kind: "DeleteOptions",
    ...(propagation && { propagationPolicy: propagation }),
    ...(grace !== undefined && { gracePeriodSeconds: grace }),
    ...(Object.keys(conditions).length > 0 && { preconditions: conditions }),
    ...(dryRun && { dryRun: ["All"] }),
  };
  if (resource === "statefulsets" && propagation !== "Orphan" && !dryRun) stage.expectDeletion(name, true);
  const path = pathOf(stage.namespace, resource, name);
  const { answer } = await send(stage, { method: "DELETE", path, body });
  if (answer.code < 400 && !dryRun) {
    const isGoing = () => {
      const now = stage.find(resource, name);
      return now?.metadata.uid !== uid || now?.metadata.deletionTimestamp !== undefined;
    };
    if (object && stage.find(resource, name)) await stage.until(`${resource} ${name} going`, isGoing);
  }
  return answer;
}

/** Revisions are named by set and number, `web@2`: their hashes say nothing to a reader. */
function nameIn(stage: Stage, resource: string, name: string): string {
  return resource === "controllerrevisions" ? stage.journal.revisionName(name) : name;
}

function setAt(object: Fields, path: string, value: unknown): void {
  const parts = path.split(/(?<!\\)\./);
  const last = (parts.pop() ?? "").replaceAll("\\.", ".");
  const parent = parts.length > 0 ? valueAt(object, parts.join(".")) : object;
  if (typeof parent !== "object" || parent === null)
    throw new Error(`there is nothing at ${parts.join(".")}`);
  if (value === null) Reflect.deleteProperty(parent, last);
  else (parent as Fields)[last] = value;
}

export function nameOf(object: Fields): string {
  return (object["metadata"] as { name?: string } | undefined)?.name ?? "";
}
