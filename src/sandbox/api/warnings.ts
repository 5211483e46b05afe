// apiserver's warning recorder: what all warnings of an answer come to, and one when that is too much, in characters.
const longestTogether = 4 * 1024;
const longestOfMany = 256;

/**
 * The values of the `Warning` headers that tell a client of `texts`: each once, and shortened where there are too many of
 * them. What has control characters cannot be said in a header, and is left out, as the API does.
 */
export function warningHeaders(texts: readonly string[]): string[] {
  const sayable = [...new Set(texts)]
    .filter((text) => text !== "" && !/\p{Cc}/u.test(text))
    .map((text) => [...text]);
  const together = sayable.reduce((sum, { length }) => sum + length, 0);
  if (together <= longestTogether) return sayable.map(header);
  const headers: string[] = [];
  let written = 0;
  for (const characters of sayable) {
    if (written >= longestTogether) break;
    const shortened = characters.slice(0, longestOfMany);
    written += shortened.length;
    headers.push(header(shortened));
  }
  return headers;
}

/** Node takes a header's characters for bytes: those of UTF-8, as Go writes them. */
function header(characters: readonly string[]): string {
  const quoted = characters.join("").replaceAll(/["\\]/g, String.raw`\$&`);
  return Buffer.from(`299 - "${quoted}"`).toString("latin1");
}
