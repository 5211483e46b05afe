import {
  openCluster,
  resolveConnection,
  type ConnectionFlags,
  type Gateway,
} from "../../src/cluster/index.js";
import type { Context } from "../../src/context.js";
import { systemClock } from "../../src/host/clock.js";
import { main } from "../../src/main.js";
import { startSandbox, type Sandbox, type SandboxOptions } from "../../src/sandbox/index.js";
import { testContext, testFiles, testSink, type TestSink } from "./test-context.js";

/** How one command line ended. */
interface Outcome {
  code: number;
  out: string;
  err: string;
  /** How many were sent. */
  requests: number;
}

/** A sandbox of this process, and commands that run against it in memory. */
export interface Sandboxed {
  sandbox: Sandbox;
  cluster: Gateway;
  /** Runs one command line, with these files and standard input. */
  run(words: readonly string[], parts?: RunParts): Promise<Outcome>;
  stop(): Promise<void>;
}

interface RunParts extends Partial<Omit<Context, "out" | "err" | "cluster" | "files">> {
  /** To be read while the command runs. */
  out?: TestSink;
  /** By path; what the command writes is put there. */
  files?: Record<string, string>;
  input?: string;
  /** A terminal this wide. */
  columns?: number;
  /** Another user's token. */
  token?: string;
}

export async function startSandboxed(options: SandboxOptions = {}): Promise<Sandboxed> {
  const sandbox = await startSandbox({ speed: 50, ...options });
  const cluster = open(sandbox.kubeconfig());
  return {
    sandbox,
    cluster,
    async run(words, { files, input, columns, token, out, ...rest } = {}) {
      const opened: Gateway[] = [];
      const context = {
        ...testContext({
          ...rest,
          out: out ?? testSink(columns === undefined ? {} : { isTerminal: true, columns }),
          ...(files && { files: testFiles(files) }),
          ...(input !== undefined && { stdin: stdinOf(input) }),
        }),
        async cluster(flags: ConnectionFlags) {
          const connected = open(sandbox.kubeconfig(token), flags);
          opened.push(connected);
          return connected;
        },
      };
      const code = await main(words, context);
      const requests = opened.reduce((sum, connected) => sum + connected.requests, 0);
      for (const connected of opened) connected.close();
      return { code, out: context.out.text, err: context.err.text, requests };
    },
    async stop() {
      cluster.close();
      await sandbox.stop();
    },
  };
}

function stdinOf(text: string): Context["stdin"] {
  return { isTerminal: false, readAll: async () => Buffer.from(text), readLine: async () => undefined };
}

function open(kubeconfig: string, flags: ConnectionFlags = {}): Gateway {
  const readFile = () => Buffer.from(kubeconfig);
  const io = { env: {}, home: "/nowhere", cwd: "/", readFile };
  return openCluster(resolveConnection({ ...flags, kubeconfig: "config" }, io), {
    now: () => systemClock.now(),
    sleep: (milliseconds, signal) => systemClock.sleep(milliseconds, signal),
    after: (milliseconds, expire) => systemClock.after(milliseconds, expire),
    random: () => 0.5,
    readFile,
    env: {},
    userAgent: "sts-tests",
  });
}
