import { UsageError } from "../../errors.js";
import { compareQuantities } from "../../quantity.js";

/** What the claims of each template are to have: a quantity as it was written, by the template's name. */
export type Sizes = ReadonlyMap<string, string>;

/** One byte less is the most that the API can keep (2^63 - 1); anything above is cut off to that without a word. */
const largest = "8Ei";

/** Reads `data=20Gi logs=5Gi`. Throws a UsageError for what is not of that form, not a size, or said twice. */
export function parseSizes(words: readonly string[]): Sizes {
  const sizes = new Map<string, string>();
  for (const word of words) {
    const [, template, size] = /^([^=]+)=(.+)$/.exec(word) ?? [];
    if (template === undefined || size === undefined) {
      throw new UsageError(`"${word}" is not TEMPLATE=SIZE: write for example data=20Gi`);
    }
    if (compareQuantities(size, "0") <= 0) throw new UsageError(`"${word}": a size is more than 0`);
    if (compareQuantities(size, largest) >= 0)
      throw new UsageError(`"${word}": no volume is as large as 8Ei`);
    if (sizes.has(template)) throw new UsageError(`template ${template} is given two sizes`);
    sizes.set(template, size);
  }
  if (sizes.size === 0) throw new UsageError("what is to grow is needed: TEMPLATE=SIZE, such as data=20Gi");
  return sizes;
}

/** As they are typed: `data=20Gi logs=5Gi`. */
export function formatSizes(sizes: Sizes): string {
  return [...sizes].map(([template, size]) => `${template}=${size}`).join(" ");
}
