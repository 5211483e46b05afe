import { open, readFile, stat } from "node:fs/promises";
import { olderLog } from "./log-file.js";

const pollMilliseconds = 200;

/**
 * The last `count` lines of a log, oldest first (all that are kept when `count` is left out), and the offset in bytes
 * to go on from.
 */
export async function lastLines(
  file: string,
  count = Infinity,
): Promise<{ lines: string[]; offset: number }> {
  const newer = await textOf(file);
  const whole = newer.slice(0, newer.lastIndexOf("\n") + 1);
  const lines = `${await textOf(olderLog(file))}${whole}`.split("\n").slice(0, -1);
  return { lines: lines.slice(Math.max(0, lines.length - count)), offset: Buffer.byteLength(whole) };
}

/** What follows a log needs of the world. */
export interface Following {
  /** Called with each line that was written since. */
  onLine(line: string): void;
  sleep(milliseconds: number): Promise<void>;
  /** False ends it: whoever writes the log is gone. */
  goesOn(): Promise<boolean>;
}

/** Follows a log from `offset` bytes on, over changes of files. Resolves when it ends; rejects with what `sleep` does. */
export async function followLog(
  file: string,
  offset: number,
  { onLine, sleep, goesOn }: Following,
): Promise<void> {
  let rest = "";
  let position = offset;
  const take = (bytes: Buffer) => {
    const lines = (rest + bytes.toString("utf8")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  };
  for (;;) {
    const isOver = !(await goesOn());
    const size = await sizeOf(file);
    if (size < position) {
      take(await bytesFrom(olderLog(file), position));
      position = 0;
    }
    const bytes = await bytesFrom(file, position);
    position += bytes.length;
    take(bytes);
    if (isOver) return;
    await sleep(pollMilliseconds);
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}

async function bytesFrom(file: string, position: number): Promise<Buffer> {
  try {
    const opened = await open(file, "r");
    try {
      const { size } = await opened.stat();
      const bytes = Buffer.alloc(Math.max(0, size - position));
      const { bytesRead } = await opened.read(bytes, 0, bytes.length, position);
      return bytes.subarray(0, bytesRead);
    } finally {
      await opened.close();
    }
  } catch {
    // Gone, or moved just now: the next look finds it.
    return Buffer.alloc(0);
  }
}
