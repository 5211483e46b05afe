import type { Cluster, ConnectionFlags, Scope } from "../../../cluster/index.js";
import { isApiError } from "../../../cluster/index.js";
import type { Context, Files } from "../../../context.js";
import type { ChosenClaim } from "../../../core/claims/plan.js";
import { fromList, savedPath, saysAsMuch, toList, type SavedClaim } from "../../../core/claims/saved.js";
import { UsageError } from "../../../core/errors.js";
import { kinds, type Kind } from "../../../core/kinds.js";
import type { KubeObject } from "../../../core/model.js";
import { ownCommand } from "../../../core/progress/naming.js";
import { shellWord } from "../../../core/words.js";
import { RefusedError } from "../../../errors.js";
import { backupSaid } from "../../../view/claims/keep.js";
import { namingFor } from "../../shared/naming.js";
import { inPool } from "../pool.js";

/** Where claims were saved before their deletion. */
export interface Backup {
  dir: string;
  /** The file of each claim, by its UID. */
  files: ReadonlyMap<string, string>;
  /** How many volumes the files hold. */
  volumes: number;
}

const atATime = 16;

/**
 * Saves the chosen claims and their volumes as they are now, read in pages, each pair in a file of its own that is
 * flushed to disk. Nothing is deleted by then: whatever stands against it, on the server or on the disk, is a
 * RefusedError. What was saved before is left as it is where it says as much, and put aside where it says something
 * else, so that running again after a kill finishes the work and loses nothing.
 */
export async function backUp(
  { files, err, signal }: Pick<Context, "files" | "err" | "signal">,
  cluster: Cluster,
  scope: Scope,
  chosen: readonly ChosenClaim[],
  dir: string,
): Promise<Backup> {
  const saved = await readChosen(cluster, scope, chosen);
  const paths = new Map<string, string>();
  await inPool(saved, atATime, async (one) => {
    if (signal.aborted) throw signal.reason;
    const file = fileIn(dir, one.claim.metadata);
    const aside = await orRefuse(dir, () => save(files, file, one));
    if (aside)
      err.write(`note: ${file} held an earlier backup that says something else; it is ${aside} now\n`);
    if (one.claim.spec.volumeName && !one.volume) {
      err.write(`note: ${one.claim.metadata.name} is saved without its volume, which is not there\n`);
    }
    paths.set(one.claim.metadata.uid, file);
  });
  if (signal.aborted) throw signal.reason;
  return { dir, files: paths, volumes: saved.filter(({ volume }) => volume).length };
}

/** Says what was saved, and the command that gives it back. */
export function sayBackup(
  { err, program }: Pick<Context, "err" | "program">,
  cluster: Cluster,
  connection: ConnectionFlags,
  { dir, files, volumes }: Backup,
): void {
  const naming = { ...namingFor(program, cluster, connection)(cluster.namespace), namespace: undefined };
  const back = ownCommand(naming, `pvc restore ${shellWord(dir)}`);
  err.write(backupSaid({ dir, claims: files.size, volumes }, back));
}

/** The file that a claim is saved in. */
export function fileIn(dir: string, claim: { namespace?: string; name: string; uid: string }): string {
  return `${dir.replace(/(?<=.)\/+$/, "")}/${savedPath(claim)}`;
}

/** Of claims that went or were made anew since they were shown nothing is saved: they are not deleted either. */
async function readChosen(
  cluster: Cluster,
  scope: Scope,
  chosen: readonly ChosenClaim[],
): Promise<SavedClaim[]> {
  const uids = new Set(chosen.map(({ claim }) => claim.uid));
  const claims = await listSome(cluster, kinds.claim, scope, ({ metadata }) => uids.has(metadata.uid));
  const names = new Set(claims.flatMap(({ spec }) => spec.volumeName || []));
  if (names.size === 0) return claims.map((claim) => ({ claim }));
  const volumes = await listSome(cluster, kinds.volume, {}, ({ metadata }) => names.has(metadata.name)).catch(
    refuseUnread,
  );
  const byName = new Map(volumes.map((volume) => [volume.metadata.name, volume]));
  return claims.map((claim) => {
    const volume = byName.get(claim.spec.volumeName ?? "");
    return volume ? { claim, volume } : { claim };
  });
}

async function listSome<T extends Pick<KubeObject, "metadata">>(
  cluster: Cluster,
  kind: Kind<T>,
  scope: Scope,
  isMeant: (object: T) => boolean,
): Promise<T[]> {
  const { items } = await cluster.list(kind, scope, (object) => (isMeant(object) ? object : undefined));
  return items.filter((object) => object !== undefined);
}

function refuseUnread(error: unknown): never {
  if (!isApiError(error, "Forbidden", "NotFound")) throw error;
  throw cannotBackUp(error.message);
}

/** Says of a backup that it is not to be had. */
export function cannotBackUp(why: string): RefusedError {
  return new RefusedError(`no claim was deleted, --backup is not possible: ${why}`);
}

/** Whatever the disk has against it; files throw nothing that would need another answer. */
async function orRefuse<T>(dir: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw cannotBackUp(error instanceof UsageError ? why : `${dir} cannot be written to: ${why}`);
  }
}

/** Returns where the earlier backup is that was in the way. */
async function save(files: Files, file: string, saved: SavedClaim): Promise<string | undefined> {
  const earlier = await readIfThere(files, file);
  if (earlier !== undefined && saysAsMuch(parse(earlier, file), saved)) return undefined;
  const aside = earlier === undefined ? undefined : await putAside(files, file, earlier);
  await files.write(file, `${JSON.stringify(toList(saved), undefined, 2)}\n`);
  return aside;
}

/** A copy is there, flushed, before the file is written anew. Restoring reads no name that ends so. */
async function putAside(files: Files, file: string, text: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const aside = `${file}.${number}`;
    const there = await readIfThere(files, aside);
    if (there === undefined) await files.write(aside, text);
    if (there === undefined || there === text) return aside;
  }
}

function parse(text: string, file: string): SavedClaim {
  try {
    return fromList(JSON.parse(text), file);
  } catch {
    throw new UsageError(`${file} is there, and is no backup of pvc cleanup: choose another directory`);
  }
}

async function readIfThere(files: Files, file: string): Promise<string | undefined> {
  try {
    return (await files.read(file)).toString("utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
