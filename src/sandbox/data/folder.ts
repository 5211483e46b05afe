import { mkdir, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { AnyObject } from "../port.js";
import type { Change } from "../store/history.js";
import type { Store } from "../store/store.js";
import { Journal, type JournalOptions } from "./journal.js";
import { isLock, lockFolder } from "./lock.js";
import { decodeRecords, type DataRecord, type Header } from "./records.js";

export type { Header } from "./records.js";

export const dataFormat = 1;

/** What a sandbox before this one has left. */
export interface Found {
  header: Header;
  /** Where the counter goes on: beyond all that was ever given to anybody. */
  revision: number;
  objects: Iterable<readonly [resource: string, key: string, object: AnyObject]>;
}

const fileName = "objects.log";

/**
 * After an end without farewell: how far the counter jumps. If the machine lost power, writes of the last second may be
 * gone, and no resourceVersion that a client has seen may come to mean another object.
 */
const lostRevisions = 100_000;

/** A folder that keeps a sandbox over restarts. It belongs to one process at a time. */
export class DataFolder {
  #journal: Journal | undefined;

  private constructor(
    private readonly dir: string,
    private readonly release: () => Promise<void>,
    /** Undefined in a new folder. */
    readonly found: Found | undefined,
    private readonly options: JournalOptions,
  ) {}

  /** Opens a folder, or makes it. Rejects, and changes nothing in it, when it is in use, damaged or no sandbox's. */
  static async open(dir: string, options: JournalOptions = {}): Promise<DataFolder> {
    await makeFolder(dir);
    await isKept(dir);
    const release = await lockFolder(dir);
    try {
      // Once more: until it was locked, another one may have begun to keep itself there, and ended.
      const found = (await isKept(dir))
        ? readFound(dir, await readFile(path.join(dir, fileName)))
        : undefined;
      return new DataFolder(dir, release, found, options);
    } catch (error) {
      await release();
      throw error;
    }
  }

  /** From now on the folder has all that the store has, and every write before its answer is sent. */
  async keep(header: Header, store: Store): Promise<void> {
    let current = header;
    const snapshot = () => snapshotOf(current, store);
    const journal = new Journal(path.join(this.dir, fileName), snapshot, this.options);
    await journal.rewrite();
    this.#journal = journal;
    store.keepIn({ append: (change) => journal.append(recordOf(change)) });
    this.note = (changed) => {
      current = { ...current, ...changed };
      journal.append(["sandbox", current]);
    };
  }

  /** Changes what is known of the sandbox itself. */
  note: (changed: Partial<Header>) => void = () => {
    throw new Error("nothing is kept yet");
  };

  async close(): Promise<void> {
    try {
      await this.#journal?.close();
    } finally {
      await this.release();
    }
  }
}

/** Whether a sandbox is kept in a folder; false when it is empty. Rejects when it is somebody else's. */
async function isKept(dir: string): Promise<boolean> {
  const names = (await readdir(dir)).filter((name) => !isLock(name) && name !== `${fileName}.new`);
  if (names.length === 0 || names.includes(fileName)) return names.length > 0;
  throw new Error(`${dir} is not empty, and nothing in it is of a sandbox: name an empty folder`);
}

async function makeFolder(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "EEXIST" || code === "ENOTDIR") throw new Error(`${dir} is not a folder`, { cause: error });
    throw error;
  }
}

function recordOf({ type, resource, key, object, revision }: Change): DataRecord {
  return type === "DELETED" ? ["remove", resource, key, revision] : ["put", resource, key, object];
}

function snapshotOf(header: Header, store: Store): DataRecord[] {
  const objects = Array.from(store.entries(), ([...entry]): DataRecord => ["put", ...entry]);
  return [["sandbox", header], ...objects, ["revision", store.revision]];
}

function readFound(dir: string, bytes: Buffer): Found {
  const file = path.join(dir, fileName);
  const { records, damagedAt, synced } = decodeRecords(bytes);
  const header = headerOf(file, records);
  if (damagedAt !== undefined && damagedAt < synced) {
    throw new Error(
      `${file} is damaged at byte ${damagedAt}: bring it back from a copy, or name another folder`,
    );
  }
  const closed = records.at(-1)?.[0] === "closed" && damagedAt === undefined;
  const { objects, revision } = replay(records);
  return { header, objects: flatten(objects), revision: revision + (closed ? 1 : lostRevisions) };
}

function headerOf(file: string, records: readonly DataRecord[]): Header {
  const [first] = records;
  if (first?.[0] !== "sandbox") throw new Error(`${file} is damaged, or no sandbox's: name another folder`);
  const { format } = first[1];
  if (format > dataFormat) {
    throw new Error(
      `${file} was written by a newer sts (format ${format}, this one knows ${dataFormat}): use that one`,
    );
  }
  return records.reduce((last, record) => (record[0] === "sandbox" ? record[1] : last), first[1]);
}

type Objects = Map<string, Map<string, AnyObject>>;

function replay(records: readonly DataRecord[]): { objects: Objects; revision: number } {
  const objects: Objects = new Map();
  let revision = 1;
  for (const record of records) {
    if (record[0] === "put") {
      const [, resource, key, object] = record;
      const bucket = objects.get(resource) ?? new Map<string, AnyObject>();
      objects.set(resource, bucket.set(key, object));
      revision = Math.max(revision, Number(object.metadata.resourceVersion));
    } else if (record[0] === "remove") {
      objects.get(record[1])?.delete(record[2]);
      revision = Math.max(revision, record[3]);
    } else if (record[0] === "revision") revision = Math.max(revision, record[1]);
  }
  return { objects, revision };
}

function* flatten(objects: Objects): Generator<[resource: string, key: string, object: AnyObject]> {
  for (const [resource, bucket] of objects) {
    for (const [key, object] of bucket) yield [resource, key, object];
  }
}
