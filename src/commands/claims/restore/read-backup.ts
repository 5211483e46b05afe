import type { Context } from "../../../context.js";
import type { SavedFile } from "../../../core/claims/restore/decide.js";
import { fromList } from "../../../core/claims/saved.js";
import { UsageError } from "../../../core/errors.js";
import { checkShape, formatPath } from "../../../core/manifest/shape.js";
import type { Claim, Volume } from "../../../core/model.js";
import { sanitizeLine } from "../../../view/sanitize.js";
import { filesBelow } from "../../shared/folder.js";
import { readable } from "../../shared/readable.js";

/** The server keeps no object of more than 1.5 MiB, and a file holds two. */
const mostBytes = 4 * 1024 * 1024;
const mostFiles = 100_000;

/**
 * Every claim of a backup, which is a folder of `pvc cleanup --backup` or one file of it. Files are hostile input: the
 * first that is not what it should be is a UsageError, and nothing was sent by then. Whatever does not end in `.json`
 * is none of ours.
 */
export async function readBackup(context: Context, path: string): Promise<SavedFile[]> {
  const files = await filesBelow(context, path, [".json"], { recursive: true });
  if (files === undefined) return [await readSaved(context, path)];
  if (files.length === 0)
    throw new UsageError(`${path}: no claims in this directory (NAMESPACE/CLAIM.….json)`);
  if (files.length > mostFiles) throw new UsageError(`${path}: more than ${mostFiles} files`);
  const saved: SavedFile[] = [];
  for (const file of files) saved.push(await readSaved(context, file));
  return saved;
}

async function readSaved(context: Context, path: string): Promise<SavedFile> {
  const bytes = await readable(sanitizeLine(path), () => context.files.read(path, mostBytes));
  const file = sanitizeLine(path);
  const { claim, volume } = fromList(parse(bytes, file), file);
  for (const object of [claim, ...(volume ? [volume] : [])]) {
    const wrong = whatIsWrong(object);
    if (wrong) throw new UsageError(sanitizeLine(`${file}: its ${object.kind} has ${wrong}`));
  }
  if (volume && volume.metadata.name !== claim.spec.volumeName) {
    throw new UsageError(`${file}: holds another volume than that of its claim`);
  }
  return volume ? { file, claim, volume } : { file, claim };
}

function parse(bytes: Buffer, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new UsageError(`${file}: not JSON, as pvc cleanup --backup writes it`);
  }
}

/** Names as the API has them (RFC 1123), which are safe in a path, in a command and on a terminal. */
const validName = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const validWord = /^[A-Za-z]+$/;

function whatIsWrong(object: Claim | Volume): string | undefined {
  const { metadata } = object;
  const [first] = checkShape(object as unknown as { kind: string });
  if (first) return `a wrong field: ${formatPath(first.path)} ${first.message}`;
  const spec = object.spec as Claim["spec"] & Volume["spec"];
  const names: unknown[] = [metadata.name, metadata.namespace ?? "none", spec.volumeName ?? "none"];
  if (!names.every((name) => typeof name === "string" && validName.test(name))) {
    return "a name that Kubernetes does not allow";
  }
  const sizes: unknown[] = [spec.capacity?.["storage"], spec.resources?.requests?.["storage"]];
  if (!sizes.every((size) => size === undefined || typeof size === "string")) return "a size that is no text";
  const words = [spec.persistentVolumeReclaimPolicy ?? "none", spec.volumeMode ?? "none"];
  if (!words.every((word) => validWord.test(word))) return "a word that Kubernetes does not know";
  const owners: unknown = metadata.ownerReferences ?? [];
  return Array.isArray(owners) && owners.every(isOwner) ? undefined : "ownerReferences that are none";
}

function isOwner(value: unknown): boolean {
  const owner = (value ?? {}) as Record<string, unknown>;
  return ["apiVersion", "kind", "name", "uid"].every((field) => typeof owner[field] === "string");
}
