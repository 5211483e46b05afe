// Bundles src into dist: one CommonJS file per entry, because esbuild splits only ES modules. What is
// reached by `import()` of another entry becomes a `require` of that entry's file, so that a cluster
// command loads neither the sandbox nor the authentication libraries.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { lazyClientNode } from "./lazy-client-node.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const entries = {
  cli: "src/main.ts",
  authentication: "src/cluster/authentication/plugins.ts",
  sandbox: "src/sandbox/index.ts",
};

/** Turns `import()` of an entry into a reference to that entry's own bundle. */
const separateEntries = {
  name: "separate-entries",
  setup(bundler) {
    bundler.onResolve({ filter: /^\./ }, ({ kind, path: target, resolveDir }) => {
      if (kind !== "dynamic-import") return undefined;
      const file = path.relative(root, path.resolve(resolveDir, target)).replace(/\.js$/, ".ts");
      const entry = Object.entries(entries).find(([, source]) => source === file.split(path.sep).join("/"));
      return entry && { path: `./${entry[0]}.cjs`, external: true };
    });
  },
};

const outdir = path.join(root, "dist");
const result = await build({
  absWorkingDir: root,
  entryPoints: entries,
  outdir,
  outExtension: { ".js": ".cjs" },
  bundle: true,
  minify: true,
  keepNames: true,
  metafile: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  supported: { "dynamic-import": false },
  legalComments: "none",
  logLevel: "warning",
  plugins: [separateEntries, lazyClientNode],
});

for (const [file, { bytes }] of Object.entries(result.metafile.outputs)) {
  process.stdout.write(`${file}  ${Math.round(bytes / 1024)} KB\n`);
}
