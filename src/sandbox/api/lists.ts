import type { SandboxKind } from "../kinds/kind.js";
import type { AnyObject } from "../port.js";
import type { Bucket } from "../store/bucket.js";
import { prefixOf } from "../store/keys.js";
import type { Resources } from "../store/resources.js";
import { badRequest, expired, invalid, qualifiedResource, StatusError } from "../store/status.js";
import { listOf, type Answer } from "./answer.js";
import { integer } from "./request.js";
import { selectionOf, type Selection } from "./selection.js";

/** Where a page begins: after a key, in the list as it was at a revision (-1: as it is now). */
interface Continue {
  revision: number;
  after: string;
}

const inconsistentContinue =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list without " +
  "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. " +
  "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or " +
  "deleted between the time the first chunk was returned and now may show up in the list.";

/** GET of a collection: selectors, pages (`limit`, `continue`) and older versions. */
export function listAnswer(
  resources: Resources,
  kind: SandboxKind,
  namespace: string,
  query: URLSearchParams,
): Answer {
  const selection = selectionOf(kind, query);
  const limit = Math.max(integer(query, "limit") ?? 0, 0);
  const token = query.get("continue") || undefined;
  const start = token === undefined ? firstPage(resources, query) : decodeContinue(token);
  const { bucket, revision } = version(resources, kind, start);
  const prefix = prefixOf(kind, namespace || undefined);
  const { items, last, more } = page(bucket, prefix, start.after && prefix + start.after, selection, limit);
  const metadata = {
    resourceVersion: String(revision),
    ...(more && { continue: encodeContinue({ revision, after: last.slice(prefix.length) }) }),
    // The API does not count what it would have to select first.
    ...(more && !selection.narrow && { remainingItemCount: bucket.countAfter(prefix, last) }),
  };
  return { code: 200, body: listOf(kind, items, metadata) };
}

function page(bucket: Bucket, prefix: string, after: string, selection: Selection, limit: number) {
  const items: AnyObject[] = [];
  let last = "";
  for (const [key, object] of bucket.entries(prefix, after)) {
    if (!selection.includes(object)) continue;
    if (limit > 0 && items.length === limit) return { items, last, more: true };
    items.push(object);
    last = key;
  }
  return { items, last, more: false };
}

function version(resources: Resources, kind: SandboxKind, { revision, after }: Continue) {
  const { store } = resources;
  const resource = qualifiedResource(kind);
  if (revision === -1) return { bucket: store.bucket(resource), revision: store.revision };
  const bucket = store.bucketAt(resource, revision);
  if (bucket) return { bucket, revision };
  if (!after) throw expired("The resourceVersion for the provided list is too old.");
  throw expired(inconsistentContinue, encodeContinue({ revision: -1, after }));
}

function firstPage(resources: Resources, query: URLSearchParams): Continue {
  const revision = atLeast(resources, query);
  const match = query.get("resourceVersionMatch") ?? "";
  if (match !== "" && !query.get("resourceVersion")) {
    throw invalidMatch("resourceVersionMatch is forbidden unless resourceVersion is provided");
  }
  return { revision: match === "Exact" ? revision : -1, after: "" };
}

/** The query's resourceVersion, 0 without one. Throws the API's errors for what is none, or is still to come. */
export function atLeast({ store }: Resources, query: URLSearchParams): number {
  const text = query.get("resourceVersion") ?? "";
  if (text === "") return 0;
  const wrong = wrongVersion(query);
  if (wrong) throw badRequest(`invalid resource version: ${wrong}`);
  const wanted = Number(text);
  if (wanted <= store.revision) return wanted;
  const message = "Too large resource version";
  throw new StatusError(504, "Timeout", `Timeout: ${message}: ${wanted}, current: ${store.revision}`, {
    causes: [{ reason: "ResourceVersionTooLarge", message }],
    retryAfterSeconds: 1,
  });
}

/** What is wrong with the query's resourceVersion, if anything, in the words of apiserver's storage. */
export function wrongVersion(query: URLSearchParams): string | undefined {
  const text = query.get("resourceVersion") ?? "";
  if (/^\d*$/.test(text)) return undefined;
  const shown = JSON.stringify(text);
  return `resourceVersion: Invalid value: ${shown}: strconv.ParseUint: parsing ${shown}: invalid syntax`;
}

export function invalidMatch(why: string): StatusError {
  const error = {
    reason: "FieldValueForbidden",
    field: "resourceVersionMatch",
    message: `Forbidden: ${why}`,
  };
  return invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", [error]);
}

function encodeContinue({ revision, after }: Continue): string {
  return Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv: revision, start: after })).toString(
    "base64url",
  );
}

function decodeContinue(token: string): Continue {
  try {
    const { v, rv, start } = JSON.parse(Buffer.from(token, "base64url").toString()) as Record<
      string,
      unknown
    >;
    if (v === "meta.k8s.io/v1" && Number.isInteger(rv) && typeof start === "string" && start) {
      return { revision: Number(rv), after: start };
    }
  } catch {
    // Not of this server: refused like any other bad token.
  }
  throw badRequest("invalid continue token: continue key is not valid");
}
