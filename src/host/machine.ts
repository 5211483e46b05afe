import { spawn, type ChildProcess } from "node:child_process";
import os from "node:os";
import type { Machine } from "../context.js";

/** How long what is asked to end may take before it is ended, in milliseconds. */
const grace = 1_000;

/** The machine that this process runs on. */
export const systemMachine: Machine = {
  identity() {
    return { who: `${userName()}@${os.hostname()}`, host: os.hostname(), pid: process.pid };
  },

  isRunning(pid) {
    return canSignal(pid);
  },

  run(command, { env, onOutput, signal }) {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      // In a process group of its own: what the command starts can be ended with it.
      const child = spawn(command, {
        shell: true,
        detached: true,
        env: { ...process.env, ...env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const stop = (): void => endGroup(child);
      signal.addEventListener("abort", stop, { once: true });
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => onOutput(text));
      }
      child.on("error", reject);
      // What it left in the background would keep its output open, and stay for good.
      child.on("exit", () => {
        stop();
        closeOutput(child);
      });
      child.on("close", (code) => {
        signal.removeEventListener("abort", stop);
        if (signal.aborted) reject(signal.reason as Error);
        // Ended by a signal: it did not say yes.
        else resolve(code ?? 1);
      });
    });
  },
};

/** Asks a process group to end, and ends what has not after a while. */
function endGroup(child: ChildProcess): void {
  const group = -(child.pid ?? 0);
  if (group === 0 || !canSignal(group, "SIGTERM")) return;
  const timer = setTimeout(() => canSignal(group, "SIGKILL"), grace);
  child.once("close", () => clearTimeout(timer));
}

/** What left the group (`setsid`, `timeout`) is out of reach: its output is not waited for any longer. */
function closeOutput(child: ChildProcess): void {
  const timer = setTimeout(() => {
    child.stdout?.destroy();
    child.stderr?.destroy();
  }, grace);
  child.once("close", () => clearTimeout(timer));
}

/** Whether a process, or a group by its negative id, is there; it is sent the signal, where there is one. */
function canSignal(pid: number, signal: NodeJS.Signals | 0 = 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Containers often run under a user that has no name. */
function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return "somebody";
  }
}
