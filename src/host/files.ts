import { constants } from "node:fs";
import { appendFile, mkdir, open, readFile, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Files } from "../context.js";

/** The machine's files. */
export const systemFiles: Files = {
  read: (file, most) => (most === undefined ? readFile(file) : readAtMost(file, most)),

  async list(folder) {
    if (!(await stat(folder)).isDirectory()) return undefined;
    const entries = await readdir(folder, { withFileTypes: true });
    const named = entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
    return named.sort((a, b) => (a.name < b.name ? -1 : 1));
  },

  async write(file, text) {
    const folder = path.dirname(file);
    const made = await makeFolder(folder);
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

/**
 * Returns the topmost folder that had to be made. By hand: Node's own `recursive` never comes back where a folder is
 * there in which nothing can be, as in /proc.
 */
async function makeFolder(folder: string): Promise<string | undefined> {
  const there = (error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  };
  try {
    await mkdir(folder, { mode: 0o700 });
    return folder;
  } catch (error) {
    const parent = path.dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || parent === folder) {
      there(error as NodeJS.ErrnoException);
      return undefined;
    }
    const made = await makeFolder(parent);
    await mkdir(folder, { mode: 0o700 }).catch(there);
    return made ?? folder;
  }
}

/** A file's name outlives a power cut only once its folder is flushed; that of a folder just made, once `top` is. */
async function flushFolders(folder: string, top = folder): Promise<void> {
  try {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!cannotFlush.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
  if (folder !== top) await flushFolders(path.dirname(folder), top);
}

/** Of folders that may be written to and not read, and of file systems that know no flushing of folders. */
const cannotFlush = ["EACCES", "EINVAL", "ENOTSUP", "ENOSYS", "EBADF"];

/** Neither waits for the writer of a pipe nor trusts the size that the system tells. */
async function readAtMost(file: string, most: number): Promise<Buffer> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const buffer = Buffer.alloc(most + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length <= most; length += read) {
      read = (await handle.read(buffer, length, buffer.length - length)).bytesRead;
    }
    if (length > most)
      throw Object.assign(new Error(`${file}: larger than ${most} bytes`), { code: "EFBIG" });
    return buffer.subarray(0, length);
  } finally {
    await handle.close();
  }
}
