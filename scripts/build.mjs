// Bundles src into dist, for bin/sts.js and for the executable.
import { readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";

const dist = path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), "dist");
const { outputs } = await bundle(dist);
await removeOld(new Set(Object.keys(outputs).map((file) => path.basename(file))));

const said = process.argv.includes("--quiet") ? [] : Object.entries(outputs);
const loaded = said.filter(([, { entryPoint }]) => entryPoint);
for (const [file, { bytes }] of loaded.sort((left, right) => right[1].bytes - left[1].bytes)) {
  process.stdout.write(`${file}  ${Math.round(bytes / 1024)} KB\n`);
}

/** What earlier builds left; not what is new enough for a command that still runs to want it. */
async function removeOld(wanted) {
  const hourAgo = Date.now() - 3_600_000;
  for (const folder of [dist, path.join(dist, "chunks")]) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const file = path.join(folder, entry.name);
      if (!entry.isFile() || wanted.has(entry.name)) continue;
      if ((await stat(file)).mtimeMs < hourAgo) await rm(file, { force: true });
    }
  }
}
