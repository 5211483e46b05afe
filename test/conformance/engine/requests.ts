import { isDeepStrictEqual } from "node:util";
import { kinds } from "../../../src/core/kinds.js";
import type { AnyObject } from "../../../src/sandbox/port.js";
import type { Stage } from "./stage.js";

/** What a server said, as far as two clusters have to say the same. */
export interface Answer {
  code: number;
  reason?: string;
  message?: string;
  warning?: string;
  /** The fields that the step asks to be shown. */
  shown?: Record<string, unknown>;
}

export interface Request {
  method: string;
  path: string;
  query?: Record<string, string | undefined>;
  body?: object | string | undefined;
  /** The content type: `application/json` when left out. */
  type?: string | undefined;
  /** Paths into the answer, such as `spec.replicas`. */
  show?: string[] | undefined;
}

/** The answer of a step, and the object that came with it. */
export interface Answered {
  answer: Answer;
  object: AnyObject | undefined;
}

/** Where an object is served: `/apis/apps/v1/namespaces/NS/statefulsets/web/scale`. */
export function pathOf(namespace: string, resource: string, name?: string, subresource?: string): string {
  const kind = Object.values(kinds).find((each) => each.resource === resource);
  if (!kind) throw new Error(`there is no resource ${resource}`);
  const { group, version, namespaced } = kind;
  const parts = [
    group ? `/apis/${group}/${version}` : `/api/${version}`,
    ...(namespaced ? ["namespaces", namespace] : []),
    ...[resource, name, subresource].filter((part) => part !== undefined),
  ];
  return parts.join("/");
}

export function resourceOf(kind: string): string {
  const known = Object.values(kinds).find((each) => each.kind === kind);
  if (!known) throw new Error(`there is no kind ${kind}`);
  return known.resource;
}

export async function send(stage: Stage, request: Request): Promise<Answered> {
  const { method, path, query = {}, body, type, show = [] } = request;
  const asked = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const search = asked.length > 0 ? `?${new URLSearchParams(asked).toString()}` : "";
  const {
    code,
    headers,
    body: said,
  } = await stage.side.request({
    method,
    path: path + search,
    body,
    headers: type ? { "Content-Type": type } : {},
  });
  const refused = code >= 400;
  const warning = headers["warning"];
  const answer: Answer = {
    code,
    ...(refused && { reason: said?.reason, message: plain(said?.message ?? "") }),
    ...(warning && { warning: plain(warning) }),
    ...(show.length > 0 && { shown: Object.fromEntries(show.map((each) => [each, shown(said, each)])) }),
  };
  return { answer, object: refused || said?.kind === "Status" ? undefined : (said as AnyObject) };
}

/** Without what is a cluster's own: uids, and versions of resources. */
function plain(message: string): string {
  return message
    .replaceAll(/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}/g, "<uid>")
    .replaceAll(/(resourceversion[^.,]*?)\d+/gi, "$1<version>")
    .replaceAll(/((?:precondition|record|meta): ?)\d+/g, "$1<version>");
}

/** The value at a path such as `metadata.managedFields`; a number counts in a list, and dots in names are escaped. */
export function valueAt(object: unknown, path: string): unknown {
  const parts = path.split(/(?<!\\)\./).map((part) => part.replaceAll("\\.", "."));
  return parts.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null ? (value as Record<string, unknown>)[part] : undefined,
    object,
  );
}

/** A value as it is compared: times and uids, which are a cluster's own, are left out. */
function shown(object: unknown, path: string): unknown {
  const value = valueAt(object, path);
  if (value === undefined) return null;
  const own = [
    "time",
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "deletionTimestamp",
    "lastTransitionTime",
  ];
  const text = JSON.stringify(value, (key, part: unknown) => (own.includes(key) ? undefined : part));
  return JSON.parse(plain(text)) as unknown;
}

/** Waits until the stage has seen what was written, so that no later step takes an older state for a newer one. */
export async function seen(stage: Stage, resource: string, written: AnyObject | undefined): Promise<void> {
  if (!written?.metadata?.resourceVersion) return;
  const { name, uid, resourceVersion } = written.metadata;
  if (stage.find(resource, name) === undefined && !watched.includes(resource)) return;
  await stage.until(`${resource} ${name} as written`, async () => {
    const known = stage.find(resource, name);
    if (known?.metadata.uid === uid && Number(known.metadata.resourceVersion) >= Number(resourceVersion))
      return true;
    const now = await stage.side.port.get(resource, { namespace: stage.namespace, name });
    return now?.metadata.uid !== uid || isDeepStrictEqual(now, known);
  });
}

const watched = ["pods", "persistentvolumeclaims", "statefulsets", "persistentvolumes"];

/** Waits until the set's controller has seen its newest generation. */
export async function observed(stage: Stage, set: AnyObject | undefined): Promise<void> {
  if (!set) return;
  const { name, generation = 0 } = set.metadata;
  const status = () => stage.find("statefulsets", name)?.["status"];
  await stage.until(
    `generation ${generation} of ${name}`,
    () => (status()?.observedGeneration ?? 0) >= generation,
  );
}
