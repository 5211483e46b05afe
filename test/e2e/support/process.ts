import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";

/**
 * The words that start `sts`: Node and the script, or the one file that `STS_E2E_PROGRAM` names, such as the executable
 * that `npm run build:executable` makes.
 */
export const program: readonly [string, ...string[]] = process.env["STS_E2E_PROGRAM"]
  ? [path.resolve(process.env["STS_E2E_PROGRAM"])]
  : [process.execPath, path.resolve("bin/sts.js")];

export interface Result {
  code: number | null;
  /** The signal that ended it, when one did. */
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** Written to standard input; without it standard input is at its end. */
  stdin?: string;
  /** Over those of the scenario. */
  env?: Record<string, string>;
  /** Milliseconds until the process is killed and the run fails; 60 s when left out. */
  timeout?: number;
  /** Working directory. */
  cwd?: string;
}

/** A process that runs. */
export interface Running {
  readonly pid: number;
  /** What it has written so far. */
  readonly stdout: string;
  readonly stderr: string;
  readonly ended: Promise<Result>;
  kill(signal: NodeJS.Signals): void;
  /** Waits until `stderr` and `stdout` show it; fails when the process ends before. */
  untilWritten(what: RegExp): Promise<void>;
}

interface Surroundings {
  env: Record<string, string>;
  cwd: string;
}

/** Starts `sts` in an environment that has nothing but what is given, and PATH. */
export function startProcess(
  args: readonly string[],
  around: Surroundings,
  options: RunOptions = {},
): Running {
  const { stdin, env, timeout = 60_000, cwd = around.cwd } = options;
  const [command, ...script] = program;
  const child = spawn(command, [...script, ...args], {
    cwd,
    env: { PATH: process.env["PATH"], ...around.env, ...env },
    stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  child.stdin?.on("error", () => undefined); // it may not want to read
  child.stdin?.end(stdin);
  return follow(child, args, timeout);
}

function follow(child: ChildProcess, args: readonly string[], timeout: number): Running {
  const text = { stdout: "", stderr: "" };
  const watchers = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (chunk: string) => {
      text[name] += chunk;
      for (const look of watchers) look();
    });
  }
  const line = `sts ${args.join(" ")}`;
  const show = () => `\n--- stdout\n${text.stdout}\n--- stderr\n${text.stderr}`;
  const ended = new Promise<Result>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${line}: still running after ${timeout} ms${show()}`));
    }, timeout);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, ...text });
    });
  });
  ended.catch(() => undefined); // whoever waits is told
  return {
    pid: child.pid ?? 0,
    get stdout() {
      return text.stdout;
    },
    get stderr() {
      return text.stderr;
    },
    ended,
    kill: (signal) => void child.kill(signal),
    untilWritten: (what) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!what.test(text.stdout) && !what.test(text.stderr)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
        ended.then(() => reject(new Error(`${line}: ended without ${what}${show()}`)), reject);
      }),
  };
}
