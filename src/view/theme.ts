import { Chalk } from "chalk";

/** How a thing stands; colour only repeats what the words say. */
export type Tone = "good" | "moving" | "bad" | "held" | "plain";

/** Colours for text, or none. */
export interface Theme {
  tone(tone: Tone, text: string): string;
  strong(text: string): string;
  dim(text: string): string;
}

/** @param colours as of the sink that is written to. */
export function createTheme(colours: boolean): Theme {
  const chalk = new Chalk({ level: colours ? 1 : 0 });
  const tones: Record<Tone, (text: string) => string> = {
    good: chalk.green,
    moving: chalk.yellow,
    bad: chalk.red,
    held: chalk.dim,
    plain: (text) => text,
  };
  return { tone: (tone, text) => tones[tone](text), strong: chalk.bold, dim: chalk.dim };
}
