import type { Cluster } from "../../src/cluster/index.js";
import type { Context, Files, Machine, Sink } from "../../src/context.js";
import { systemClock } from "../../src/host/clock.js";

export interface TestSink extends Sink {
  readonly text: string;
}

/** A sink that keeps what it was given. */
export function testSink(
  options: Partial<Pick<Sink, "isTerminal" | "colours" | "ascii" | "columns" | "rows">> = {},
): TestSink {
  let text = "";
  return {
    isTerminal: false,
    colours: false,
    columns: 80,
    rows: 24,
    ...options,
    write: (more) => {
      text += more;
    },
    onResize: () => () => undefined,
    get text() {
      return text;
    },
  };
}

/** Files held in memory: path → text. */
export function testFiles(files: Record<string, string> = {}): Files {
  return {
    read: async (path) => {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });
      return Buffer.from(text);
    },
    list: async () => undefined,
    write: async (path, text) => {
      files[path] = text;
    },
    append: async (path, text) => {
      files[path] = (files[path] ?? "") + text;
    },
  };
}

/** A machine on which nothing runs: `alice@laptop`, process 4711. */
export function testMachine(parts: Partial<Machine> = {}): Machine {
  return {
    identity: () => ({ who: "alice@laptop", host: "laptop", pid: 4711 }),
    isRunning: () => false,
    run: async (command) => {
      throw new Error(`this test expects no command to be run: ${command}`);
    },
    ...parts,
  };
}

/** A context for running commands in memory. Without `cluster` any attempt to reach one fails the test. */
export function testContext(
  parts: Partial<Omit<Context, "out" | "err" | "cluster">> & {
    cluster?: Cluster;
    out?: TestSink;
    err?: TestSink;
  } = {},
): Context & { out: TestSink; err: TestSink } {
  const { cluster, ...rest } = parts;
  return {
    out: testSink(),
    err: testSink(),
    stdin: { isTerminal: false, readAll: async () => Buffer.alloc(0), readLine: async () => undefined },
    clock: systemClock,
    random: () => 0.5,
    signal: new AbortController().signal,
    env: {},
    files: testFiles(),
    machine: testMachine(),
    program: "sts",
    entry: { command: "sts", args: [] },
    ...rest,
    cluster: async () => {
      if (!cluster) throw new Error("this test expects no cluster to be reached");
      return cluster;
    },
  };
}
