import { Socket } from "node:net";
import type { SandboxOptions } from "../index.js";

/** What the background process tells the one that started it, as one line of JSON. */
export interface Announcement {
  server: string;
  kubeconfig: string;
}

/** The options of a sandbox that go through a command line. */
export type ServeOptions = Pick<
  SandboxOptions,
  "kubernetesVersion" | "speed" | "users" | "port" | "nodes" | "storageClasses"
>;

/** The arguments after `sandbox` by which the program runs a sandbox in the foreground, for `up` to start it with. */
export function serveArguments(dir: string, options: ServeOptions): string[] {
  return ["serve", dir, JSON.stringify(options)];
}

// What `up` gives its child beside the standard streams.
const channel = 3;

/**
 * Runs a sandbox until it is told to end (SIGTERM, SIGINT); it announces itself to the process that started it and ends,
 * too, when that one is gone before it has taken note. `args` are those after `serve`.
 */
export async function serve([, json = "{}"]: readonly string[]): Promise<void> {
  const { startSandbox } = await import("../index.js");
  const told = new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
  const starter = new Socket({ fd: channel });
  const abandoned = new Promise<void>((resolve) => {
    let noted = false;
    starter.once("data", () => {
      noted = true;
      starter.destroy();
    });
    starter.on("error", () => {}).once("close", () => (noted ? undefined : resolve()));
  });
  const sandbox = await startSandbox(JSON.parse(json) as ServeOptions);
  const announcement: Announcement = { server: sandbox.server, kubeconfig: sandbox.kubeconfig() };
  starter.write(`${JSON.stringify(announcement)}\n`);
  await Promise.race([told, abandoned]);
  await sandbox.stop();
}
