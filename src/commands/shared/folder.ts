import type { Context } from "../../context.js";
import { UsageError } from "../../core/errors.js";
import { readable } from "./readable.js";

/** Deeper folders are a mistake, or a circle. */
const deepest = 32;

/**
 * Paths of the files in a folder whose names end in one of these, in the order of their names; with `recursive` those of
 * the folders in it, too. Undefined for a path that is no folder. Throws a UsageError for what cannot be read.
 */
export function filesBelow(
  context: Pick<Context, "files">,
  folder: string,
  endings: readonly string[],
  { recursive }: { recursive: boolean },
): Promise<string[] | undefined> {
  const below = async (place: string, depth: number): Promise<string[] | undefined> => {
    if (depth > deepest) throw new UsageError(`${place}: directories are nested too deeply`);
    const entries = await readable(place, () => context.files.list(place));
    if (!entries) return undefined;
    const found: string[] = [];
    for (const { name, isFolder } of entries) {
      const path = `${place.replace(/\/+$/, "")}/${name}`;
      if (!isFolder && endings.some((ending) => name.endsWith(ending))) found.push(path);
      if (isFolder && recursive) found.push(...((await below(path, depth + 1)) ?? []));
    }
    return found;
  };
  return below(folder, 0);
}
