import type { Context } from "../../context.js";
import { UsageError } from "../../core/errors.js";
import { checkShape, formatPath, isMapping, type FieldPath } from "../../core/manifest/shape.js";
import type { Manifest } from "../../core/model.js";
import type { Flag } from "./command.js";
import type { Input } from "./input.js";
import { parseDocuments, type SourceDocument } from "./manifests-yaml.js";
import { filesBelow } from "./folder.js";
import { readable } from "./readable.js";

export const manifestFlags: readonly Flag[] = [
  {
    name: "filename",
    short: "f",
    value: "FILE",
    repeat: true,
    completes: "file",
    help: "file or directory with manifests (YAML or JSON), or - for standard input",
  },
  { name: "recursive", short: "R", help: "with -f DIR: directories inside it too" },
];

export interface ManifestSource {
  files: readonly string[];
  recursive: boolean;
}

/** Undefined where no `-f` was given. */
export function readManifestFlags(input: Input): ManifestSource | undefined {
  const files = input.commaList("filename");
  const recursive = input.boolean("recursive");
  if (files.length > 0) return { files, recursive };
  if (recursive) throw new UsageError("--recursive needs -f DIR");
  return undefined;
}

/** An object of a file, and where it stands there. */
export interface SourcedManifest {
  manifest: Manifest;
  /** `web.yaml:12:3` of a field, or of what is nearest to it. */
  locate(path: FieldPath): string;
}

const extensions = [".yaml", ".yml", ".json"];
const mostObjects = 1000;

/**
 * Reads every object of the files, in their order; Lists are taken apart. Throws a UsageError that says file, line
 * and column for whatever cannot be used, all wrong fields of all objects in one message.
 */
export async function readManifests(context: Context, source: ManifestSource): Promise<SourcedManifest[]> {
  const manifests: SourcedManifest[] = [];
  for (const file of await expandFiles(context, source)) {
    const [bytes, name] = await readBytes(context, file);
    const found = parseDocuments(bytes, name).flatMap((document) => objectsOf(document));
    if (found.length === 0) throw new UsageError(`${name}: no objects in it`);
    manifests.push(...found);
    if (manifests.length > mostObjects)
      throw new UsageError(`${name}: more than ${mostObjects} objects in all`);
  }
  const wrong = manifests.flatMap(describeFindings);
  if (wrong.length > 0) throw new UsageError(wrong.join("\n"));
  refuseRepeated(manifests);
  return manifests;
}

async function expandFiles(context: Context, { files, recursive }: ManifestSource): Promise<string[]> {
  if (files.filter((file) => file === "-").length > 1) throw new UsageError("-f - can be given only once");
  const expanded = await Promise.all(files.map((file) => expandFile(context, file, recursive)));
  return [...new Set(expanded.flat())];
}

async function expandFile(context: Context, file: string, recursive: boolean): Promise<string[]> {
  if (/^https?:\/\//.test(file)) {
    throw new UsageError(
      `${file}: sts does not download manifests; pipe it in: curl -fsSL ${file} | ${context.program} … -f -`,
    );
  }
  if (file === "-") return [file];
  const inside = await filesBelow(context, file, extensions, { recursive });
  if (inside === undefined) return [file];
  if (inside.length === 0) {
    throw new UsageError(
      `${file}: no manifests in this directory (${extensions.join(", ")}${recursive ? "" : "; -R looks deeper"})`,
    );
  }
  return inside;
}

async function readBytes(context: Context, file: string): Promise<[bytes: Buffer, name: string]> {
  if (file === "-") return [await context.stdin.readAll(), "standard input"];
  return [await readable(file, () => context.files.read(file)), file];
}

/** The objects of a document: none of an empty one, the items of a List, else one. */
function objectsOf(document: SourceDocument, path: FieldPath = []): SourcedManifest[] {
  const value = path.reduce<unknown>(
    (inner, step) => (inner as Record<string | number, unknown>)[step],
    document.value,
  );
  if (value === null || value === undefined) {
    if (path.length === 0) return [];
    throw new UsageError(`${document.locate(path)}: an empty item`);
  }
  const locate = (inner: FieldPath): string => document.locate([...path, ...inner]);
  const refuse = (inner: FieldPath, message: string): never => {
    throw new UsageError(`${locate(inner)}: ${message}`);
  };
  if (!isMapping(value))
    return refuse([], "an object of Kubernetes is a mapping with apiVersion, kind and metadata");
  if (typeof value["kind"] !== "string" || !value["kind"]) return refuse(["kind"], "kind is missing");
  if (typeof value["apiVersion"] !== "string" || !value["apiVersion"]) {
    return refuse(["apiVersion"], `apiVersion of this ${value["kind"]} is missing`);
  }
  if (value["kind"].endsWith("List") && Array.isArray(value["items"])) {
    return value["items"].flatMap((_item, index) => objectsOf(document, [...path, "items", index]));
  }
  const metadata = value["metadata"];
  if (!isMapping(metadata)) return refuse(["metadata"], `metadata of this ${value["kind"]} is missing`);
  const name = metadata["name"];
  if (typeof name !== "string" || !name) {
    const problem =
      name === undefined || name === null || name === "" ? "is missing" : "must be text: put it in quotes";
    return refuse(["metadata", "name"], `metadata.name of this ${value["kind"]} ${problem}`);
  }
  return [{ manifest: value as unknown as Manifest, locate }];
}

function describeFindings({ manifest, locate }: SourcedManifest): string[] {
  return checkShape(manifest).map(
    ({ path, message }) =>
      `${locate(path)}: ${manifest.kind} "${manifest.metadata.name}": ${formatPath(path)} ${message}`,
  );
}

function refuseRepeated(manifests: readonly SourcedManifest[]): void {
  const seen = new Map<string, SourcedManifest>();
  for (const current of manifests) {
    const { apiVersion, kind, metadata } = current.manifest;
    const id = [apiVersion.split("/")[0], kind, metadata.namespace ?? "", metadata.name].join(" ");
    const earlier = seen.get(id);
    if (earlier) {
      throw new UsageError(
        `${current.locate([])}: ${kind} "${metadata.name}" is there twice, first at ${earlier.locate([])}`,
      );
    }
    seen.set(id, current);
  }
}
