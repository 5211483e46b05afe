import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";

/** Processes that write to one log file each, and that end together: with this process at the latest. */
export interface ProcessGroup {
  start(program: string, flags: string[]): void;
  /** Throws, with the end of its log, when one of them is no longer running. */
  check(): void;
  stop(): Promise<void>;
}

/** Runs a program until its own end or that of standard input, which comes even when this process is killed. */
const leash =
  'exec 3<&0; "$0" "$@" </dev/null & pid=$!; { read -r _ <&3; kill -9 $pid; } 2>/dev/null & wait $pid';

export function processGroup(logs: string): ProcessGroup {
  const children = new Map<string, ChildProcess>();

  return {
    start(program, flags) {
      const name = path.basename(program);
      const log = openSync(path.join(logs, `${name}.log`), "a");
      children.set(name, spawn("sh", ["-c", leash, program, ...flags], { stdio: ["pipe", log, log] }));
      closeSync(log);
    },
    check() {
      for (const [name, child] of children) {
        if (child.exitCode === null && child.signalCode === null) continue;
        throw new Error(`${name} ended:\n${endOf(path.join(logs, `${name}.log`))}`);
      }
    },
    async stop() {
      const ended = [...children.values()].map(whenEnded);
      for (const child of children.values()) child.stdin?.end();
      await Promise.all(ended);
    },
  };
}

function whenEnded(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once("exit", () => resolve()));
}

function endOf(file: string): string {
  return readFileSync(file, "utf8").split("\n").slice(-15).join("\n");
}

/** Ports of 127.0.0.1 that nobody listens on at the moment. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
    return address.port;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listen(): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}
