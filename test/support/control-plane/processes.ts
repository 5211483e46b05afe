import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";

/** Processes that write to one log file each, and that end together, by pid. */
export interface ProcessGroup {
  start(program: string, flags: string[]): void;
  /** Throws, with the end of its log, when one of them is no longer running. */
  check(): void;
  stop(): Promise<void>;
}

export function processGroup(logs: string): ProcessGroup {
  const children = new Map<string, ChildProcess>();
  const killAll = () => children.forEach((child) => child.kill("SIGKILL"));
  process.once("exit", killAll); // a run that is cut short leaves nothing behind

  return {
    start(program, flags) {
      const name = path.basename(program);
      const log = openSync(path.join(logs, `${name}.log`), "a");
      children.set(name, spawn(program, flags, { stdio: ["ignore", log, log] }));
      closeSync(log);
    },
    check() {
      for (const [name, child] of children) {
        if (child.exitCode === null && child.signalCode === null) continue;
        throw new Error(`${name} ended:\n${endOf(path.join(logs, `${name}.log`))}`);
      }
    },
    async stop() {
      process.off("exit", killAll);
      const ended = [...children.values()].map(whenEnded);
      killAll();
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
