/** `a`, `a and b`, `a, b and c`. */
export function listWords(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** The same; of more than four the first three and `2 more`. */
export function enumerate(words: readonly string[]): string {
  return listWords(words.length > 4 ? [...words.slice(0, 3), `${words.length - 3} more`] : words);
}

/** A word of a command that a person may copy into a shell, quoted where it has to be. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
