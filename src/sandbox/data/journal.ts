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
  #syncing: Promise<void> | undefined;
  #rewriting: Promise<void> | undefined;
  /** While the file is written anew: what came after the snapshot was taken. */
  #since: Buffer[] | undefined;
  #broken: Error | undefined;

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
    // First: whoever appends may make the change only afterwards, so a snapshot of now does not have it yet.
    if (this.#size > 2 * this.#snapshotSize + this.#slackBytes)
      void this.rewrite().catch((error: unknown) => this.options.onError?.(error));
    const line = Buffer.from(encodeRecord(record));
    this.#write(line);
    this.#since?.push(line);
    this.#timer ??= setTimeout(() => this.#sync(), this.#syncMilliseconds);
  }

  /** Replaces the file by a snapshot, and by what is written meanwhile. Until that is whole, the old file counts. */
  rewrite(): Promise<void> {
    this.#rewriting ??= this.#rewrite().finally(() => (this.#rewriting = undefined));
    return this.#rewriting;
  }

  /** Waits until all is on the disk, and says so in the file. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#rewriting?.catch(() => undefined);
    await this.#syncing;
    if (this.#fd === -1) return;
    try {
      if (!this.#broken) this.#write(Buffer.from(encodeRecord(["closed"])));
      await this.#disk.sync(this.#fd);
    } finally {
      fs.closeSync(this.#fd);
      this.#fd = -1;
      this.#broken = new Error("the sandbox has ended");
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

  /** After the one before, so that no file is closed while it is being synced. `#syncing` never rejects. */
  #sync(): void {
    this.#syncing = (this.#syncing ?? Promise.resolve())
      .then(() => this.#syncNow())
      .catch((error: unknown) => this.options.onError?.(error));
  }

  async #syncNow(): Promise<void> {
    this.#timer = undefined;
    const [fd, size] = [this.#fd, this.#size];
    try {
      await this.#disk.sync(fd);
    } catch (error) {
      // The system may have dropped what it could not write, and will not say so again.
      if (fd === this.#fd) this.#broken = new Error(`what was written may be lost: ${messageOf(error)}`);
      return;
    }
    if (fd === this.#fd) this.#write(Buffer.from(encodeRecord(["synced", size])));
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
      const rest = Buffer.concat([Buffer.from(encodeRecord(["synced", size])), ...this.#since]);
      const whole = size + writeAll(this.#disk, fd, rest, size);
      fs.renameSync(draft, this.file);
      this.#take(fd, size, whole);
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

  #take(fd: number, snapshotSize: number, size: number): void {
    const old = this.#fd;
    this.#since = undefined;
    [this.#fd, this.#size, this.#snapshotSize] = [fd, size, snapshotSize];
    // Not while it is being synced.
    if (old !== -1) void Promise.resolve(this.#syncing).finally(() => fs.closeSync(old));
    if (size > snapshotSize) this.#timer ??= setTimeout(() => this.#sync(), this.#syncMilliseconds);
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
