import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import path from "node:path";
import type { Sandbox, SandboxOptions } from "../index.js";
import { LogFile } from "./log-file.js";
import { requestLogPath } from "./state.js";

export interface RunHost {
  env: Readonly<Record<string, string | undefined>>;
  /** Nothing is begun when it has aborted. */
  signal?: AbortSignal | undefined;
  /** Where this process hears of signals; `process` when left out. */
  signals?: SignalSource | undefined;
  /** Whether a Ctrl-C goes to the command, too: it sits at the same terminal as this process. */
  sharesTerminal?: boolean | undefined;
  /** Standard streams of the command; those of this process when left out. */
  stdio?: "inherit" | "ignore" | undefined;
}

interface SignalSource {
  on(name: NodeJS.Signals, listener: (name: NodeJS.Signals) => void): unknown;
  off(name: NodeJS.Signals, listener: (name: NodeJS.Signals) => void): unknown;
}

/**
 * Gives one command a sandbox of its own, in KUBECONFIG, and throws it away afterwards. Resolves to the command's exit
 * code (128 and the signal's number when a signal has ended it). Signals go to the command, which says what becomes of
 * them. Rejects when the command cannot be started, and with the signal's reason when that aborts before.
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
  // There from the beginning: whoever looks for it beside another kubeconfig is told so.
  await writeFile(requestLogPath(dir), "", { mode: 0o600 });
  log.open(requestLogPath(dir));
  const relay = new SignalRelay(host);
  let sandbox: Sandbox | undefined;
  try {
    sandbox = await startSandbox({ ...options, log: log.write });
    const kubeconfig = path.join(dir, "kubeconfig");
    await writeFile(kubeconfig, sandbox.kubeconfig(), { mode: 0o600 });
    host.signal?.throwIfAborted();
    const { stdio = "inherit", env } = host;
    const child = spawn(file, args, { stdio, env: { ...env, KUBECONFIG: kubeconfig } });
    relay.to(child);
    return await exitOf(child, file);
  } finally {
    await sandbox?.stop();
    await log.close();
    await rm(dir, { recursive: true, force: true });
    relay.end();
  }
}

const relayed = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Hands on the signals that this process gets, and keeps them from ending it before it has cleaned up. */
class SignalRelay {
  #child: ChildProcess | undefined;
  #early: NodeJS.Signals | undefined;
  readonly #source: SignalSource;

  constructor(private readonly host: Pick<RunHost, "signals" | "sharesTerminal">) {
    this.#source = host.signals ?? process;
    for (const name of relayed) this.#source.on(name, this.#hand);
  }

  to(child: ChildProcess): void {
    this.#child = child;
    if (this.#early) child.kill(this.#early);
  }

  end(): void {
    for (const name of relayed) this.#source.off(name, this.#hand);
  }

  readonly #hand = (name: NodeJS.Signals): void => {
    if (!this.#child) this.#early = name;
    // The terminal has told it already, and many take a second Ctrl-C for an order to drop everything.
    else if (name !== "SIGINT" || !this.host.sharesTerminal) this.#child.kill(name);
  };
}

function exitOf(child: ChildProcess, file: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(new Error(`cannot run ${file}: ${reasonOf(error)}`)));
    child.once("exit", (code, ended) => resolve(code ?? 128 + (ended ? constants.signals[ended] : 0)));
  });
}

function reasonOf(error: Error): string {
  return "code" in error && error.code === "ENOENT" ? "there is no such command" : error.message;
}
