import path from "node:path";
import type { ConnectionIo } from "./connection.js";

/** What is wrong with a kubeconfig, each as kubectl says it; all of it is reported at once. */
export type Problems = string[];

interface Source {
  /** As kubectl's messages name it: `client-cert`. */
  what: "client-cert" | "client-key" | "certificate-authority";
  /** The user or cluster it belongs to. */
  owner: string;
  /** A file that a flag names; it replaces what the kubeconfig has. */
  flag: string | undefined;
  /** The kubeconfig, which relative paths are relative to. */
  origin: string | undefined;
}

/** The bytes of a certificate or key: of the flag's file, of the data in the kubeconfig, or of the file it names. */
export function fileOrData(
  { what, owner, flag, origin }: Source,
  given: { file: string | undefined; data: Buffer | undefined },
  io: ConnectionIo,
  problems: Problems,
): Buffer | undefined {
  const data = given.data?.length ? given.data : undefined;
  if (!flag && given.file && data) {
    problems.push(`${what}-data and ${what} are both specified for ${owner}. ${what}-data will override.`);
  }
  if (!flag && data) return data;
  const file = flag
    ? path.resolve(io.cwd, flag)
    : given.file && path.resolve(path.dirname(origin ?? ""), given.file);
  if (!file) return undefined;
  try {
    return io.readFile(file);
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const reason = missing ? `open ${file}: no such file or directory` : `open ${file}: ${String(error)}`;
    problems.push(`unable to read ${what} ${file} for ${owner} due to ${reason}`);
    return Buffer.alloc(0);
  }
}
