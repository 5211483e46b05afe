import { execFile, spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { down, status, up, type Host } from "../../../src/sandbox/process/background.js";
import { isAlive } from "../../../src/sandbox/process/processes.js";
import { runWith } from "../../../src/sandbox/process/run-with.js";
import { sandboxNames, stateDir } from "../../../src/sandbox/process/state.js";
import { parse } from "yaml";

const root = path.resolve(import.meta.dirname, "../../..");
let scratch: string;
let host: Host;

/** A program that knows nothing but to serve, as the real one does when `up` starts it. */
async function buildEntry(): Promise<string> {
  const outfile = path.join(scratch, "entry.cjs");
  const contents = `import { serve } from "./src/sandbox/process/serve.js"; void serve(process.argv.slice(4)).then(() => process.exit(0));`;
  await build({
    stdin: { contents, resolveDir: root, loader: "ts" },
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    logLevel: "error",
  });
  return outfile;
}

beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), "sts-process-test-"));
  const entry = { command: process.execPath, args: [await buildEntry()] };
  host = {
    env: { ...process.env, XDG_STATE_HOME: scratch },
    entry,
    now: () => Date.parse("2026-01-01T00:00:00Z"),
  };
});
beforeEach(async () => {
  for (const name of await sandboxNames(host.env)) await down(host, name);
});
afterAll(async () => {
  for (const name of await sandboxNames(host.env)) await down(host, name);
  await rm(scratch, { recursive: true, force: true });
});

async function get(kubeconfig: string, url: string): Promise<{ code: number; text: string }> {
  const config = parse(await readFile(kubeconfig, "utf8"));
  const { server, "certificate-authority-data": ca } = config.clusters[0].cluster;
  const Authorization = `Bearer ${config.users[0].user.token}`;
  return new Promise((resolve, reject) => {
    const options = { ca: Buffer.from(ca, "base64"), headers: { Authorization }, agent: false };
    request(server + url, options, (response) => {
      let text = "";
      response
        .on("data", (chunk) => (text += chunk))
        .on("end", () => resolve({ code: response.statusCode ?? 0, text }));
    })
      .on("error", reject)
      .end();
  });
}

