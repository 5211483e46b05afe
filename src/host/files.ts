import { appendFile, mkdir, open, readFile, readdir, rename, stat } from "node:fs/promises";
import path from "node:path";
import type { Files } from "../context.js";

/** The machine's files. */
export const systemFiles: Files = {
  read: (file) => readFile(file),

  async list(folder) {
    if (!(await stat(folder)).isDirectory()) return undefined;
    const entries = await readdir(folder, { withFileTypes: true });
    const named = entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
    return named.sort((a, b) => (a.name < b.name ? -1 : 1));
  },

  async write(file, text) {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const unfinished = `${file}.${process.pid}.tmp`;
    const handle = await open(unfinished, "w", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  },

  append: (file, text) => appendFile(file, text, { mode: 0o600 }),
};
