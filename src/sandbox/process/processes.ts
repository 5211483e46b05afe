import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

const pollMilliseconds = 20;

/** Whether a process of that number is there, whoever's it is; one that has ended counts until its parent has noticed. */
export function isAlive(pid: number): boolean {
  return signal(pid, 0);
}

/** True when process `pid` runs and its command line has `marker`: numbers of processes are used again. */
export async function runs(pid: number, marker: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const line = await commandLine(pid);
  return line === undefined || line.includes(marker);
}

/**
 * When a process has started, in whatever words its system has, without spaces: two of the same number differ in it. Empty
 * where the system does not tell, `gone` for one that is not there any more.
 */
export async function startOf(pid: number): Promise<string> {
  if (process.platform === "win32") return "";
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The second field is a name that may have spaces; the start is the 22nd.
    const [state, , , , , , , , , , , , , , , , , , , start = ""] = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ");
    return state === "Z" ? "gone" : start;
  } catch {
    // No /proc (macOS), or gone just now.
  }
  return ((await ps(pid, "lstart=")) ?? "gone").trim().replaceAll(/\W+/g, "-");
}

/** Ends a process: politely, and after `patience` milliseconds for sure. Resolves when it is gone. */
export async function end(pid: number, marker: string, patience = 5000): Promise<void> {
  for (const name of ["SIGTERM", "SIGKILL"] as const) {
    if (!(await runs(pid, marker))) return;
    signal(pid, name);
    for (let waited = 0; waited < patience; waited += pollMilliseconds) {
      if (!(await runs(pid, marker))) return;
      await pause(pollMilliseconds);
    }
  }
  throw new Error(`process ${pid} does not end`);
}

/** False when there is no such process. Somebody else's is there, too, and gets no signal. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Undefined where the system does not tell. Empty for a process that has ended and waits for its parent. */
async function commandLine(pid: number): Promise<string | undefined> {
  if (process.platform === "win32") return undefined;
  try {
    return await readFile(`/proc/${pid}/cmdline`, "utf8").then((text) => text.replaceAll("\0", " "));
  } catch {
    // No /proc (macOS), or gone just now.
  }
  return (await ps(pid, "args=")) ?? "";
}

/** What `ps` says of a process; undefined for none. Without the user's language and time zone: others compare it. */
async function ps(pid: number, column: string): Promise<string | undefined> {
  const env = { ...process.env, LC_ALL: "C", TZ: "UTC" };
  try {
    return (await promisify(execFile)("ps", ["-ww", "-o", column, "-p", String(pid)], { env })).stdout;
  } catch {
    return undefined;
  }
}
