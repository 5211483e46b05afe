import { isTerminating } from "../pod-state.js";
import { claimRule, schedulingRule } from "./rules/scheduling.js";
import { configRule, crashRule, imageRule, mountRule } from "./rules/containers.js";
import { creationTroubles } from "./rules/creation.js";
import { probeRule } from "./rules/probes.js";
import { Reason } from "./reasons.js";
import type { Snapshot } from "./snapshot.js";
import { standings, type Standing } from "./standing.js";
import type { Rule, Trouble } from "./trouble.js";

/** The rules for a pod, the surest first. */
const rules: readonly Rule[] = [
  imageRule,
  configRule,
  crashRule,
  claimRule,
  schedulingRule,
  mountRule,
  probeRule,
];

/** An ordinal and what is wrong with it, if anything is. */
export interface Diagnosed extends Standing {
  readonly trouble: Trouble | undefined;
  /** The trouble does not heal by itself, as far as can be told. */
  readonly broken: boolean;
}

/** Every ordinal with its trouble. What is surplus, leaving, or done has none. */
export function diagnose(snapshot: Snapshot): Diagnosed[] {
  const creations = creationTroubles(snapshot);
  return standings(snapshot).map((standing) => {
    const trouble = standing.pod ? podTrouble(standing, snapshot) : creations.get(standing.name);
    return { ...standing, trouble, broken: trouble !== undefined && trouble.fatalFrom <= snapshot.now };
  });
}

function podTrouble(standing: Standing, snapshot: Snapshot): Trouble | undefined {
  const { pod, wanted, phase } = standing;
  if (!pod || !wanted || isTerminating(pod) || phase === "ready" || phase === "minReady") return undefined;
  if (phase === "ended") return ended(standing);
  for (const rule of rules) {
    const trouble = rule(pod, snapshot, standing);
    if (trouble) return trouble;
  }
  return undefined;
}

/** The controller deletes such a pod and makes it anew. */
function ended({ pod }: Standing): Trouble {
  const why = pod?.status?.reason ?? pod?.status?.phase ?? "";
  return { reason: Reason.Recreating, words: `ended (${why}) and is made anew`, fatalFrom: Infinity };
}
