import type { Metafile } from "esbuild";

/** What is bundled into a file of its own: name of the file, source. */
export const entries: Record<"cli" | "authentication" | "sandbox", string>;

export function bundle(outdir: string, entryPoints?: Record<string, string>): Promise<Metafile>;
