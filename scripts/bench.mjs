// Bundles bench/index.ts and runs it: `npm run bench`.
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = await mkdtemp(path.join(os.tmpdir(), "sts-bench-"));
const outfile = path.join(folder, "bench.cjs");
try {
  await build({
    absWorkingDir: root,
    entryPoints: ["bench/index.ts"],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    logLevel: "error",
    external: ["./plugins.js", "*/authentication/plugins.js"],
  });
  const { main } = await import(pathToFileURL(outfile).href);
  process.exitCode = await main(process.argv.slice(2));
} finally {
  await rm(folder, { recursive: true, force: true });
}
