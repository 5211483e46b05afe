import { UsageError } from "../../core/errors.js";
import type { StepPlan } from "../../core/rollout/staging.js";
import { parseSteps } from "../../core/rollout/steps.js";
import type { Flag } from "../shared/command.js";
import type { Input } from "../shared/input.js";

/** Flags of a rollout in steps. */
export const stepFlags: readonly Flag[] = [
  { name: "steps", value: "N,P%,…", help: "updated ordinals after each step, cumulative: 1,50%,100%" },
  { name: "soak", value: "DURATION", help: "watch the pods this long after each step before the next" },
  {
    name: "gate",
    value: "COMMAND",
    help: "run this after each step; unless it exits with 0, the rollout stops",
  },
  {
    name: "on-failure",
    value: "WHAT",
    choices: ["pause", "undo"],
    help: "what a failed step leads to: stay as it is (default) or go back",
  },
];

/** The plan that the flags describe; undefined without `--steps`, which the other flags need. */
export function readStepPlan(input: Input): StepPlan | undefined {
  const steps = input.text("steps");
  if (steps === undefined) {
    const extra = stepFlags.find(({ name }) => input.given(name));
    if (extra) throw new UsageError(`--${extra.name} needs --steps: it says what happens after each of them`);
    return undefined;
  }
  const soakMs = input.duration("soak") ?? 0;
  const gate = readGate(input);
  if (!input.boolean("wait", true)) {
    throw new UsageError("--steps needs somebody who drives them: it cannot be had with --wait=false");
  }
  return {
    steps: parseSteps(steps),
    ...(soakMs > 0 && { soakMs }),
    ...(gate !== undefined && { gate }),
    onFailure: input.oneOf("on-failure", ["pause", "undo"] as const) ?? "pause",
  };
}

export function readGate(input: Input): string | undefined {
  const gate = input.text("gate");
  if (gate?.trim() === "") throw new UsageError("--gate: a command is needed");
  return gate;
}
