import type { AnyCommand, Flag, ListedCommand } from "./command.js";

/** One candidate and what it means. */
export interface Candidate {
  word: string;
  help: string;
}

/**
 * What may stand where the last of `words` is being typed (it may be empty): commands, flags, or a flag's choices.
 * `flagsOf` gives every flag that a command takes, those for the connection included.
 */
export async function complete(
  words: readonly string[],
  commands: readonly ListedCommand[],
  flagsOf: (command: AnyCommand) => readonly Flag[],
): Promise<Candidate[]> {
  const partial = words.at(-1) ?? "";
  const typed = words.slice(0, -1).filter((word) => !word.startsWith("-"));
  const command = commands.find(({ path }) => isPrefix(path.split(" "), typed));
  if (!command) return completeCommand(typed, partial, commands);
  const loaded = await command.load();
  const flags = flagsOf(loaded);
  const [name = "", value] = partial.replace(/^--?/, "").split("=");
  if (value !== undefined) return choicesOf(flags, name, value, `--${name}=`);
  const previous = words.at(-2) ?? "";
  const open = flags.find((flag) => previous === `--${flag.name}` || previous === `-${flag.short}`);
  if (open?.value && open.bare === undefined) return choicesOf(flags, open.name, partial, "");
  if (!partial.startsWith("-")) {
    const isFirst = typed.length === command.path.split(" ").length;
    return (loaded.words ?? []).filter(({ word }) => isFirst && word.startsWith(partial));
  }
  return flags
    .filter((flag) => !flag.hidden && `--${flag.name}`.startsWith(partial))
    .map((flag) => ({
      word: `--${flag.name}${flag.value && flag.bare === undefined ? "=" : ""}`,
      help: flag.help,
    }));
}

const isPrefix = (path: readonly string[], typed: readonly string[]): boolean =>
  path.every((word, index) => typed[index] === word);

/** The next word of every command whose path starts with what is typed. */
function completeCommand(
  typed: readonly string[],
  partial: string,
  commands: readonly ListedCommand[],
): Candidate[] {
  const found = new Map<string, string>();
  for (const { path, summary, hidden } of commands) {
    const words = path.split(" ");
    const next = words[typed.length];
    if (hidden || next === undefined || !isPrefix(typed, words) || !next.startsWith(partial)) continue;
    const gathers = words.length > typed.length + 1;
    if (!found.has(next)) found.set(next, gathers ? `${[...typed, next].join(" ")} commands` : summary);
  }
  return [...found].map(([word, help]) => ({ word, help }));
}

function choicesOf(flags: readonly Flag[], name: string, partial: string, prefix: string): Candidate[] {
  const flag = flags.find((candidate) => candidate.name === name);
  return (flag?.choices ?? [])
    .filter((choice) => choice.startsWith(partial))
    .map((choice) => ({ word: `${prefix}${choice}`, help: "" }));
}
