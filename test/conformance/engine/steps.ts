import { complete, templateOf, type TemplateShorthand } from "./shorthand.js";
import { observed, pathOf, type Answer, type Request, resourceOf, seen, send, valueAt } from "./requests.js";
import { verbOf, type Step } from "./scenario.js";
import type { Stage } from "./stage.js";
import { waits } from "./waits.js";

type Fields = Record<string, unknown>;

interface Target {
  /** `pods` when left out. */
  resource?: string;
  name: string;
  subresource?: string;
}

interface PatchStep extends Target {
  patch: object;
  type?: "merge" | "strategic" | "json";
  show?: string[];
}

interface UpdateStep extends Target {
  /** By path: `spec.replicas`. */
  set: Fields;
  /** `stale`: of before another write. `none`: without. */
  resourceVersion?: "current" | "stale" | "none";
  dryRun?: boolean;
  show?: string[];
}

interface DeleteStep extends Target {
  propagation?: "Background" | "Foreground" | "Orphan";
  /** Seconds. */
  grace?: number;
  preconditions?: { uid?: "wrong" | "right"; resourceVersion?: "stale" | "current" };
  dryRun?: boolean;
}

interface ApplyStep {
  object: Fields;
  manager: string;
  force?: boolean;
  dryRun?: boolean;
  show?: string[];
}

interface RequestStep {
  method: string;
  /** With `$NS` for the namespace. */
  path: string;
  body?: object | string;
  type?: string;
  show?: string[];
}

const patchTypes = {
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  json: "application/json-patch+json",
};

/** What a scenario can do. Each takes what stands behind its verb. */
const verbs: Record<string, (stage: Stage, argument: never) => Promise<Answer>> = {
  create: (stage, object: Fields) => create(stage, object),
  apply: (stage, { object, manager, force, dryRun, show }: ApplyStep) => {
    const whole = complete(object);
    const query = {
      fieldManager: manager,
      ...(force && { force: "true" }),
      ...(dryRun && { dryRun: "All" }),
    };
    const request = { method: "PATCH", type: "application/apply-patch+yaml", body: whole, query, show };
    return write(stage, { resource: resourceOf(whole.kind), name: nameOf(whole) }, request);
  },
  patch: (stage, { patch, type = "merge", show, ...target }: PatchStep) =>
    write(stage, target, { method: "PATCH", body: patch, type: patchTypes[type], show }),
  update: (stage, step: UpdateStep) => update(stage, step),
  delete: (stage, step: string | DeleteStep) =>
    remove(stage, typeof step === "string" ? { name: step } : step),
  /** Of the set `web`, through its subresource. */
  scale: (stage, replicas: number) =>
    patchWeb(stage, { spec: { replicas } }, { type: patchTypes.merge, subresource: "scale" }),
  /** A merge patch of its spec. */
  spec: (stage, spec: Fields) => patchWeb(stage, { spec }, { type: patchTypes.merge }),
  image: (stage, image: string) => {
    const containers = [{ name: "nginx", image }];
    return patchWeb(stage, { spec: { template: { spec: { containers } } } }, { type: patchTypes.strategic });
  },
  /** A whole new pod template. */
  deploy: (stage, template: TemplateShorthand) => {
    const value = templateOf("web", template);
    return patchWeb(stage, [{ op: "replace", path: "/spec/template", value }], { type: patchTypes.json });
  },
  evict: (stage, name: string) => {
    const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name } };
    return write(stage, { name, subresource: "eviction" }, { method: "POST", body });
  },
  bind: (stage, { pod, node }: { pod: string; node: string }) => {
    const target = { apiVersion: "v1", kind: "Node", name: node };
    const body = { apiVersion: "v1", kind: "Binding", metadata: { name: pod }, target };
    return write(stage, { name: pod, subresource: "binding" }, { method: "POST", body });
  },
  /** Gives a pod a fault; without one it heals. */
  fault: (stage, { pod, fault = null }: { pod: string; fault?: string | null }) => {
    const body = { metadata: { annotations: { "sandbox/fault": fault } } };
    return write(stage, { name: pod }, { method: "PATCH", body, type: patchTypes.merge });
  },
  /** A pod's end, as a kubelet would report it. */
  end: (stage, { pod, phase }: { pod: string; phase: "Failed" | "Succeeded" }) =>
    write(
      stage,
      { name: pod, subresource: "status" },
      { method: "PATCH", body: { status: { phase } }, type: patchTypes.merge },
    ),
  get: (stage, { show, ...target }: Target & { show?: string[] }) =>
    write(stage, target, { method: "GET", show }),
  request: async (stage, request: RequestStep) => (await send(stage, request)).answer,
  ...waits,
};

/** Takes one step: what came of it. Throws where a scenario is wrong, and `NeverSeen` where a state did not come. */
export async function perform(stage: Stage, step: Step): Promise<Answer> {
  const [verb, argument] = verbOf(step);
  const act = verbs[verb];
  if (!act) throw new Error(`there is no step ${verb}`);
  return act(stage, argument as never);
}

export async function create(stage: Stage, object: Fields): Promise<Answer> {
  const { dryRun, show, ...rest } = object as Fields & { dryRun?: boolean; show?: string[] };
  const whole = complete(rest);
  const resource = resourceOf(whole.kind);
  if (whole.kind === "StatefulSet") stage.expectDeletion(nameOf(whole), false);
  const query = dryRun ? { dryRun: "All" } : {};
  const { answer, object: made } = await send(stage, {
    ...{ method: "POST", path: pathOf(stage.namespace, resource), body: whole, query, show },
  });
  if (!dryRun) await seen(stage, resource, made);
  return answer;
}

/** Sends a request about one object, and waits until its effect is seen. */
async function write(
  stage: Stage,
  { resource = "pods", name, subresource }: Target,
  request: Omit<Request, "path">,
): Promise<Answer> {
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
async function patchWeb(
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

async function update(stage: Stage, step: UpdateStep): Promise<Answer> {
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

async function remove(stage: Stage, step: DeleteStep): Promise<Answer> {
  const { resource = "pods", name, propagation, grace, preconditions = {}, dryRun } = step;
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

function setAt(object: Fields, path: string, value: unknown): void {
  const parts = path.split(/(?<!\\)\./);
  const last = (parts.pop() ?? "").replaceAll("\\.", ".");
  const parent = parts.length > 0 ? valueAt(object, parts.join(".")) : object;
  if (typeof parent !== "object" || parent === null)
    throw new Error(`there is nothing at ${parts.join(".")}`);
  if (value === null) Reflect.deleteProperty(parent, last);
  else (parent as Fields)[last] = value;
}

function nameOf(object: Fields): string {
  return (object["metadata"] as { name?: string } | undefined)?.name ?? "";
}
