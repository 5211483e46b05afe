import { parseDuration } from "../../core/duration.js";
import { UsageError } from "../../core/errors.js";

/** What was typed for one command, after parsing: arguments, flags, and the words behind `--`. */
export class Input {
  constructor(
    readonly args: readonly string[],
    readonly rest: readonly string[],
    private readonly values: ReadonlyMap<string, readonly string[]>,
  ) {}

  given(flag: string): boolean {
    return this.values.has(flag);
  }

  /** Every value of a flag that may be repeated. */
  list(flag: string): readonly string[] {
    return this.values.get(flag) ?? [];
  }

  /** Every value of a flag whose values may also be joined by commas: `-l a,b`, `--as-group=x`. */
  commaList(flag: string): string[] {
    return this.list(flag).flatMap((value) => value.split(",").filter(Boolean));
  }

  text(flag: string): string | undefined {
    return this.list(flag).at(-1);
  }

  boolean(flag: string, absent = false): boolean {
    const value = this.text(flag);
    if (value === undefined) return absent;
    if (["true", "1", "t", "T", "TRUE", "True"].includes(value)) return true;
    if (["false", "0", "f", "F", "FALSE", "False"].includes(value)) return false;
    throw new UsageError(`--${flag}: "${value}" is not true or false`);
  }

  integer(flag: string, bounds: { min: number; max?: number } = { min: 0 }): number | undefined {
    const value = this.text(flag);
    if (value === undefined) return undefined;
    const { min, max = 2_147_483_647 } = bounds;
    const number = Number(value);
    if (!/^[+-]?\d+$/.test(value) || number < min || number > max) {
      throw new UsageError(`--${flag}: "${value}" is not a whole number from ${min} to ${max}`);
    }
    return number;
  }

  /** Milliseconds. */
  duration(flag: string): number | undefined {
    const value = this.text(flag);
    if (value === undefined) return undefined;
    try {
      return parseDuration(value);
    } catch (error) {
      throw error instanceof UsageError ? new UsageError(`--${flag}: ${error.message}`) : error;
    }
  }

  oneOf<Choice extends string>(flag: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.text(flag);
    if (value === undefined) return undefined;
    const choice = choices.find((candidate) => candidate === value);
    if (!choice) throw new UsageError(`--${flag}: "${value}" is not one of ${choices.join(", ")}`);
    return choice;
  }
}
