// Bundles src: one CommonJS file per entry, because esbuild splits only ES modules. What is
// reached by `import()` of another entry becomes a `require` of that entry's file, so that a cluster
// command loads neither the sandbox nor the authentication libraries, nor what is seldom shown.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { lazyClientNode } from "./lazy-client-node.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const entries = {
  cli: "src/main.ts",
  authentication: "src/cluster/authentication/plugins.ts",
  sandbox: "src/sandbox/index.ts",
  spinner: "src/view/spinner.ts",
  topics: "src/help-topics.ts",
  diff: "src/view/unified-diff.ts",
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

/** Writes the bundles to a folder, and says what went into each (esbuild's metafile). */
export async function bundle(outdir, entryPoints = entries) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints,
    outdir,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    minify: true,
    metafile: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    supported: { "dynamic-import": false },
    legalComments: "none",
    logLevel: "warning",
    plugins: [separateEntries, lazyClientNode],
  });
  return metafile;
}
