import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Tags,
  visit,
} from "yaml";

import { UsageError } from "../../core/errors.js";
import type { FieldPath } from "../../core/manifest/shape.js";

/** A YAML document as plain values, and where in the text its parts stand. */
export interface SourceDocument {
  value: unknown;
  /** `web.yaml:12:3` of the nearest part there is on the way to a field. */
  locate(path: FieldPath): string;
}

/** Input larger than this is no manifest: the API takes 3 MiB for one object, and etcd 1.5. */
const largestInput = 16 * 1024 * 1024;
const mostDocuments = 1000;
const mostAliases = 100;

/**
 * Reads YAML or JSON as kubectl does (YAML 1.1: `0644` is octal and `yes` is true, but `1:30` and dates are text).
 * The input is hostile until proven otherwise. Throws a UsageError with file, line and column.
 */
export function parseDocuments(bytes: Buffer, file: string): SourceDocument[] {
  const text = decode(bytes, file);
  refuseTooMany(text, file);
  const lines = new LineCounter();
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  return guardDepth(file, () => {
    const documents = parseAllDocuments(text, {
      version: "1.1",
      customTags: kubernetesTags,
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: false,
      uniqueKeys: true,
      merge: true,
      logLevel: "silent",
    });
    return [...documents].map((document) => readDocument(document, at));
  });
}

/** Of YAML 1.1 the parts that Go's parser leaves out: numbers in base 60, dates, sets and ordered maps. */
function kubernetesTags(tags: Tags): Tags {
  const unknown = ["timestamp", "binary", "omap", "pairs", "set"];
  return tags.filter((tag) => {
    if (typeof tag === "string") return !unknown.includes(tag);
    return tag.format !== "TIME" && !unknown.includes(tag.tag.split(":").at(-1) ?? "");
  });
}

function decode(bytes: Buffer, file: string): string {
  if (bytes.length > largestInput) {
    throw new UsageError(`${file}: ${bytes.length} bytes is too large for a manifest (16 MiB at most)`);
  }
  const zero = bytes.indexOf(0);
  if (zero >= 0) throw new UsageError(`${place(bytes, zero, file)}: not text: a byte 0 is in it`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${place(bytes, firstBadByte(bytes), file)}: not text in UTF-8`);
  }
}

/** The decoder does not say where it failed; the first byte that differs after a lenient reading does. */
function firstBadByte(bytes: Buffer): number {
  const again = Buffer.from(bytes.toString("utf8"), "utf8");
  const index = bytes.findIndex((byte, position) => byte !== again[position]);
  return Math.max(index, 0);
}

function place(bytes: Buffer, offset: number, file: string): string {
  const before = bytes.subarray(0, offset).toString("latin1").split("\n");
  return `${file}:${before.length}:${(before.at(-1) ?? "").length + 1}`;
}

function refuseTooMany(text: string, file: string): void {
  let count = 0;
  for (const marker of text.matchAll(/^---(?=\s|$)/gm)) {
    count += 1;
    if (count <= mostDocuments) continue;
    const line = text.slice(0, marker.index).split("\n").length;
    throw new UsageError(`${file}:${line}:1: more than ${mostDocuments} documents in one file`);
  }
}

function guardDepth<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`${file}:1:1: nested too deeply`);
    throw error;
  }
}

function readDocument(document: Document.Parsed, at: (offset: number) => string): SourceDocument {
  const [error] = document.errors;
  if (error) throw new UsageError(`${at(error.pos[0])}: ${plain(error.message)}`);
  const alias = refuseUnsafe(document, at);
  const value = resolveAliases(document, at(alias?.range?.[0] ?? document.range[0]));
  return { value, locate: (path) => at(offsetOf(document, path)) };
}

/** Aliases can make much of little ("a billion laughs"): how often and how far they unfold is limited. */
function resolveAliases(document: Document.Parsed, alias: string): unknown {
  const tooMuch = new UsageError(`${alias}: the aliases unfold to more than a manifest can be`);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: mostAliases });
  } catch (error) {
    if (error instanceof RangeError || !(error instanceof Error)) throw error;
    throw error.message.startsWith("Excessive alias")
      ? tooMuch
      : new UsageError(`${alias}: ${plain(error.message)}`);
  }
  if (unfolds(value, largestInput) <= 0) throw tooMuch;
  return value;
}

/** What is left of a budget of characters after a value is written out; stops where nothing is left. */
function unfolds(value: unknown, budget: number): number {
  if (typeof value !== "object" || value === null) return budget - String(value).length;
  let left = budget;
  for (const [key, item] of Object.entries(value)) {
    left = unfolds(item, left - key.length);
    if (left <= 0) break;
  }
  return left;
}

/** The parser's sentence in the words of this program. */
function plain(message: string): string {
  if (/tab/i.test(message)) return "a tab indents this line: YAML takes spaces only";
  if (message.startsWith("Map keys must be unique")) return "this key is there twice";
  return message.replace(/\s+/g, " ").trim();
}

/** Refuses what YAML can say and JSON cannot, and what would change without anybody noticing. Returns the first alias. */
function refuseUnsafe(document: Document.Parsed, at: (offset: number) => string): Node | undefined {
  let alias: Node | undefined;
  const refuse = (node: Node, message: string): never => {
    throw new UsageError(`${at(node.range?.[0] ?? 0)}: ${message}`);
  };
  visit(document, (key, node) => {
    if (isAlias(node)) alias ??= node;
    if (isPair(node) && isNode(node.key) && !isScalar(node.key) && !isAlias(node.key)) {
      refuse(node.key, "a key must be text");
    }
    if (!isScalar(node) || typeof node.value !== "number" || key === "key") return;
    const written = String(node.source ?? node.value);
    if (!Number.isFinite(node.value)) refuse(node, `${written} is no number of JSON`);
    if (Number.isInteger(node.value) && !Number.isSafeInteger(node.value)) {
      refuse(node, `${written} is too large to be kept exactly: put it in quotes`);
    }
  });
  return alias;
}

/** Where the value of a field begins, or what is nearest to it on the way there. */
function offsetOf(document: Document.Parsed, path: FieldPath): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const step = path[length - 1];
    const key =
      isMap(parent) &&
      parent.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === step)?.key;
    if (isNode(key)) return key.range?.[0] ?? 0;
    const node = typeof step === "number" ? document.getIn(path.slice(0, length), true) : undefined;
    if (isNode(node)) return node.range?.[0] ?? 0;
  }
  return document.contents?.range[0] ?? document.range[0];
}
