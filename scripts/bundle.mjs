// Bundles src into CommonJS, which starts faster than ES modules do, and splits it at every `import()`, so that a
// command line compiles and evaluates only what it runs. esbuild splits ES modules only: they are bundled as such, and
// each file is then rewritten.
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { lazyClientNode } from "./lazy-client-node.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const entries = { cli: "src/main.ts" };
const target = "node20";

/**
 * What is imported by `import()` is one of our files: of a CommonJS package, split off by itself, esbuild gives the default
 * export only, and the names are undefined.
 */
const onlyOwnFilesLate = {
  name: "only-own-files-late",
  setup(bundler) {
    bundler.onResolve({ filter: /^[^.]/ }, ({ kind, path: target, importer }) => {
      if (kind !== "dynamic-import" || target.startsWith("node:") || importer.includes("node_modules"))
        return undefined;
      return {
        errors: [{ text: `import("${target}") of a package: give it a file of ours that imports it` }],
      };
    });
  },
};

/** Writes the bundle to a folder, and says what went into each file (esbuild's metafile). */
export async function bundle(outdir, entryPoints = entries) {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints,
    outdir,
    outExtension: { ".js": ".cjs" },
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    minify: true,
    metafile: true,
    write: false,
    platform: "node",
    target,
    format: "esm",
    legalComments: "none",
    logLevel: "warning",
    plugins: [onlyOwnFilesLate, lazyClientNode],
  });
  await mkdir(path.join(outdir, "chunks"), { recursive: true });
  await Promise.all(outputFiles.map(async ({ path: file, text }) => put(file, await toCommonJs(text))));
  return metafile;
}

async function toCommonJs(text) {
  const { code } = await transform(text, {
    format: "cjs",
    platform: "node",
    target,
    minify: true,
    supported: { "dynamic-import": false },
    legalComments: "none",
  });
  return code;
}

/** At once, and only when it differs: a command that runs may be reading what was there before. */
async function put(file, text) {
  if ((await readFile(file, "utf8").catch(() => undefined)) === text) return;
  const unfinished = `${file}.${process.pid}.tmp`;
  await writeFile(unfinished, text);
  await rename(unfinished, file);
}
