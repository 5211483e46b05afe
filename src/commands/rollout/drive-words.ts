import { ordinalRange } from "../../core/identity.js";
import type { StatefulSet } from "../../core/model.js";
import { namePods, ownCommand, type Naming } from "../../core/progress/naming.js";
import type { NextStep } from "../../core/progress/verdict.js";
import { updatedPods } from "../../core/rollout/partition.js";
import type { StepPlan } from "../../core/rollout/staging.js";
import { stepsBelow, type Beginning, type PlannedStep } from "../../core/rollout/step-plan.js";

/** The pods that a step updates: `web-3 and web-4`; empty where they are none. */
export function stepPods({ metadata }: StatefulSet, { first, last }: PlannedStep): string {
  return namePods(metadata.name, first, last);
}

/** `step 1 of 3: web-4`. */
export function stepTitle(set: StatefulSet, plan: StepPlan, step: PlannedStep): string {
  const pods = stepPods(set, step);
  return [`step ${step.index + 1} of ${plan.steps.length}`, pods].filter(Boolean).join(": ");
}

/** `5 ordinals in 3 steps`. */
export function stepCount(set: StatefulSet, { steps }: StepPlan): string {
  const { replicas } = ordinalRange(set);
  return `${count(replicas, "ordinal")} in ${count(steps.length, "step")}`;
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** Where a rollout in steps is. */
export interface StepState {
  set: StatefulSet;
  plan: StepPlan;
  /** The step that is under way, or about to be; undefined when all are over. */
  at: PlannedStep | undefined;
  /** What became of the steps so far, by index. */
  past: ReadonlyMap<number, { pods: string; words: string }>;
}

/**
 * A line for each step: its pods, and what became or becomes of them.
 *
 *     step 1  web-4            ✓ ready in 12.1 s, soaked 60 s, gate passed
 *     step 2  web-2 and web-3  under way
 *     step 3  web-0 and web-1  held
 */
export function stepLines({ set, plan, at, past }: StepState, now = "under way"): string[] {
  const { start, replicas, partition } = ordinalRange(set);
  const begun = at ? at.partition : partition;
  const coming = stepsBelow(set, plan, Math.min(replicas, begun));
  const rows = plan.steps.map((_step, index): [pods: string, words: string] => {
    const known = past.get(index);
    if (known) return [known.pods, known.words];
    if (index === at?.index) return [stepPods(set, at) || "no pods", now];
    const next = coming.find((step) => step.index === index);
    if (next) return [stepPods(set, next), "held"];
    const before =
      at && index < at.index && stepsBelow(set, plan, replicas).find((step) => step.index === index);
    // By an earlier run; whether it passed there, its gate too, is not known here.
    return before ? [stepPods(set, before), "let through already"] : ["", "no further pods"];
  });
  const lowest = Math.min(replicas, begun, ...coming.map((step) => step.partition));
  const left = namePods(set.metadata.name, start, start + lowest - 1);
  const heads = rows.map((_row, index) => `step ${index + 1}`);
  const table = [
    ...rows.map(([pods, words], index) => [heads[index] ?? "", pods, words]),
    ...(left ? [["then", left, "stays held"]] : []),
  ];
  const widths = [0, 1].map((column) => Math.max(...table.map((row) => (row[column] ?? "").length)));
  return table.map(([head = "", pods = "", words = ""]) =>
    `${head.padEnd(widths[0] ?? 0)}  ${pods.padEnd(widths[1] ?? 0)}  ${words}`.trimEnd(),
  );
}

/** How to look after it and to stop it from another terminal. */
export function elsewhere(naming: Naming, set: string): string[] {
  const command = (words: string): string => ownCommand(naming, `rollout ${words} ${set}`);
  return [
    `Closed the terminal? ${command("status")}`,
    `stop: ${command("pause")} · back: ${command("abort")}`,
  ];
}

/** What can be done with a staging that is held. */
export function waysOn(naming: Naming, set: string): NextStep[] {
  return [
    { label: "go on", command: ownCommand(naming, `rollout promote ${set}`) },
    { label: "go back", command: ownCommand(naming, `rollout abort ${set}`) },
  ];
}

/** What a person should know where a rollout in steps does not begin with an untouched set. */
export function beginningNotes(set: StatefulSet, beginning: Beginning, isChanged: boolean): string[] {
  if (beginning === "new") return [];
  if (beginning === "resumed")
    return ["a rollout in these steps is under way: it goes on with the one it was at"];
  const through = updatedPods(set);
  if (!through) return [];
  return isChanged
    ? [`let through already, so changed again at once: ${through}`]
    : [`let through already, by the staging under way: ${through}`];
}
