// Bundles src into dist, for bin/sts.js and for the executable.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { outputs } = await bundle(path.join(root, "dist"));

const said = process.argv.includes("--quiet") ? [] : Object.entries(outputs);
for (const [file, { bytes }] of said) {
  process.stdout.write(`${file}  ${Math.round(bytes / 1024)} KB\n`);
}
