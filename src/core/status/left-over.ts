import { byPlace, classifier, type ClassifiedClaim } from "../claims/classify.js";
import { autoscalerFacts, claimFacts, podFacts, setFacts } from "../claims/facts.js";
import { includable } from "../claims/states.js";
import type { Autoscaler, StatefulSet } from "../model.js";
import type { Snapshot } from "../progress/snapshot.js";
import type { HeldClaims } from "./report.js";

/**
 * The set's claims that no pod has and none is to have, in the words of `pvc list`: those that a plain `pvc cleanup`
 * takes, and those that it takes only when they are included. `autoscalers` undefined: they may not be read.
 */
export function idleClaims(
  set: StatefulSet,
  { pods, claims }: Snapshot,
  autoscalers: readonly Autoscaler[] | undefined,
): { leftOver: string[]; held: HeldClaims[] } {
  const facts = [...claims.values()].map(claimFacts);
  const surroundings = {
    sets: [setFacts(set)],
    pods: [...pods.values()].map(podFacts),
    autoscalers: autoscalers?.flatMap((autoscaler) => autoscalerFacts(autoscaler) ?? []),
  };
  const judged = facts
    .map(classifier(surroundings, facts))
    .filter((claim) => claim.set === set.metadata.name)
    .sort(byPlace);
  const namesOf = (found: readonly ClassifiedClaim[]) => found.map(({ claim }) => claim.name);
  return {
    leftOver: namesOf(judged.filter(({ state }) => state === "scaled-down")),
    held: includable.flatMap((state) => {
      const names = namesOf(judged.filter((claim) => claim.state === state));
      return names.length > 0 ? { state, claims: names } : [];
    }),
  };
}
