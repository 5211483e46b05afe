import { isDeepStrictEqual } from "node:util";
import { isObject } from "../kinds/schema.js";
import type { Json } from "../kinds/schema.js";
import { setField } from "../store/json.js";
import { StatusError } from "../store/status.js";

export interface Operation {
  op?: unknown;
  path?: unknown;
  from?: unknown;
  value?: unknown;
}

/** What the API answers to an operation that cannot be done, whichever it is (`test` included). */
function rejected(): StatusError {
  return new StatusError(
    422,
    "Invalid",
    "the server rejected our request due to an error in our request",
    {},
  );
}

/** A JSON patch (RFC 6902) applied to a copy, as lenient as the API's library: `replace` and `copy` of absent keys work. */
export function jsonPatch(target: Json, operations: readonly Operation[]): Json {
  const document = { root: structuredClone(target) as unknown };
  for (const operation of operations) perform(document, operation);
  if (!isObject(document.root)) throw rejected();
  return document.root;
}

function perform(document: Json, { op, path, from, value }: Operation): void {
  const to = placeOf(document, path);
  switch (op) {
    case "add":
      return insert(to, structuredClone(value ?? null));
    case "replace":
      return replace(to, structuredClone(value ?? null));
    case "remove":
      return remove(to);
    case "test":
      if (!isDeepStrictEqual(read(to) ?? null, value ?? null)) throw rejected();
      return;
    case "copy":
      return insert(to, structuredClone(read(placeOf(document, from)) ?? null));
    case "move": {
      const source = placeOf(document, from);
      const moved = read(source);
      remove(source);
      return insert(placeOf(document, path), moved);
    }
    default:
      throw rejected();
  }
}

/** The object or list that a pointer's last part is a key of. */
interface Place {
  parent: Json | unknown[];
  key: string;
}

function placeOf(document: Json, pointer: unknown): Place {
  if (typeof pointer !== "string" || (pointer !== "" && !pointer.startsWith("/"))) throw rejected();
  const parts = ["root", ...pointer.split("/").slice(1)].map((part) =>
    part.replaceAll("~1", "/").replaceAll("~0", "~"),
  );
  const key = parts.pop() ?? "root";
  let parent: unknown = document;
  for (const part of parts)
    parent = Array.isArray(parent)
      ? parent[indexIn(parent, part)]
      : isObject(parent)
        ? own(parent, part)
        : undefined;
  if (!isObject(parent) && !Array.isArray(parent)) throw rejected();
  return { parent, key };
}

/** The index of an element that is there; negative ones count from the end, as the API's library has it. */
function indexIn(list: unknown[], key: string): number {
  if (!/^-?\d+$/.test(key)) throw rejected();
  const index = Number(key) < 0 ? list.length + Number(key) : Number(key);
  if (index < 0 || index >= list.length) throw rejected();
  return index;
}

function read({ parent, key }: Place): unknown {
  return Array.isArray(parent) ? parent[indexIn(parent, key)] : own(parent, key);
}

/** A field of the document itself: nobody may reach through one for what all objects inherit. */
function own(parent: Json, key: string): unknown {
  return Object.hasOwn(parent, key) ? parent[key] : undefined;
}

function insert({ parent, key }: Place, value: unknown): void {
  if (!Array.isArray(parent)) setField(parent, key, value);
  else if (key === "-" || key === String(parent.length)) parent.push(value);
  else parent.splice(indexIn(parent, key), 0, value);
}

function replace({ parent, key }: Place, value: unknown): void {
  if (Array.isArray(parent)) parent[indexIn(parent, key)] = value;
  else setField(parent, key, value);
}

function remove({ parent, key }: Place): void {
  if (Array.isArray(parent)) parent.splice(indexIn(parent, key), 1);
  else if (Object.hasOwn(parent, key)) delete parent[key];
  else throw rejected();
}
