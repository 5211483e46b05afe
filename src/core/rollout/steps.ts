import { UsageError } from "../errors.js";
import type { StageRequest } from "./partition.js";

/** How many pods are updated after a step, all steps before it included: a number, or a share of the set as `50%`. */
export type Step = number | `${number}%`;

/** Reads `1,50%,100%`. Throws a UsageError for what is not a step, or where a later step is smaller than one before. */
export function parseSteps(text: string): Step[] {
  const steps = text.split(",").map((word) => parseStep(word.trim(), text));
  const numbers = steps.filter((step) => typeof step === "number");
  const shares = steps.flatMap((step) => (typeof step === "number" ? [] : [Number.parseInt(step, 10)]));
  for (const list of [numbers, shares]) {
    if (list.some((value, index) => index > 0 && value <= (list[index - 1] ?? 0))) {
      throw new UsageError(
        `--steps=${text}: the numbers are cumulative, so each has to be above the one before`,
      );
    }
  }
  return steps;
}

function parseStep(word: string, text: string): Step {
  const [, digits, percent] = /^(\d+)(%?)$/.exec(word) ?? [];
  const number = Number(digits);
  if (digits === undefined || number < 1 || (percent && number > 100) || number > 2 ** 31 - 1) {
    throw new UsageError(`--steps=${text}: "${word}" is not a number of pods (1, 3) or a percentage (50%)`);
  }
  return percent ? `${number}%` : number;
}

/** Whether a value is a step; what is written in an annotation may be anything. */
export function isStep(value: unknown): value is Step {
  if (typeof value === "number") return Number.isInteger(value) && value >= 1;
  return typeof value === "string" && /^\d{1,3}%$/.test(value);
}

/** The request that a step stands for. */
export function stepRequest(step: Step): StageRequest {
  return typeof step === "number" ? { canary: step } : { percent: Number.parseInt(step, 10) };
}
