import type { Metafile } from "esbuild";

/** What the program starts with: name of the file, source. */
export const entries: Record<"cli", string>;

export function bundle(outdir: string, entryPoints?: Record<string, string>): Promise<Metafile>;
