import { spawn } from "node:child_process";
import os from "node:os";
import type { Machine } from "../context.js";

/** The machine that this process runs on. */
export const systemMachine: Machine = {
  identity() {
    return { who: `${userName()}@${os.hostname()}`, host: os.hostname(), pid: process.pid };
  },

  isRunning(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      // EPERM: it is there, and somebody else's.
      return (error as NodeJS.ErrnoException).code === "EPERM";
    }
  },

  run(command, { env, onOutput, signal }) {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const child = spawn(command, {
        shell: true,
        env: { ...process.env, ...env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const stop = (): void => void child.kill("SIGTERM");
      signal.addEventListener("abort", stop, { once: true });
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => onOutput(text));
      }
      child.on("error", reject);
      child.on("close", (code) => {
        signal.removeEventListener("abort", stop);
        if (signal.aborted) reject(signal.reason as Error);
        // Ended by a signal: it did not say yes.
        else resolve(code ?? 1);
      });
    });
  },
};

/** Containers often run under a user that has no name. */
function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return "somebody";
  }
}
