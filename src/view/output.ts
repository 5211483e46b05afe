import { UsageError } from "../core/errors.js";
import { parseColumns, formatColumns, type Column } from "./columns.js";
import { parseTemplate, type Part } from "./jsonpath-parse.js";
import { fillTemplate, JsonPathError } from "./jsonpath.js";
import { toYaml } from "./yaml.js";

/** What `-o` asks for. `table` is kubectl's text without `-o`. */
export type OutputFormat =
  | { type: "table" | "wide" | "json" | "yaml" | "name" }
  | { type: "jsonpath"; template: Part[]; text: string }
  | { type: "jsonpath-file"; path: string }
  | { type: "custom-columns"; columns: Column[] }
  | { type: "custom-columns-file"; path: string };

/** The words before `=` that some command takes. */
export type OutputName = OutputFormat["type"];

/** Those of commands that list, as `kubectl get` has them. */
export const listFormats = [
  "wide",
  "json",
  "yaml",
  "name",
  "jsonpath",
  "jsonpath-file",
  "custom-columns",
  "custom-columns-file",
] as const satisfies readonly OutputName[];

/**
 * Reads a value of `-o`. Throws a UsageError for one that is none of `allowed`, with a word of its own for
 * go-template, which kubectl has and `sts` has not.
 */
export function parseOutput(text: string | undefined, allowed: readonly OutputName[]): OutputFormat {
  if (text === undefined || text === "") return { type: "table" };
  const split = text.indexOf("=");
  const [word, value] = split < 0 ? [text, undefined] : [text.slice(0, split), text.slice(split + 1)];
  if (/^go-template(-file)?$|^template(file)?$/.test(word)) {
    throw new UsageError(
      `-o ${word} is not supported: use -o jsonpath=TEMPLATE, or -o json with a tool such as jq`,
    );
  }
  const type = allowed.find((name) => name === word);
  if (!type || type === "table")
    throw new UsageError(
      `unable to match a printer suitable for the output format "${word}", allowed formats are: ${allowed.join(",")}`,
    );
  return parseTyped(type, value);
}

function parseTyped(type: Exclude<OutputName, "table">, value: string | undefined): OutputFormat {
  if (type === "wide" || type === "json" || type === "yaml" || type === "name") {
    if (value !== undefined) throw new UsageError(`-o ${type} takes no value`);
    return { type };
  }
  if (!value) throw new UsageError(`-o ${type} needs a value: -o ${type}=…`);
  if (type === "jsonpath") return { type, template: parseTemplate(value), text: value };
  if (type === "custom-columns") return { type, columns: parseColumns(value) };
  return { type, path: value };
}

/** What a template or column file of `-o` says, once it was read. */
export function parseOutputFile(
  type: "jsonpath-file" | "custom-columns-file",
  content: string,
): OutputFormat {
  if (type === "jsonpath-file") return { type: "jsonpath", template: parseTemplate(content), text: content };
  const [headers = "", paths = ""] = content.trim().split(/\r?\n/);
  const words = (line: string) => line.trim().split(/\s+/);
  const spec = words(headers).map((header, index) => `${header}:${words(paths)[index] ?? ""}`);
  return { type: "custom-columns", columns: parseColumns(spec.join(",")) };
}

/** An object, or a List of them, as `-o` shows it. `headers` matters to columns only. */
export function formatDocument(format: OutputFormat, document: unknown, headers = true): string {
  switch (format.type) {
    case "json":
      return `${JSON.stringify(document, null, 4)}\n`;
    case "yaml":
      return toYaml(document);
    case "jsonpath":
      return fill(format, document);
    case "custom-columns":
      return formatColumns(format.columns, itemsOf(document), headers);
    case "name":
      return itemsOf(document)
        .map((item) => `${resourceName(item)}\n`)
        .join("");
    default:
      throw new Error(`no document is made of -o ${format.type}`);
  }
}

function fill({ template, text }: Extract<OutputFormat, { type: "jsonpath" }>, document: unknown): string {
  try {
    return fillTemplate(template, document);
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    throw new JsonPathError(`error executing jsonpath "${text}": ${error.message}`);
  }
}

interface Named {
  apiVersion?: string;
  kind?: string;
  metadata?: { name?: string };
}

function itemsOf(document: unknown): Named[] {
  const { kind, items } = document as Named & { items?: Named[] };
  return items !== undefined && (kind ?? "List").endsWith("List") ? items : [document as Named];
}

/** `statefulset.apps/web`, as kubectl names an object in its messages and with `-o name`. */
export function resourceName({ apiVersion = "", kind = "", metadata }: Named): string {
  const [version, group] = apiVersion.split("/").reverse();
  return `${kind.toLowerCase()}${version !== undefined && group ? `.${group}` : ""}/${metadata?.name ?? ""}`;
}

/** Several objects as one, the way `kubectl get -o json` gives them. */
export function listOf(items: readonly unknown[]): object {
  return { apiVersion: "v1", items, kind: "List", metadata: { resourceVersion: "" } };
}
