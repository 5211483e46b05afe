import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Metafile } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundle, entries } from "../../scripts/bundle.mjs";

const outdir = mkdtempSync(path.join(tmpdir(), "bundle-"));
let outputs: Metafile["outputs"];

beforeAll(async () => {
  ({ outputs } = await bundle(outdir, { ...entries, cluster: "src/cluster/index.ts" }));
}, 60_000);
afterAll(() => rmSync(outdir, { recursive: true }));

/** The files that went into a bundle with at least a byte. */
function inputs(name: string): string[] {
  const [, output] = Object.entries(outputs).find(([file]) => path.basename(file) === `${name}.cjs`) ?? [];
  if (!output) throw new Error(`there is no bundle ${name}`);
  return Object.entries(output.inputs).flatMap(([file, { bytesInOutput }]) =>
    bytesInOutput > 0 ? file : [],
  );
}

const heavy = /@kubernetes\/client-node\/dist\/gen\/|node_modules\/(undici|node-fetch)\//;

test.each(["cli", "cluster"])("%s loads no client-node, no undici and no node-fetch", (name) => {
  const found = inputs(name);
  expect(found).toContain("src/cluster/gateway.ts");
  expect(found.filter((file) => heavy.test(file) || file.includes("@kubernetes/client-node"))).toEqual([]);
});

test("plugins have a bundle of their own, without the generated API and undici", () => {
  const found = inputs("authentication");
  expect(found.some((file) => file.includes("@kubernetes/client-node/dist/config.js"))).toBe(true);
  expect(found.filter((file) => heavy.test(file))).toEqual([]);
});

test.each(["authentication", "cluster"])("the bundle %s loads on this Node", (name) => {
  const script = `const names = Object.keys(require(${JSON.stringify(path.join(outdir, `${name}.cjs`))})); console.log(names.length > 0)`;
  expect(execFileSync(process.execPath, ["-e", script], { encoding: "utf8" })).toBe("true\n");
});

test("static credentials load neither plugins nor fetch", () => {
  const script = `
    const { openCluster } = require(${JSON.stringify(path.join(outdir, "cluster.cjs"))});
    const server = require("node:http").createServer((_, response) => response.end("{}")).listen(0, "127.0.0.1", async () => {
      const cluster = openCluster(
        { server: "http://127.0.0.1:" + server.address().port, namespace: "default", credentials: { token: "t" }, requestTimeout: 0 },
        { now: Date.now, sleep: (ms, signal) => require("node:timers/promises").setTimeout(ms, undefined, { signal }), random: Math.random, env: {}, userAgent: "test" },
      );
      await cluster.version();
      cluster.close();
      server.close();
      const loaded = Object.keys(require.cache).map((file) => require("node:path").basename(file));
      console.log(JSON.stringify({ loaded, fetch: process.moduleLoadList.some((name) => /internal.deps.undici/.test(name)) }));
    });`;
  const told = JSON.parse(execFileSync(process.execPath, ["-e", script], { encoding: "utf8" })) as unknown;
  expect(told).toEqual({ loaded: ["cluster.cjs"], fetch: false });
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
        { now: Date.now, sleep: (ms, signal) => require("node:timers/promises").setTimeout(ms, undefined, { signal }), random: Math.random, env: {}, userAgent: "test" },
      );
      console.log(await cluster.version());
      cluster.close();
      server.close();
    });`;
  expect(execFileSync(process.execPath, ["-e", script], { encoding: "utf8" })).toBe("Bearer tok\n");
});
