import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classifier } from "../../../src/core/claims/classify.js";
import {
  autoscalerFacts,
  claimFacts,
  podFacts,
  setFacts,
  type Surroundings,
} from "../../../src/core/claims/facts.js";
import { type Includable, mayCleanUp } from "../../../src/core/claims/states.js";
import type { Autoscaler, Claim, Pod, StatefulSet } from "../../../src/core/model.js";
import * as some from "../../support/claims-oracle/arbitrary.js";
import { mustStay, type RawWorld } from "../../support/claims-oracle/index.js";

/** More than in a usual run by `STS_CLAIM_CASES`; then any, unless `STS_CLAIM_SEED` says which. */
const more = process.env["STS_CLAIM_CASES"];
const seed = process.env["STS_CLAIM_SEED"] ?? (more === undefined ? "6" : undefined);
const runs = { numRuns: Number(more ?? 80_000), ...(seed !== undefined && { seed: Number(seed) }) };
const timeout = 300_000 + runs.numRuns * 5;

const worlds = some.worldIn("default", "default", "other");

/** As commands read it. */
function factsOf(world: RawWorld) {
  const surroundings: Surroundings = {
    sets: world.sets.map((set) => setFacts(set as StatefulSet)),
    pods: world.pods.map((pod) => podFacts(pod as Pod)),
    autoscalers: world.scalers?.flatMap((scaler) => autoscalerFacts(scaler as Autoscaler) ?? []),
  };
  return { surroundings, claims: world.claims.map((claim) => claimFacts(claim as unknown as Claim)) };
}

describe("whatever the cluster looks like", () => {
  it(
    "clean-up may choose just those claims that nothing speaks for",
    () => {
      let chosen = 0;
      let stay = 0;
      fc.assert(
        fc.property(worlds, some.asked, (world, asked) => {
          const { surroundings, claims } = factsOf(world);
          const judge = classifier(surroundings, claims, asked.gone);
          for (const [index, raw] of world.claims.entries()) {
            const one = claims[index];
            if (!one) continue;
            const judged = judge(one);
            const may = mayCleanUp(judged, asked.included as Includable[]);
            const reason = mustStay(raw, world, asked);
            if (may !== (reason === undefined)) {
              const seen = `${one.namespace}/${one.name} is ${judged.state} (${judged.reason})`;
              throw new Error(`${seen}; by the rules: ${reason ?? "may be deleted"}`);
            }
            if (may) chosen += 1;
            else stay += 1;
          }
        }),
        runs,
      );
      expect(Math.min(chosen, stay)).toBeGreaterThan(runs.numRuns / 20);
    },
    timeout,
  );

  it("the order of sets, pods and claims does not matter", () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const states = ({ surroundings, claims }: ReturnType<typeof factsOf>) =>
          new Map(
            claims
              .map(classifier(surroundings, claims))
              .map(({ claim: { uid }, state, also }) => [uid, { state, also }]),
          );
        const reversed = factsOf({
          sets: world.sets.toReversed(),
          pods: world.pods.toReversed(),
          claims: world.claims.toReversed(),
          scalers: world.scalers?.toReversed(),
        });
        expect(states(reversed)).toEqual(states(factsOf(world)));
      }),
      { ...runs, numRuns: Math.ceil(runs.numRuns / 20) },
    );
  });
});
