import type { Cluster } from "./cluster/cluster.js";
import type { ConnectionFlags } from "./cluster/kubeconfig/flags.js";
import { ClosedPipeError, InterruptedError } from "./errors.js";
import { systemClock } from "./host/clock.js";
import { invocationOf } from "./host/invocation.js";
import { systemFiles } from "./host/files.js";
import { systemMachine } from "./host/machine.js";
import { createSink } from "./host/sink.js";
import { createSource } from "./host/source.js";

/** Where text goes: the narrow slice of a stream that commands and views need. */
export interface Sink {
  write(text: string): void;
  /** True on a terminal that can redraw (a real one, and TERM is not `dumb`). */
  readonly isTerminal: boolean;
  /** Whether colours may be used here: NO_COLOR, FORCE_COLOR, --color, TERM and the terminal decide. */
  readonly colours: boolean;
  /** Whether only ASCII is sure to be seen: TERM=dumb, or the terminal of a locale without UTF-8. */
  readonly ascii?: boolean;
  /** Size in cells; 80 × 24 where there is no terminal. Follows a resize. */
  readonly columns: number;
  readonly rows: number;
  /** Calls back after a resize; returns how to stop that. */
  onResize(callback: () => void): () => void;
}

export interface Source {
  readonly isTerminal: boolean;
  /** Everything up to the end. */
  readAll(): Promise<Buffer>;
  /** One line without its end; undefined at the end of input. Rejects with the signal's reason when it aborts. */
  readLine(signal?: AbortSignal): Promise<string | undefined>;
}

/** Time, injected: tests run it by hand. Milliseconds since the epoch. */
export interface Clock {
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once after `ms`; returns how to cancel. */
  after(ms: number, callback: () => void): () => void;
}

/** The files that commands may touch. Paths are as the user wrote them, relative to the working directory. */
export interface Files {
  /** Rejects with the code EFBIG for a file of more than `most` bytes, which is not read then. */
  read(path: string, most?: number): Promise<Buffer>;
  /** Names in a folder, sorted, each with whether it is a folder; undefined when `path` is not a folder. */
  list(path: string): Promise<{ name: string; isFolder: boolean }[] | undefined>;
  /** Creates or replaces a file, mode 0600, flushed to disk before it resolves; makes its folder. */
  write(path: string, text: string): Promise<void>;
  /** Adds to the end of a file; creates it where there is none. */
  append(path: string, text: string): Promise<void>;
}

/** The machine and its other processes. */
export interface Machine {
  /** This process, as another one can tell it apart. */
  identity(): { who: string; host: string; pid: number };
  /** Whether a process of this machine is still there. */
  isRunning(pid: number): boolean;
  /**
   * Runs a command line in the shell, without input. Resolves with its exit code; rejects with the signal's reason when
   * that aborts, after the command has ended.
   */
  run(
    command: string,
    options: { env: Record<string, string>; onOutput: (text: string) => void; signal: AbortSignal },
  ): Promise<number>;
}

/** All that a command sees of the world. Built once by `buildContext`, or by hand in a test. */
export interface Context {
  out: Sink;
  err: Sink;
  stdin: Source;
  clock: Clock;
  /** In [0, 1). */
  random(): number;
  /** Aborts on SIGINT and SIGTERM (reason: an InterruptedError) and on a closed pipe (a ClosedPipeError). */
  signal: AbortSignal;
  env: Readonly<Record<string, string | undefined>>;
  files: Files;
  machine: Machine;
  /** How this program was called: `sts`, or `kubectl sts`. */
  program: string;
  /** How this program is started again, for what goes on in the background. */
  entry: { command: string; args: readonly string[] };
  /** Opens the cluster that the flags and the kubeconfig name; nothing is read or sent before. */
  cluster(flags: ConnectionFlags): Promise<Cluster>;
}

/**
 * The context of a real process, and how to let go of it (connections, signal handlers) so that the process ends.
 * The second Ctrl-C ends it at once, as the handler is gone by then.
 */
export function buildContext(process: NodeJS.Process): { context: Context; close(): void } {
  const interruption = new AbortController();
  const opened: Cluster[] = [];
  const handlers = (["SIGINT", "SIGTERM"] as const).map((name) => {
    const handler = () => interruption.abort(new InterruptedError(name));
    process.once(name, handler);
    return () => process.off(name, handler);
  });
  const onClosed = () => interruption.abort(new ClosedPipeError("standard output is closed"));
  const err = createSink(process.stderr, process.env, () => undefined);
  const context: Context = {
    out: createSink(process.stdout, process.env, onClosed),
    err,
    stdin: createSource(() => process.stdin),
    clock: systemClock,
    random: Math.random,
    signal: interruption.signal,
    env: process.env,
    files: systemFiles,
    machine: systemMachine,
    ...invocationOf(process),
    async cluster(flags) {
      const { connect } = await import("./host/connect.js");
      const cluster = connect(flags, context);
      opened.push(cluster);
      return cluster;
    },
  };
  return {
    context,
    close() {
      for (const cluster of opened) cluster.close();
      for (const remove of handlers) remove();
      process.stdin.unref?.();
    },
  };
}
