import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import type { AnyObject } from "../../../src/sandbox/port.js";
import { changed } from "../../fixtures/sandbox/steps.mjs";
import { file as seed } from "../../sandbox/kinds/replay.js";
import type { Side } from "../support/side.js";
import { shown, type Answered, type Outcome } from "./outcome.js";

type Changes = Record<string, unknown>;

/** A request about the object that a case made. */
interface Sent {
  method?: string;
  subresource?: string;
  /** Of the body: `merge`, `strategic`, `json` and `apply` are patches; else a media type. JSON when left out. */
  type?: string;
  /** Text is sent as it is. */
  body?: string | object;
  query?: Record<string, string>;
}

/** What is done to a base: see README.md. */
interface What {
  set?: Changes;
  status?: Changes;
  update?: Changes;
  send?: Sent;
  big?: [pointer: string, bytes: number];
  raw?: [text: string, other: string];
  query?: Record<string, string>;
  strict?: boolean;
  /** `1.37`: the release that it can be asked of. */
  only?: string;
  /** Why the sandbox answers otherwise, or in which release it does and why; the same is in docs/sandbox.md. */
  differs?: string | Record<string, string>;
}

interface Base {
  /** `apps/v1/statefulsets`; of the namespace of the run where `cluster` does not say otherwise. */
  resource: string;
  cluster?: boolean;
  object: AnyObject;
}

export interface Case {
  base: string;
  title: string;
  what: Omit<What, "differs"> & { differs?: string | undefined };
}

interface Page {
  title: string;
  cases: Case[];
}

const folder = new URL(".", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), "utf8");

const { bases, classes }: { bases: Record<string, Base>; classes: AnyObject[] } = parse(read("bases.yaml"));

/**
 * The pages of cases in this folder, and those that are also recorded for the unit tests.
 *
 * @param release `1.37`: cases that are for another one are left out
 */
export function pages(release: string): Page[] {
  const own = readdirSync(folder)
    .filter((name) => name.endsWith(".yaml") && name !== "bases.yaml")
    .map((name) => ({ title: name.replace(".yaml", ""), cases: casesOf(parse(read(name)), release) }));
  const all = [...own, { title: "recorded for the unit tests", cases: casesOf(seed.cases, release) }];
  return all.map(({ title, cases }) => ({
    title,
    cases: cases.filter(({ what }) => !what.only || what.only === release),
  }));
}

function casesOf(rows: [base: string, title: string, what: What | null][], release: string): Case[] {
  return rows.map(([base, title, what]) => {
    const differs = typeof what?.differs === "object" ? what.differs[release] : what?.differs;
    return { base, title, what: { ...what, differs } };
  });
}

/** Makes what the cases need beside their own objects. */
export async function prepare(side: Side): Promise<void> {
  for (const object of classes)
    await side.request({ method: "POST", path: "/apis/storage.k8s.io/v1/storageclasses", body: object });
}

export async function tidy(side: Side): Promise<void> {
  for (const { metadata } of classes)
    await side.request({ method: "DELETE", path: `/apis/storage.k8s.io/v1/storageclasses/${metadata.name}` });
}

const patchTypes: Record<string, string> = {
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  json: "application/json-patch+json",
  apply: "application/apply-patch+yaml",
};

/** What one of the clusters makes of a case. Nothing of it stays. */
export async function outcomeOf(side: Side, namespace: string, { base, what }: Case): Promise<Outcome> {
  const known = bases[base];
  if (!known) throw new Error(`no base ${base}`);
  const path = collectionOf(known, namespace);
  const first = firstOf(known.object, what);
  const { update, send, status } = what;
  const query = { dryRun: "All", fieldManager: "refused", ...(what.strict && { fieldValidation: "Strict" }) };
  if (!update && !send) return shown(await ask(side, "POST", path, { ...query, ...what.query }, first));
  const url = `${path}/${known.object.metadata.name}`;
  const created = await ask(side, "POST", path, {}, first);
  if (created.code !== 201) throw new Error(`${side.name}: ${created.text}`);
  try {
    // The controllers of either cluster may have written in between.
    delete created.body.metadata.resourceVersion;
    if (status && send) await ask(side, "PUT", `${url}/status`, {}, changed(created.body, status));
    if (send) return shown(await sent(side, url, { ...query, ...send.query }, send), true);
    const put = (now: AnyObject): Promise<Answered> =>
      ask(side, "PUT", url, { ...query, ...what.query }, changed(now, update));
    if (status) return shown(await withStatus(side, url, status, put), true);
    return shown(await put(created.body), true);
  } finally {
    await remove(side, url);
  }
}

const attempts = 20;

/** Writes a status, then asks `put` of it: again where a controller wrote in between, which makes it a conflict. */
async function withStatus(
  side: Side,
  url: string,
  status: Changes,
  put: (now: AnyObject) => Promise<Answered>,
): Promise<Answered> {
  for (let left = attempts; ; left--) {
    const { body } = await side.request({ path: url });
    const written = await ask(side, "PUT", `${url}/status`, {}, changed(body, status));
    const answer = written.code === 409 ? written : await put(written.body);
    if (answer.code !== 409 || left === 0) return answer;
  }
}

/** Until it is gone: a controller may put a finalizer back. */
async function remove(side: Side, url: string): Promise<void> {
  let answer: Answered;
  do {
    await ask(side, "PATCH", url, {}, { metadata: { finalizers: null } }, patchTypes["merge"]);
    answer = await ask(side, "DELETE", url, {}, { gracePeriodSeconds: 0 });
  } while (answer.code !== 404);
}

function firstOf(object: AnyObject, { set, big, raw }: Case["what"]): object | string {
  const first = changed(object, { ...set, ...(big && { [big[0]]: "x".repeat(big[1]) }) });
  return raw ? JSON.stringify(first).replace(...raw) : first;
}

function collectionOf({ resource, cluster }: Base, namespace: string): string {
  const [plural, ...version] = resource.split("/").reverse();
  const root = version.length === 1 ? `/api/${version[0]}` : `/apis/${version.reverse().join("/")}`;
  return cluster ? `${root}/${plural}` : `${root}/namespaces/${namespace}/${plural}`;
}

function ask(
  side: Side,
  method: string,
  path: string,
  query: Record<string, string>,
  body: string | object | undefined,
  type = "application/json",
): Promise<Answered> {
  const search = new URLSearchParams(query).toString();
  const headers = { "Content-Type": type };
  return side.request({ method, path: `${path}${search && `?${search}`}`, body, headers });
}

function sent(side: Side, url: string, query: Record<string, string>, send: Sent): Promise<Answered> {
  const { subresource, type = "application/json", body } = send;
  const method = send.method ?? (type in patchTypes ? "PATCH" : "POST");
  const text = Array.isArray(body) ? JSON.stringify(body) : body;
  return ask(
    side,
    method,
    url + (subresource ? `/${subresource}` : ""),
    query,
    text,
    patchTypes[type] ?? type,
  );
}
