import { isTerminating } from "../pod-state.js";
import { claimRule, schedulingRule } from "./rules/scheduling.js";
import { configRule, crashRule, imageRule, mountRule } from "./rules/containers.js";
import { creationTroubles } from "./rules/creation.js";
import { nodeRule } from "./rules/node.js";
import { probeRule } from "./rules/probes.js";
import { surplusTrouble } from "./rules/surplus.js";
import { Reason } from "./reasons.js";
import type { Snapshot } from "./snapshot.js";
import { standings, type Standing } from "./standing.js";
import { always, type Rule, type Trouble } from "./trouble.js";

/** The rules for a pod, the surest first. */
const rules: readonly Rule[] = [
  imageRule,
  configRule,
  crashRule,
  claimRule,
  schedulingRule,
  nodeRule,
  mountRule,
  probeRule,
];

/** An ordinal and what is wrong with it, if anything is. */
export interface Diagnosed extends Standing {
  readonly trouble: Trouble | undefined;
  /** The trouble does not heal by itself, as far as can be told. */
  readonly broken: boolean;
}

/**
 * Every ordinal with its trouble. What is done has none, what is leaving only where its node is lost,
 * and what is surplus only where it cannot leave.
 */
export function diagnose(snapshot: Snapshot): Diagnosed[] {
  const creations = creationTroubles(snapshot);
  const all = standings(snapshot);
  const stuck = surplusTrouble(all, snapshot, (standing) => podTrouble(standing, snapshot));
  return all.map((standing) => {
    const { name, pod, wanted } = standing;
    const own = pod ? wanted && podTrouble(standing, snapshot) : creations.get(name);
    const trouble = (stuck?.name === name ? stuck.trouble : own) || undefined;
    return { ...standing, trouble, broken: trouble !== undefined && trouble.fatalFrom <= snapshot.now };
  });
}

function podTrouble(standing: Standing, snapshot: Snapshot): Trouble | undefined {
  const { pod, phase } = standing;
  if (!pod || phase === "ready" || phase === "minReady") return undefined;
  if (isTerminating(pod)) return nodeRule(pod, snapshot, standing);
  if (phase === "ended") return ended(standing);
  for (const rule of rules) {
    const trouble = rule(pod, snapshot, standing);
    if (trouble) return trouble;
  }
  return undefined;
}

/** The controller deletes such a pod and makes it anew; a surplus one it takes for unhealthy. */
function ended({ pod, wanted }: Standing): Trouble {
  const words = `ended (${pod?.status?.reason ?? pod?.status?.phase ?? ""})`;
  if (!wanted) return { reason: Reason.Recreating, words, fatalFrom: always };
  return { reason: Reason.Recreating, words: `${words} and is made anew`, fatalFrom: Infinity };
}
