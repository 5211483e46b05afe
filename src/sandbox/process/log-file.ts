import { appendFile, rename, stat } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { formatEntry, type LogEntry } from "../log.js";

/** Bytes of a file before it becomes the older one of two; the one before that is forgotten. */
const limit = 2 * 1024 * 1024;
// What comes together is written together.
const gatherMilliseconds = 50;
// Until there is a file, and where it cannot be written as fast as requests come.
const mostWaiting = 10_000;

/** Where the older half of a log is. */
export function olderLog(file: string): string {
  return `${file}.1`;
}

/** Writes a sandbox's log to a file that never grows beyond its bounds. What cannot be written is lost: it is only a log. */
export class LogFile {
  #waiting: string[] = [];
  #file: string | undefined;
  #size = 0;
  #writing: Promise<void> | undefined;
  readonly #closing = new AbortController();

  /** @param limit bytes of each of the two files */
  constructor(private readonly limitBytes = limit) {}

  readonly write = (entry: LogEntry): void => {
    if (this.#waiting.length >= mostWaiting) this.#waiting.shift();
    this.#waiting.push(`${formatEntry(entry)}\n`);
    if (this.#file !== undefined) this.#writing ??= this.#flushSoon();
  };

  /** Names the file, whose folder must be there; what was written before goes there, too. */
  open(file: string): void {
    this.#file = file;
    this.#writing ??= this.#flushSoon();
  }

  /** Resolves when all is written, without waiting for more to come. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#writing;
    await this.#flush();
  }

  async #flushSoon(): Promise<void> {
    // Not one that the process does not wait for: it would end before what is left is written.
    await pause(gatherMilliseconds, undefined, { signal: this.#closing.signal }).catch(() => undefined);
    await this.#flush();
    this.#writing = undefined;
    if (this.#waiting.length > 0) this.#writing = this.#flushSoon();
  }

  async #flush(): Promise<void> {
    if (this.#file === undefined || this.#waiting.length === 0) return;
    const text = this.#waiting.join("");
    this.#waiting = [];
    try {
      if (this.#size > 0 && this.#size + text.length > this.limitBytes)
        await rename(this.#file, olderLog(this.#file));
      await appendFile(this.#file, text, { mode: 0o600 });
      this.#size = (await stat(this.#file)).size;
    } catch {
      this.#size = 0;
    }
  }
}
