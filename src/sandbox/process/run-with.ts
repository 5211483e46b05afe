import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import path from "node:path";
import type { Sandbox, SandboxOptions } from "../index.js";
import { LogFile } from "./log-file.js";
import { requestLogPath } from "./state.js";

export interface RunHost {
  env: Readonly<Record<string, string | undefined>>;
  /** Ends the command (SIGTERM) when it aborts. */
  signal?: AbortSignal | undefined;
  /** Standard streams of the command; those of this process when left out. */
  stdio?: "inherit" | "ignore" | undefined;
}

/**
 * Gives one command a sandbox of its own, in KUBECONFIG, and throws it away afterwards. Resolves to the command's exit
 * code (128 and the signal's number when a signal has ended it). Rejects when the command cannot be started, and
 * with the signal's reason when that aborts before.
 */
export async function runWith(
  host: RunHost,
  command: readonly string[],
  options: SandboxOptions = {},
): Promise<number> {
  const [file, ...args] = command;
  if (file === undefined) throw new Error("no command to run");
  const { startSandbox } = await import("../index.js");
  const dir = await mkdtemp(path.join(tmpdir(), "sts-sandbox-"));
  const log = new LogFile();
  log.open(requestLogPath(dir));
  let sandbox: Sandbox | undefined;
  try {
    sandbox = await startSandbox({ ...options, log: log.write });
    host.signal?.throwIfAborted();
    const kubeconfig = path.join(dir, "kubeconfig");
    await writeFile(kubeconfig, sandbox.kubeconfig(), { mode: 0o600 });
    return await run(host, file, args, kubeconfig);
  } finally {
    await sandbox?.stop();
    await log.close();
    await rm(dir, { recursive: true, force: true });
  }
}

function run(
  { env, signal, stdio = "inherit" }: RunHost,
  file: string,
  args: string[],
  kubeconfig: string,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio, env: { ...env, KUBECONFIG: kubeconfig } });
    const stop = () => void child.kill("SIGTERM");
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    child.once("error", (error) => {
      signal?.removeEventListener("abort", stop);
      reject(new Error(`cannot run ${file}: ${error.message}`));
    });
    child.once("exit", (code, ended) => {
      signal?.removeEventListener("abort", stop);
      resolve(code ?? 128 + (ended ? constants.signals[ended] : 0));
    });
  });
}
