import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

const pollMilliseconds = 20;

/** True when process `pid` runs and its command line has `marker`: numbers of processes are used again. */
export async function runs(pid: number, marker: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const line = await commandLine(pid);
  return line === undefined || line.includes(marker);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive too.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Undefined where the system does not tell. Empty for a process that has ended and waits for its parent. */
async function commandLine(pid: number): Promise<string | undefined> {
  if (process.platform === "win32") return undefined;
  try {
    return await readFile(`/proc/${pid}/cmdline`, "utf8").then((text) => text.replaceAll("\0", " "));
  } catch {
    // No /proc (macOS), or gone just now: `ps` knows.
  }
  try {
    return (await promisify(execFile)("ps", ["-ww", "-o", "args=", "-p", String(pid)])).stdout;
  } catch {
    return "";
  }
}

/** Ends a process: politely, and after `patience` milliseconds for sure. Resolves when it is gone. */
export async function end(pid: number, marker: string, patience = 5000): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (!(await runs(pid, marker))) return;
    process.kill(pid, signal);
    for (let waited = 0; waited < patience; waited += pollMilliseconds) {
      if (!(await runs(pid, marker))) return;
      await pause(pollMilliseconds);
    }
  }
  throw new Error(`process ${pid} does not end`);
}
