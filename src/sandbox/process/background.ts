import { spawn, type ChildProcessByStdio } from "node:child_process";
import { open } from "node:fs/promises";
import path from "node:path";
import type { Readable, Writable } from "node:stream";
import { defaultSettings } from "../settings.js";
import { end, runs } from "./processes.js";
import { serveArguments, type Announcement, type Refusal, type ServeOptions } from "./serve.js";
import {
  draftDir,
  kubeconfigPath,
  logPath,
  nameFlag,
  publish,
  readLog,
  readState,
  removeState,
  stateDir,
  writeState,
  type SandboxState,
} from "./state.js";

/** The world of a command that manages sandboxes. */
export interface Host {
  env: Readonly<Record<string, string | undefined>>;
  /** How this program is run again: `node` with `[…/sts.js]`, or the executable with nothing. */
  entry: { command: string; args: readonly string[] };
  /** Milliseconds since the epoch. */
  now(): number;
}

/** A sandbox that runs. */
export interface Running extends SandboxState {
  state: "running";
  name: string;
  /** The file to point KUBECONFIG at. */
  kubeconfig: string;
}

/** A sandbox that runs, and whether it was started for that. */
export interface Started extends Running {
  started: boolean;
  /** Whether one of that name had ended by itself before. */
  hadCrashed: boolean;
  /** Where it was the last time, when that is another address now. */
  formerServer?: string | undefined;
}

/** What became of a sandbox: it runs, there is none, or it has ended by itself (`log`: its last words). */
export type SandboxStatus =
  | Running
  | { state: "stopped"; name: string }
  | { state: "crashed"; name: string; log: string };

/** Says what became of a sandbox, and leaves everything as it is. */
export async function peek(host: Pick<Host, "env">, name: string): Promise<SandboxStatus> {
  const dir = stateDir(host.env, name);
  const state = await readState(dir);
  if (!state) return { state: "stopped", name };
  if (state !== "unreadable" && (await runs(state.pid, markerOf(dir))))
    return { state: "running", name, ...state, kubeconfig: kubeconfigPath(dir) };
  return { state: "crashed", name, log: await readLog(dir) };
}

/** What its command line has, and that of no other sandbox: one may be called `ci`, another `ci-2`. */
function markerOf(dir: string): string {
  return ` ${dir} `;
}

/** Says what became of a sandbox. What a crashed one has left is cleaned away. */
export async function status(host: Pick<Host, "env">, name: string): Promise<SandboxStatus> {
  const found = await peek(host, name);
  if (found.state === "crashed") await removeState(stateDir(host.env, name));
  return found;
}

/**
 * Starts a sandbox in the background, to outlive this process and its terminal. Resolves when it is ready; one that
 * runs already is left as it is (`started` is false). Rejects with its last words when it does not come up, and when the one
 * that runs is not as it is asked for.
 */
export async function up(host: Host, name: string, options: ServeOptions = {}): Promise<Started> {
  const data = options.data === undefined ? undefined : path.resolve(options.data);
  const wanted = { ...options, data };
  const before = await status(host, name);
  const hadCrashed = before.state === "crashed";
  if (before.state === "running") return { ...asWanted(before, wanted), started: false, hadCrashed };
  const dir = stateDir(host.env, name);
  const draft = await draftDir(dir);
  const { child, said } = await spawnServer(host, dir, draft, wanted);
  try {
    const { server, formerServer, kubernetesVersion, kubeconfig } = await announcement(said, draft);
    const startedAt = new Date(host.now()).toISOString();
    const pid = child.pid ?? 0;
    const state = { pid, server, ...withDefaults(wanted), kubernetesVersion, data, startedAt };
    await writeState(draft, state, kubeconfig);
    if (!(await publish(draft, dir))) return await otherOne(host, name, wanted);
    child.stdin.write("noted\n");
    const running: Running = { state: "running", name, ...state, kubeconfig: kubeconfigPath(dir) };
    return { ...running, started: true, hadCrashed, formerServer };
  } finally {
    // Whoever was not noted down ends with this.
    child.stdin.end();
    child.stdout.destroy();
    await removeState(draft);
    child.unref();
  }
}

