import { formatSeconds } from "../duration.js";
import type { StatefulSet } from "../model.js";
import { ownCommand, type Naming } from "../progress/naming.js";
import type { NextStep } from "../progress/verdict.js";
import { pauseOf } from "./pause.js";
import { stagingOf, type Staging } from "./staging.js";

/** That somebody holds a rollout back on purpose, and how it goes on. */
export interface Held {
  /** `staged: step 1 of 3 (soak 60 s)`; `paused`. */
  words: string;
  /** The first goes on. */
  next: NextStep[];
}

/** What a set's annotations say of a staging or a pause; undefined where there is neither. */
export function heldBy(set: StatefulSet, naming: Naming): Held | undefined {
  const { name } = set.metadata;
  const step = (label: string, command: string): NextStep => ({
    label,
    command: ownCommand(naming, `rollout ${command} ${name}`),
  });
  const staging = stagingOf(set);
  // A pause lies on top of a staging: it has to end first.
  if (pauseOf(set)) {
    const words = staging ? `paused, ${stagingWords(staging)}` : "paused";
    return { words, next: [step("go on", "resume")] };
  }
  if (!staging) return undefined;
  const back = step("go back", "abort");
  if (staging.aborting) return { words: stagingWords(staging), next: [back] };
  const label = staging.holder ? "if that has ended" : "go on";
  return { words: stagingWords(staging), next: [step(label, "promote"), back] };
}

function stagingWords({ aborting, plan, step = 0, failed, holder }: Staging): string {
  if (aborting) return "staged: being taken back";
  const driven = holder ? `, driven by ${holder.who}` : "";
  if (!plan) return `staged${driven}`;
  const soak = plan.soakMs ? ` (soak ${formatSeconds(plan.soakMs)})` : "";
  const outcome = failed === undefined ? "" : ` failed: ${failed}`;
  return `staged: step ${step + 1} of ${plan.steps.length}${soak}${outcome}${driven}`;
}
