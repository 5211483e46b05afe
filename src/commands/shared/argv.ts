import type { Flag } from "./command.js";

/** The command tree as `normaliseArgv` needs it. */
export interface ArgvNode {
  flags: readonly Flag[];
  children: ReadonlyMap<string, ArgvNode>;
}

interface Reading {
  node: ArgvNode;
  path: string[];
  words: string[];
  pending: string[];
}

/**
 * Rewrites argv into the one form that commander reads as kubectl's users mean it: `--name=value` for every flag
 * that has a value, and flags behind the command's words. Commander by itself reads `-o=json` as the value `=json`,
 * refuses `--watch=false`, and lets an option whose value may be left out swallow the name behind it.
 * Unknown flags are left as they are, for commander to refuse. What stands behind `--` is returned apart, and so are the
 * command's own words (`path`, which `words` begins with).
 */
export function normaliseArgv(
  argv: readonly string[],
  root: ArgvNode,
): { path: string[]; words: string[]; rest: string[] } {
  const end = argv.indexOf("--");
  const before = end < 0 ? [...argv] : argv.slice(0, end);
  const reading: Reading = { node: root, path: [], words: [], pending: before };
  while (reading.pending.length > 0) readWord(reading);
  const { path, words } = reading;
  return { path, words: [...path, ...words], rest: end < 0 ? [] : argv.slice(end + 1) };
}

function readWord(reading: Reading): void {
  const word = reading.pending.shift() ?? "";
  if (word.startsWith("--")) return readLong(word, reading);
  if (word.startsWith("-") && word !== "-") return readShort(word, reading);
  const child = reading.words.every((earlier) => earlier.startsWith("-")) && reading.node.children.get(word);
  if (!child) {
    reading.words.push(word);
    return;
  }
  reading.node = child;
  reading.path.push(word);
}

function readLong(word: string, reading: Reading): void {
  const [name = "", ...value] = word.slice(2).split("=");
  const flag = reading.node.flags.find((candidate) => candidate.name === name);
  if (!flag) reading.words.push(word);
  else push(flag, word.includes("=") ? value.join("=") : undefined, reading);
}

/** `-w`, `-Aw`, `-n default`, `-ndefault`, `-n=default`. */
function readShort(word: string, reading: Reading): void {
  const flag = reading.node.flags.find((candidate) => candidate.short === word[1]);
  if (!flag) {
    reading.words.push(word);
    return;
  }
  const behind = word.slice(2);
  if (behind.startsWith("=")) push(flag, behind.slice(1), reading);
  else if (flag.value !== undefined) push(flag, behind || undefined, reading);
  else {
    push(flag, undefined, reading);
    if (behind) reading.pending.unshift(`-${behind}`);
  }
}

/** Adds a known flag in its one form, taking its value from the next word where that is where it stands. */
function push(flag: Flag, value: string | undefined, reading: Reading): void {
  if (value !== undefined) reading.words.push(`--${flag.name}=${value}`);
  else if (flag.value === undefined) reading.words.push(`--${flag.name}=true`);
  else if (flag.bare !== undefined) reading.words.push(`--${flag.name}=${flag.bare}`);
  else if (reading.pending.length > 0) reading.words.push(`--${flag.name}=${reading.pending.shift()}`);
  else reading.words.push(`--${flag.name}`);
}
