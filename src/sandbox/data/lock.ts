import { readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { isAlive, startOf } from "../process/processes.js";

const lockPattern = /^lock\.(\d+)\.([\w-]*)$/;

export function isLock(name: string): boolean {
  return lockPattern.test(name);
}

/**
 * Makes a folder this process's own; resolves to how it is given back. Rejects when another process that still runs has
 * it. What a dead one has left is taken away.
 *
 * Each process writes a file of its own and only then looks for others: of two that come at once at most one stays.
 */
export async function lockFolder(dir: string): Promise<() => Promise<void>> {
  const own = `lock.${process.pid}.${await startOf(process.pid)}`;
  try {
    await writeFile(path.join(dir, own), "", { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") throw inUse(dir, process.pid);
    throw error;
  }
  const release = () => rm(path.join(dir, own), { force: true });
  for (const name of await readdir(dir)) {
    const [, pid = "", start = ""] = lockPattern.exec(name) ?? [];
    if (pid === "" || name === own) continue;
    if (await runs(Number(pid), start)) {
      await release();
      throw inUse(dir, Number(pid));
    }
    await rm(path.join(dir, name), { force: true });
  }
  return release;
}

function inUse(dir: string, pid: number): Error {
  return new Error(`${dir} is in use by another sandbox (process ${pid}); sts sandbox status lists them`);
}

/** Whether the process that began then is still there: numbers of processes are used again. */
async function runs(pid: number, start: string): Promise<boolean> {
  return isAlive(pid) && (await startOf(pid)) === start;
}
