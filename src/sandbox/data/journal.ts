import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { encodeRecord, type DataRecord } from "./records.js";

/** The calls by which the file is written, so that a test can have a full disk. */
export interface Disk {
  write(fd: number, bytes: Buffer, offset: number, length: number, position: number): number;
  sync(fd: number): Promise<void>;
}

const systemDisk: Disk = { write: fs.writeSync, sync: promisify(fs.fdatasync) };

export interface JournalOptions {
  disk?: Disk | undefined;
  /** Real milliseconds from a write until it is on the disk: what a loss of power can cost. */
  syncMilliseconds?: number | undefined;
  /** By how many bytes the log outgrows the snapshot at least before both are made one. */
  slackBytes?: number | undefined;
  /** Told of what failed and is tried again later. */
  onError?: ((error: unknown) => void) | undefined;
}

const chunkBytes = 256 * 1024;

/**
 * A file of records: a snapshot, and what was written after it. What `append` has taken is in the hands of the system
 * when it returns, so it outlives this process; it is on the disk within the sync interval, many writes at a time.
 */
export class Journal {
  readonly #disk: Disk;
  readonly #syncMilliseconds: number;
  readonly #slackBytes: number;
  #fd = -1;
  #size = 0;
  #snapshotSize = 0;
  #timer: NodeJS.Timeout | undefined;
  /** The last of what is done one after the other: while a file is being synced none takes its place. Never rejects. */
  #turn: Promise<void> = Promise.resolve();
  #rewriting: Promise<void> | undefined;
  /** While the file is written anew: what came after the snapshot was taken. */
  #since: Buffer[] | undefined;
  /** Why nothing can be written until the file is written anew. */
  #broken: Error | undefined;
  #closed = false;

  /** @param snapshot the state as it is now, as records; taken at once, written by and by */
  constructor(
    private readonly file: string,
    private readonly snapshot: () => readonly DataRecord[],
    private readonly options: JournalOptions = {},
  ) {
    this.#disk = options.disk ?? systemDisk;
    this.#syncMilliseconds = options.syncMilliseconds ?? 1000;
    this.#slackBytes = options.slackBytes ?? 4 * 1024 * 1024;
  }

  /** Writes a record, or throws and has written nothing. */
  append(record: DataRecord): void {
    if (this.#closed) throw new Error("the sandbox has ended");
    // First: whoever appends may make the change only afterwards, so a snapshot of now does not have it yet.
    if (this.#broken || this.#size > 2 * this.#snapshotSize + this.#slackBytes)
      void this.rewrite().catch((error: unknown) => this.options.onError?.(error));
    const line = Buffer.from(encodeRecord(record));
    this.#write(line);
    this.#since?.push(line);
    this.#syncSoon();
  }

  /** Replaces the file by a snapshot, and by what is written meanwhile. Until that is whole, the old file counts. */
  rewrite(): Promise<void> {
    this.#rewriting ??= this.#rewrite().finally(() => (this.#rewriting = undefined));
    return this.#rewriting;
  }

  /** Waits until all is on the disk, and says so in the file. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#rewriting?.catch(() => undefined);
    clearTimeout(this.#timer);
    await this.#turn;
    if (this.#fd === -1) return;
    try {
      if (!this.#broken) this.#write(Buffer.from(encodeRecord(["closed"])));
      await this.#disk.sync(this.#fd);
    } finally {
      fs.closeSync(this.#fd);
      this.#fd = -1;
    }
  }

  #write(bytes: Buffer): void {
    if (this.#broken) throw this.#broken;
    try {
      writeAll(this.#disk, this.#fd, bytes, this.#size);
    } catch (error) {
      // The half of a line must not stand between two whole ones; the next line begins here in any case.
      fs.ftruncateSync(this.#fd, this.#size);
      throw error;
    }
    this.#size += bytes.length;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  #syncSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#inTurn(() => this.#sync()).catch((error: unknown) => this.options.onError?.(error));
    }, this.#syncMilliseconds);
  }

  async #sync(): Promise<void> {
    const size = this.#size;
    try {
      await this.#disk.sync(this.#fd);
    } catch (error) {
      // The system may have dropped what it could not write, and will not say so again.
      this.#broken = new Error(`what was written may be lost: ${messageOf(error)}`);
      throw error;
    }
    this.#write(Buffer.from(encodeRecord(["synced", size])));
  }

  async #rewrite(): Promise<void> {
    const draft = `${this.file}.new`;
    const records = this.snapshot();
    this.#since = [];
    let fd = -1;
    try {
      fs.rmSync(draft, { force: true });
      // A file of our own: it has the token.
      fd = fs.openSync(draft, "wx", 0o600);
      let size = 0;
      for (const chunk of chunks(records)) {
        size += writeAll(this.#disk, fd, chunk, size);
        await new Promise(setImmediate);
      }
      await this.#disk.sync(fd);
      await this.#inTurn(() => this.#replace(draft, fd, size));
    } catch (error) {
      this.#since = undefined;
      if (fd !== -1) fs.closeSync(fd);
      fs.rmSync(draft, { force: true });
      // Once more only after as much again.
      this.#snapshotSize = this.#size;
      if (this.#fd === -1) throw error;
      this.options.onError?.(error);
      return;
    }
    await syncFolder(path.dirname(this.file)).catch((error: unknown) => this.options.onError?.(error));
  }

  /** Gives a draft that has the snapshot its name. Nothing is synced meanwhile but the draft. */
  async #replace(draft: string, fd: number, snapshotSize: number): Promise<void> {
    let size = snapshotSize;
    const take = () => {
      const rest = this.#since ?? [];
      this.#since = [];
      size += writeAll(this.#disk, fd, Buffer.concat(rest), size);
    };
    size += writeAll(this.#disk, fd, Buffer.from(encodeRecord(["synced", size])), size);
    // What the old file has on the disk must not be volatile again in the new one.
    take();
    await this.#disk.sync(fd);
    take();
    fs.renameSync(draft, this.file);
    const old = this.#fd;
    [this.#fd, this.#size, this.#snapshotSize] = [fd, size, snapshotSize];
    this.#since = undefined;
    this.#broken = undefined;
    // Whatever a failing disk says of it: it counts no more.
    if (old !== -1) fs.close(old, () => undefined);
    if (size > snapshotSize) this.#syncSoon();
  }
}

function writeAll(disk: Disk, fd: number, bytes: Buffer, position: number): number {
  for (let done = 0; done < bytes.length;) {
    done += disk.write(fd, bytes, done, bytes.length - done, position + done);
  }
  return bytes.length;
}

/** Lines, some hundred at a time, so that others get their turn in between. */
function* chunks(records: readonly DataRecord[]): Generator<Buffer> {
  let lines: string[] = [];
  let length = 0;
  for (const record of records) {
    const line = encodeRecord(record);
    lines.push(line);
    length += line.length;
    if (length < chunkBytes) continue;
    yield Buffer.from(lines.join(""));
    [lines, length] = [[], 0];
  }
  yield Buffer.from(lines.join(""));
}

/** A new name is on the disk only after its folder is. */
async function syncFolder(dir: string): Promise<void> {
  // Windows opens no folders, and needs none of this.
  if (process.platform === "win32") return;
  const folder = await fs.promises.open(dir);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
