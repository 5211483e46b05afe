import { setFlagsFromString } from "node:v8";
import type { SandboxOptions } from "../index.js";
import { LogFile } from "./log-file.js";
import { requestLogPath } from "./state.js";

/** What the background process tells the one that started it, as one line of JSON. */
export interface Announcement {
  server: string;
  /** Where it was the last time, when that is another address. */
  formerServer?: string | undefined;
  kubernetesVersion: string;
  kubeconfig: string;
}

/** The same when it cannot start. */
export interface Refusal {
  error: string;
}

/** The options of a sandbox that go through a command line; no secrets, for everybody can read those. */
export type ServeOptions = Pick<
  SandboxOptions,
  "data" | "kubernetesVersion" | "speed" | "port" | "nodes" | "storageClasses"
>;

/** The arguments after `sandbox` by which the program runs a sandbox in the foreground, for `up` to start it with. */
export function serveArguments(dir: string, options: ServeOptions): string[] {
  return ["serve", dir, JSON.stringify(options)];
}

/**
 * Runs a sandbox until it is told to end (SIGTERM, SIGINT). It announces itself on standard output to the process that
 * started it, and ends, too, when standard input does before that one has taken note. `args` are those after `serve`.
 */
export async function serve([dir = "", json = "{}"]: readonly string[]): Promise<void> {
  // V8 lets a heap that is written much grow fourfold before it looks at what is garbage: for a process that stays for
  // days, half as much again costs no more time (docs/performance.md).
  setFlagsFromString("--heap-growing-percent=50");
  const { startSandbox } = await import("../index.js");
  const told = new Promise<void>((resolve) => {
    // Each time: the second of two that end it at once must not do so in the middle.
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => resolve());
  });
  const log = new LogFile();
  const { stdin, stdout } = process;
  const abandoned = new Promise<void>((resolve) => {
    stdin
      .on("error", resolve)
      .once("end", resolve)
      .once("data", () => {
        stdin.off("end", resolve);
        // Noted, and so the folder has its name.
        log.open(requestLogPath(dir));
        stdin.destroy();
      });
  });
  // Nobody reads it any more once the announcement is noted.
  stdout.on("error", () => undefined);
  const options = JSON.parse(json) as ServeOptions;
  const announce = (line: Announcement | Refusal) => stdout.write(`${JSON.stringify(line)}\n`);
  const sandbox = await startSandbox({ ...options, log: log.write }).catch((error: unknown) => {
    announce({ error: error instanceof Error ? error.message : String(error) });
    throw error;
  });
  const { server, formerServer, kubernetesVersion } = sandbox;
  announce({ server, formerServer, kubernetesVersion, kubeconfig: sandbox.kubeconfig() });
  await Promise.race([told, abandoned]);
  await sandbox.stop();
  await log.close();
}
