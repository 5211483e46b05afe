import type { PlannedClaim } from "../../../core/claims/resize/plan.js";
import { ownCommand, type Naming } from "../../../core/progress/naming.js";
import type { NextStep } from "../../../core/progress/verdict.js";
import { compareQuantities } from "../../../core/quantity.js";
import { resumeCommand, type ResizeOptions } from "./options.js";

/** What to do about a resize that has come to no good end. */
export function nextSteps(
  naming: Naming,
  options: ResizeOptions,
  state: string,
  claims: readonly PlannedClaim[],
): NextStep[] {
  const command = resumeCommand(naming, options);
  if (state === "Restart") {
    return [{ label: "go on", command: resumeCommand(naming, { ...options, restartIfNeeded: true }) }];
  }
  // The same again might undo what somebody else does.
  if (state === "Conflict") {
    return [{ label: "look", command: ownCommand(naming, `pvc list ${options.name}`) }];
  }
  if (state !== "Failed") return [{ label: "go on", command }];
  const sizes = new Map([...options.sizes.keys()].map((template) => [template, "SIZE"]));
  const capacities = claims.map(({ capacity }) => capacity).sort(compareQuantities);
  const less = resumeCommand(naming, { ...options, sizes }).replace(" --yes", "");
  // RecoverVolumeExpansionFailure (KEP-1790): what failed may be taken back to anything above the capacity.
  return [
    { label: "try again", command },
    { label: `less, above ${capacities.at(-1) ?? "what is there"}`, command: less },
  ];
}
