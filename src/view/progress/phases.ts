import type { OrdinalSummary } from "../../core/progress/events.js";
import { timedPhases, type TimedPhase } from "../../core/progress/timing.js";

const phaseNames: Record<TimedPhase, string> = {
  terminating: "terminating",
  scheduling: "scheduling",
  volumes: "volumes",
  images: "image",
  starting: "starting",
  notReady: "not ready",
  minReady: "min-ready",
};

/** Where the time went, as far as it took a tenth of a second: `scheduling 0.2 · volumes 1.4`. In seconds. */
export function phasesText({ phases: times }: Pick<OrdinalSummary, "phases">): string {
  return timedPhases
    .flatMap((phase) => {
      const time = times[phase] ?? 0;
      return time < 0.05 ? [] : [`${phaseNames[phase]} ${time.toFixed(1)}`];
    })
    .join(" · ");
}