const settingFlags = {
  kubernetesVersion: "--kubernetes-version",
  speed: "--speed",
  nodes: "--nodes",
  storageClasses: "--storage-class",
  data: "--data",
} as const satisfies Partial<Record<keyof ServeOptions, string>>;

/** Who asks for something else must not be left with what there is, such as one that keeps nothing in their folder. */
function asWanted(running: Running, wanted: ServeOptions): Running {
  for (const setting of Object.keys(settingFlags) as (keyof typeof settingFlags)[]) {
    const [is, flag] = [running[setting], settingFlags[setting]];
    if (wanted[setting] === undefined || wanted[setting] === is) continue;
    const how = is === undefined ? `without ${flag}` : `with ${flag}=${is}`;
    const end = `sts sandbox down${nameFlag(running.name)}`;
    throw new Error(
      `sandbox ${running.name} runs already, ${how}: end it first (${end}), or choose another --name`,
    );
  }
  return running;
}

function withDefaults(options: ServeOptions): Pick<SandboxState, keyof typeof defaultSettings> {
  const { speed, nodes, storageClasses } = defaultSettings;
  return {
    speed: options.speed ?? speed,
    nodes: options.nodes ?? nodes,
    storageClasses: options.storageClasses ?? storageClasses,
  };
}

/** Ends a sandbox and removes all that it has left. Returns what it was until then. */
export async function down(host: Pick<Host, "env">, name: string): Promise<SandboxStatus> {
  const before = await status(host, name);
  if (before.state !== "running") return before;
  const dir = stateDir(host.env, name);
  await end(before.pid, markerOf(dir));
  await removeState(dir);
  return before;
}

/** Another `up` was faster: its sandbox is as good. */
async function otherOne(host: Host, name: string, wanted: ServeOptions): Promise<Started> {
  const found = await status(host, name);
  if (found.state === "running") return { ...asWanted(found, wanted), started: false, hadCrashed: false };
  throw new Error(
    `the sandbox ${JSON.stringify(name)} was started and ended by somebody else at the same time`,
  );
}

async function spawnServer(host: Host, dir: string, draft: string, options: ServeOptions) {
  const { command, args } = host.entry;
  const log = await open(logPath(draft), "a", 0o600);
  try {
    const child = spawn(command, [...args, "sandbox", ...serveArguments(dir, options)], {
      detached: true,
      // Its own: a folder that somebody works in must not be held.
      cwd: path.parse(dir).root,
      env: { ...host.env },
      stdio: ["pipe", "pipe", log.fd],
    }) as ChildProcessByStdio<Writable, Readable, null>;
    return { child, said: announcedBy(child) };
  } finally {
    await log.close();
  }
}

/** How a child announces itself, or why it does not. Never rejects. */
function announcedBy(child: ChildProcessByStdio<Writable, Readable, null>): Promise<Announcement | Error> {
  return new Promise((resolve) => {
    let text = "";
    child.once("error", resolve);
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const found = text.split("\n").slice(0, -1).map(readAnnouncement).find(Boolean);
      if (found) resolve(found);
    });
    for (const stream of [child.stdin, child.stdout]) stream.on("error", resolve);
    // Once the child's own error, if any, had its turn.
    child.stdout.once("close", () => setImmediate(() => resolve(new Error("it ended before it was ready"))));
  });
}

/** Undefined for another line: what `NODE_OPTIONS` loads may write, too. */
function readAnnouncement(line: string): Announcement | StartError | undefined {
  try {
    const { error, server, formerServer, kubernetesVersion, kubeconfig } = JSON.parse(line) as Partial<
      Announcement & Refusal
    >;
    if (error !== undefined) return new StartError(error);
    if (server === undefined || kubernetesVersion === undefined || kubeconfig === undefined) return undefined;
    return { server, formerServer, kubernetesVersion, kubeconfig };
  } catch {
    return undefined;
  }
}

/** It has said itself why: its log says no more. */
class StartError extends Error {}

async function announcement(said: Promise<Announcement | Error>, draft: string): Promise<Announcement> {
  const found = await said;
  if (!(found instanceof Error)) return found;
  if (found instanceof StartError) throw new Error(`the sandbox did not come up: ${found.message}`);
  const log = await readLog(draft);
  throw new Error(`the sandbox did not come up: ${found.message}${log && `\n${log}`}`);
}
