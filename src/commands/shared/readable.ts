import { UsageError } from "../../core/errors.js";
import { isMapping } from "../../core/manifest/shape.js";

const fileProblems: Record<string, string> = {
  ENOENT: "does not exist",
  ENOTDIR: "does not exist",
  EACCES: "may not be read",
  EPERM: "may not be read",
  EISDIR: "is a directory",
  EFBIG: "is too large to be what is wanted here",
};

/** Reads a file or a folder; what the system says against it becomes a UsageError that names the path. */
export async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const code = isMapping(error) ? String(error["code"]) : "";
    throw new UsageError(`the path "${path}" ${fileProblems[code] ?? `cannot be read: ${String(error)}`}`);
  }
}
