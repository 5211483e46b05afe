import { appendFile, mkdir, open, readFile, readdir, rename, rm, stat } from "node:fs/promises";
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
    const folder = path.dirname(file);
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    const unfinished = `${file}.${process.pid}.tmp`;
    try {
      const handle = await open(unfinished, "w", 0o600);
      try {
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(unfinished, file);
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => undefined); // what failed first is what counts
      throw error;
    }
    await flushFolders(
      path.resolve(folder),
      made === undefined ? undefined : path.dirname(path.resolve(made)),
    );
  },

  append: (file, text) => appendFile(file, text, { mode: 0o600 }),
};

/** A file's name outlives a power cut only once its folder is flushed; that of a folder just made, once `top` is. */
async function flushFolders(folder: string, top = folder): Promise<void> {
  try {
    const handle = await open(folder, "r");
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    if (!cannotFlush.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
  if (folder !== top) await flushFolders(path.dirname(folder), top);
}

/** Of folders that may be written to and not read, and of file systems that know no flushing of folders. */
const cannotFlush = ["EACCES", "EINVAL", "ENOTSUP", "ENOSYS", "EBADF"];