describe("a sandbox in the background", () => {
  it("comes up once, is seen, and leaves nothing", async () => {
    expect(await status(host, "one")).toEqual({ state: "stopped", name: "one" });
    const first = await up(host, "one", { kubernetesVersion: "1.36" });
    expect(first).toMatchObject({ state: "running", started: true, kubernetesVersion: "1.36" });
    expect((await stat(first.kubeconfig)).mode & 0o777).toBe(0o600);
    expect((await stat(stateDir(host.env, "one"))).mode & 0o777).toBe(0o700);
    expect(JSON.parse((await get(first.kubeconfig, "/version")).text).gitVersion).toBe("v1.36.0");
    const { started, hadCrashed, ...running } = await up(host, "one");
    expect([started, hadCrashed]).toEqual([false, false]);
    expect(await status(host, "one")).toEqual(running);
    expect(await down(host, "one")).toEqual(running);
    expect(await down(host, "one")).toEqual({ state: "stopped", name: "one" });
    expect(await readdir(path.dirname(stateDir(host.env, "one")))).toEqual([]);
    // Until this process, whose child it is, has noticed.
    await expect.poll(() => isAlive(first.pid), { timeout: 10_000 }).toBe(false);
  });

  it("is one of several, each with its name", async () => {
    const [a, b] = await Promise.all([up(host, "a"), up(host, "b")]);
    expect(a.server).not.toBe(b.server);
    expect(await sandboxNames(host.env)).toEqual(["a", "b"]);
    await down(host, "a");
    expect((await status(host, "b")).state).toBe("running");
  });

  it("is one, however many start it at once", async () => {
    const found = await Promise.all([up(host, "same"), up(host, "same"), up(host, "same")]);
    expect(new Set(found.map(({ pid }) => pid)).size).toBe(1);
    expect(found.filter(({ started }) => started)).toHaveLength(1);
  });

  it("is noticed when it has crashed, cleaned away, and started again", async () => {
    const first = await up(host, "crashed");
    process.kill(first.pid, "SIGKILL");
    await expect.poll(() => status(host, "crashed")).toMatchObject({ state: "crashed", name: "crashed" });
    expect(await sandboxNames(host.env)).toEqual([]);
    const second = await up(host, "crashed");
    expect(second.started).toBe(true);
    expect(second.pid).not.toBe(first.pid);
  });

  it.each(["state.json", "kubeconfig"])(
    "is replaced when a full disk has left it half, in %s",
    async (file) => {
      const dir = stateDir(host.env, "half");
      await mkdir(dir, { recursive: true });
      await writeFile(path.join(dir, file), '{"pid":');
      expect((await up(host, "half")).hadCrashed).toBe(true);
      expect((await down(host, "half")).state).toBe("running");
      expect(await sandboxNames(host.env)).toEqual([]);
    },
  );

  it("is never mistaken for another process that has its number", async () => {
    const stranger = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    const dir = stateDir(host.env, "old");
    await mkdir(dir, { recursive: true });
    await writeFile(
      path.join(dir, "state.json"),
      JSON.stringify({ pid: stranger.pid, server: "https://127.0.0.1:1" }),
    );
    expect(await down(host, "old")).toMatchObject({ state: "crashed" });
    expect(stranger.exitCode).toBeNull();
    expect(stranger.kill()).toBe(true);
  });

  it("is never mistaken for another sandbox that has its number, however alike their names are", async () => {
    const { pid } = await up(host, "old-2");
    const dir = stateDir(host.env, "old");
    await mkdir(dir, { recursive: true });
    await writeFile(path.join(dir, "state.json"), JSON.stringify({ pid, server: "https://127.0.0.1:1" }));
    expect(await down(host, "old")).toMatchObject({ state: "crashed" });
    expect(await status(host, "old-2")).toMatchObject({ state: "running", pid });
  });

  it("is not taken for one that was asked to be otherwise", async () => {
    const options = { speed: 20, nodes: 2, kubernetesVersion: "1.36" };
    await up(host, "one", options);
    for (const same of [{}, options, { storageClasses: true }, { data: undefined }])
      expect((await up(host, "one", same)).started).toBe(false);
    const others = [{ speed: 1 }, { nodes: 3 }, { kubernetesVersion: "1.37" }, { storageClasses: false }];
    for (const other of others) await expect(up(host, "one", other)).rejects.toThrow("runs already, with --");
    await expect(up(host, "one", { data: "x" })).rejects.toThrow(
      "sandbox one runs already, without --data: end it first (sts sandbox down --name=one), or choose another --name",
    );
    expect((await status(host, "one")).state).toBe("running");
  });

  it("removes what another one has left that was killed before it was up", async () => {
    const root = path.dirname(stateDir(host.env, "one"));
    const [lost, young] = [path.join(root, ".new-lost"), path.join(root, ".new-young")];
    for (const draft of [lost, young]) await mkdir(draft, { recursive: true });
    const hourAgo = new Date(Date.now() - 3_600_000);
    await utimes(lost, hourAgo, hourAgo);
    await up(host, "one");
    expect((await readdir(root)).sort()).toEqual([".new-young", "one"]);
    await rm(young, { recursive: true });
  });

  it("says why it does not come up", async () => {
    await expect(up(host, "bad", { kubernetesVersion: "x" })).rejects.toThrow(
      /did not come up: .*version of Kubernetes/,
    );
    const missing = { ...host, entry: { command: path.join(scratch, "missing"), args: [] } };
    await expect(up(missing, "bad")).rejects.toThrow(/did not come up: .*ENOENT/);
    expect(await sandboxNames(host.env)).toEqual([]);
    expect(await readdir(path.dirname(stateDir(host.env, "bad")))).toEqual([]);
  });

  it("takes no notice of what a preloaded script writes", async () => {
    const noisy = path.join(scratch, "noisy.cjs");
    await writeFile(noisy, 'console.log("[preload] hello");');
    const env = { ...host.env, NODE_OPTIONS: `--require=${noisy}` };
    expect(await up({ ...host, env }, "noisy")).toMatchObject({ state: "running", started: true });
    await down(host, "noisy");
  });

  it("ends in peace when it is told to again and again", async () => {
    const data = path.join(scratch, "kept");
    const { pid } = await up(host, "told", { data });
    await expect
      .poll(() => isAlive(pid) && process.kill(pid, "SIGTERM"), { interval: 1, timeout: 10_000 })
      .toBe(false);
    expect(await readFile(path.join(data, "objects.log"), "utf8")).toMatch(/ \["closed"\]\n$/);
    expect(await readdir(data)).toEqual(["objects.log"]);
  });

  it.each(["../x", "", "A", "-a", "a/b"])("cannot be called %j", async (name) => {
    await expect(up(host, name)).rejects.toThrow(/a sandbox cannot be called/);
  });

  it("ends when who started it does not note it down", async () => {
    const script = `
      const { spawn } = require("node:child_process");
      const child = spawn(process.execPath, [process.argv[1], "sandbox", "serve", "orphan-dir", "{}"],
        { detached: true, stdio: ["pipe", "pipe", "ignore"] });
      child.stdout.once("data", () => { console.log(child.pid); process.exit(0); });`;
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", script, host.entry.args[0] ?? ""]);
    await expect.poll(() => isGone(Number(stdout))).toBe(true);
  });
});

async function isGone(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    // Where nobody takes note of an orphan's end, its number stays.
    return (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "x")) === "";
  } catch {
    return true;
  }
}

describe("a sandbox for one command", () => {
  const version = `
    const fs = require("node:fs");
    const text = fs.readFileSync(process.env.KUBECONFIG, "utf8");
    fs.writeFileSync(process.env.OUT, process.env.KUBECONFIG);
    process.exit(text.includes("https://127.0.0.1:") ? 7 : 1);`;

  it("is in KUBECONFIG, and gone afterwards", async () => {
    const out = path.join(scratch, "out");
    const env = { ...process.env, OUT: out };
    expect(await runWith({ env, stdio: "ignore" }, [process.execPath, "-e", version])).toBe(7);
    await expect(stat(await readFile(out, "utf8"))).rejects.toThrow(/ENOENT/);
  });

  it("ends with the signal of who runs it", async () => {
    const started = path.join(scratch, "started");
    const script = `require("node:fs").writeFileSync(process.env.OUT, ""); setInterval(() => {}, 1000)`;
    const signals = new EventEmitter();
    const run = { env: { ...process.env, OUT: started }, signals, stdio: "ignore" as const };
    const ended = runWith(run, [process.execPath, "-e", script]);
    await expect
      .poll(
        () =>
          stat(started).then(
            () => true,
            () => false,
          ),
        { timeout: 10_000 },
      )
      .toBe(true);
    signals.emit("SIGTERM", "SIGTERM");
    expect(await ended).toBe(143);
    expect(signals.eventNames()).toEqual([]);
  });

  it("does not begin when it was called off", async () => {
    const signal = AbortSignal.abort(new Error("called off"));
    await expect(runWith({ env: process.env, signal }, ["/nonexistent/command"])).rejects.toThrow(
      "called off",
    );
  });

  it("says when there is no such command", async () => {
    await expect(runWith({ env: process.env }, ["/nonexistent/command"])).rejects.toThrow(
      "cannot run /nonexistent/command: there is no such command",
    );
  });
});
