import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Metafile } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundle, entries } from "../../scripts/bundle.mjs";

const outdir = mkdtempSync(path.join(tmpdir(), "bundle-"));
let outputs: Metafile["outputs"];

beforeAll(async () => {
  const more = { cluster: "src/cluster/index.ts", plugins: "src/cluster/authentication/plugins.ts" };
  ({ outputs } = await bundle(outdir, { ...entries, ...more }));
}, 60_000);
afterAll(() => rmSync(outdir, { recursive: true }));

/** The output made of a source. */
function outputOf(source: string): string {
  const [file] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === source) ?? [];
  if (file === undefined) throw new Error(`${source} has no file of its own`);
  return file;
}

/** What is loaded with an output: itself, and all that it imports other than by `import()`. */
function loadedWith(file: string, known = new Set<string>()): Set<string> {
  if (known.has(file)) return known;
  known.add(file);
  for (const { path: imported, kind, external } of outputs[file]?.imports ?? []) {
    if (kind === "import-statement" && !external) loadedWith(imported, known);
  }
  return known;
}

/** The files of which at least a byte is loaded with a source. */
function inputs(source: string): string[] {
  return [...loadedWith(outputOf(source))].flatMap((file) =>
    Object.entries(outputs[file]?.inputs ?? {}).flatMap(([name, { bytesInOutput }]) =>
      bytesInOutput > 0 ? name : [],
    ),
  );
}

const heavy = /@kubernetes\/client-node\/dist\/gen\/|node_modules\/(undici|node-fetch)\//;
const commandFiles = readdirSync("src/commands", { withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name !== "index.ts")
  .map(({ name }) => `src/commands/${name}`);

test("the start loads the list of commands, and none of them, nor what talks to a cluster", () => {
  const found = inputs("src/main.ts");
  expect(found).toContain("src/commands/index.ts");
  expect(found.filter((file) => commandFiles.includes(file))).toEqual([]);
  expect(found.filter((file) => file.startsWith("src/cluster/http"))).toEqual([]);
});

test.each([...commandFiles, "src/cluster/index.ts"])(
  "%s loads no client-node, no undici, no node-fetch and no sandbox",
  (source) => {
    const found = inputs(source);
    const unwanted = [heavy, /@kubernetes\/client-node/, /^src\/sandbox\/index/];
    expect(found.filter((file) => unwanted.some((one) => one.test(file)))).toEqual([]);
  },
);

// Parsing YAML, certificates and a spinner cost more than all else between the command and a sandbox that is ready.
test.each(["commands/sandbox-up", "sandbox/process/background", "sandbox/process/serve", "sandbox/index"])(
  "%s is loaded without any package",
  (source) => {
    expect(inputs(`src/${source}.ts`).filter((file) => file.includes("node_modules/"))).toEqual([]);
  },
);

test("plugins are loaded apart, without the generated API and undici", () => {
  const found = inputs("src/cluster/authentication/plugins.ts");
  expect(found.some((file) => file.includes("@kubernetes/client-node/dist/config.js"))).toBe(true);
  expect(found.filter((file) => heavy.test(file))).toEqual([]);
});

test.each(["plugins", "cluster"])("the bundle %s loads on this Node", (name) => {
  const script = `const names = Object.keys(require(${JSON.stringify(path.join(outdir, `${name}.cjs`))})); console.log(names.length > 0)`;
  expect(execFileSync(process.execPath, ["-e", script], { encoding: "utf8" })).toBe("true\n");
});

test("a cluster command loads no more than 280 KB", () => {
  const kubeconfig = path.join(outdir, "kubeconfig");
  const nowhere = { server: "http://127.0.0.1:9" };
  const context = { cluster: "c", user: "u" };
  const config = {
    clusters: [{ name: "c", cluster: nowhere }],
    users: [{ name: "u", user: { token: "t" } }],
    contexts: [{ name: "c", context }],
  };
  writeFileSync(kubeconfig, JSON.stringify({ ...config, "current-context": "c" }));
  const script = `
    process.argv = [process.argv[0], "sts", "get", "web", "--kubeconfig=${kubeconfig}"];
    process.stderr.write = () => true;
    require(${JSON.stringify(path.join(outdir, "cli.cjs"))}).start(process).then((code) => {
      const files = Object.keys(require.cache);
      console.log(JSON.stringify({ code, bytes: files.reduce((sum, file) => sum + require("fs").statSync(file).size, 0) }));
    });`;
  const told = JSON.parse(execFileSync(process.execPath, ["-e", script], { encoding: "utf8" })) as {
    code: number;
    bytes: number;
  };
  expect(told.code).toBe(1);
  expect(told.bytes).toBeGreaterThan(100_000);
  expect(told.bytes).toBeLessThan(280_000);
});

test("static credentials load neither plugins nor fetch", () => {
  const script = `
    const { openCluster } = require(${JSON.stringify(path.join(outdir, "cluster.cjs"))});
    const server = require("node:http").createServer((_, response) => response.end("{}")).listen(0, "127.0.0.1", async () => {
      const cluster = openCluster(
        { server: "http://127.0.0.1:" + server.address().port, namespace: "default", credentials: { token: "t" }, requestTimeout: 0 },
        { now: Date.now, after: (ms, expire) => { const timer = setTimeout(expire, ms); return () => clearTimeout(timer); }, random: Math.random, env: {}, userAgent: "test" },
      );
      await cluster.version();
      cluster.close();
      server.close();
      const loaded = Object.keys(require.cache).filter((file) => /plugins/.test(file));
      console.log(JSON.stringify({ loaded, fetch: process.moduleLoadList.some((name) => /internal.deps.undici/.test(name)) }));
    });`;
  const told = JSON.parse(execFileSync(process.execPath, ["-e", script], { encoding: "utf8" })) as unknown;
  expect(told).toEqual({ loaded: [], fetch: false });
});

test("an exec plugin works from the bundle", () => {
  const answer = {
    kind: "ExecCredential",
    apiVersion: "client.authentication.k8s.io/v1",
    status: { token: "tok" },
  };
  const exec = {
    apiVersion: answer.apiVersion,
    command: process.execPath,
    args: ["-p", JSON.stringify(JSON.stringify(answer))],
    env: [],
    provideClusterInfo: true,
    interactiveMode: "Never",
  };
  const script = `
    const { openCluster } = require(${JSON.stringify(path.join(outdir, "cluster.cjs"))});
    const answer = (request, response) => response.end(JSON.stringify(request.headers.authorization));
    const server = require("node:http").createServer(answer).listen(0, "127.0.0.1", async () => {
      const cluster = openCluster(
        { server: "http://127.0.0.1:" + server.address().port, credentials: { exec: ${JSON.stringify(exec)} }, requestTimeout: 0 },
        { now: Date.now, after: (ms, expire) => { const timer = setTimeout(expire, ms); return () => clearTimeout(timer); }, random: Math.random, env: {}, userAgent: "test" },
      );
      console.log(await cluster.version());
      cluster.close();
      server.close();
    });`;
  expect(execFileSync(process.execPath, ["-e", script], { encoding: "utf8" })).toBe("Bearer tok\n");
});
