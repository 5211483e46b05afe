import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";

/** What is known of a sandbox that runs in the background. */
export interface SandboxState {
  pid: number;
  /** `https://127.0.0.1:41235` */
  server: string;
  kubernetesVersion: string;
  /** The folder that keeps it over restarts. */
  data?: string | undefined;
  /** What was asked for, or is so by default. */
  speed: number;
  nodes: number;
  storageClasses: boolean;
  /** RFC 3339. */
  startedAt: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Where the files of all sandboxes are: `$XDG_STATE_HOME/sts/sandbox`. */
function stateRoot(env: Env): string {
  // The specification has relative paths ignored.
  const configured = env["XDG_STATE_HOME"];
  const home = env["HOME"] ?? homedir();
  const base = configured && path.isAbsolute(configured) ? configured : path.join(home, ".local", "state");
  return path.join(base, "sts", "sandbox");
}

const namePattern = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** The folder of one sandbox. Throws for a name that cannot be one of a folder. */
export function stateDir(env: Env, name: string): string {
  if (!namePattern.test(name)) {
    throw new Error(
      `a sandbox cannot be called ${JSON.stringify(name)}: use up to 63 lower case letters, digits and dashes`,
    );
  }
  return path.join(stateRoot(env), name);
}

/** What a command about the sandbox of that name needs besides: ` --name=fast`; nothing for `default`. */
export function nameFlag(name: string): string {
  return name === "default" ? "" : ` --name=${name}`;
}

/** The name of the sandbox whose folder that is; undefined for another folder. */
export function sandboxNameOf(env: Env, dir: string): string | undefined {
  return path.dirname(path.resolve(dir)) === path.resolve(stateRoot(env)) ? path.basename(dir) : undefined;
}

export function kubeconfigPath(dir: string): string {
  return path.join(dir, "kubeconfig");
}

export function logPath(dir: string): string {
  return path.join(dir, "log");
}

/** Where a sandbox writes what it is asked, beside its kubeconfig. */
export function requestLogPath(dir: string): string {
  return path.join(dir, "requests");
}

/** Of a sandbox that somebody wants something of. */
export function whyNotReached(name: string): string {
  return `sandbox ${name} does not run; start it: sts sandbox up${nameFlag(name)}`;
}

const draftPrefix = ".new-";
// No sandbox takes so long to come up.
const draftMilliseconds = 600_000;

/** A folder beside the sandboxes' own that nobody else has; `publish` gives it its name. Only the user can read it. */
export async function draftDir(dir: string): Promise<string> {
  const root = path.dirname(dir);
  await mkdir(root, { recursive: true, mode: 0o700 });
  await removeLostDrafts(root);
  return mkdtemp(path.join(root, draftPrefix));
}

/** What those have left who were killed before their sandbox came up. */
async function removeLostDrafts(root: string): Promise<void> {
  for (const name of (await readdir(root)).filter((one) => one.startsWith(draftPrefix))) {
    const draft = path.join(root, name);
    const age = await stat(draft).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > draftMilliseconds) await removeState(draft);
  }
}

export async function writeState(dir: string, state: SandboxState, kubeconfig: string): Promise<void> {
  await writeFile(kubeconfigPath(dir), kubeconfig, { mode: 0o600 });
  await writeFile(path.join(dir, "state.json"), `${JSON.stringify(state)}\n`, { mode: 0o600 });
}

/** Gives a draft its name, at once and with all in it. False when another one has that name already. */
export async function publish(draft: string, dir: string): Promise<boolean> {
  try {
    await rename(draft, dir);
    return true;
  } catch (error) {
    if (["ENOTEMPTY", "EEXIST", "EPERM"].includes(codeOf(error))) return false;
    throw error;
  }
}

/** Undefined when there is no such sandbox; `unreadable` for a folder that does not say any more whose it is. */
export async function readState(dir: string): Promise<SandboxState | "unreadable" | undefined> {
  try {
    return JSON.parse(await readFile(path.join(dir, "state.json"), "utf8")) as SandboxState;
  } catch (error) {
    if (error instanceof SyntaxError) return "unreadable";
    if (codeOf(error) !== "ENOENT") throw error;
    return (await exists(dir)) ? "unreadable" : undefined;
  }
}

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** The last lines that a sandbox has logged; empty when it has not. */
export async function readLog(dir: string, lines = 20): Promise<string> {
  try {
    return (await readFile(logPath(dir), "utf8")).trimEnd().split("\n").slice(-lines).join("\n");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return "";
    throw error;
  }
}

/** Removes a folder under its name at once, so that nobody meets half of it. */
export async function removeState(dir: string): Promise<void> {
  const going = path.join(path.dirname(dir), `${draftPrefix}${randomUUID()}`);
  try {
    await rename(dir, going);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  await rm(going, { recursive: true, force: true });
}

/** Names of sandboxes, running or not, in order. */
export async function sandboxNames(env: Env): Promise<string[]> {
  try {
    return (await readdir(stateRoot(env))).filter((name) => namePattern.test(name)).sort();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
