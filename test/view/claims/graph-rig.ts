import type { ClassifiedClaim } from "../../../src/core/claims/classify.js";
import type { ClaimFacts, SetFacts } from "../../../src/core/claims/facts.js";
import type { ClaimState } from "../../../src/core/claims/states.js";
import { claimsGraph } from "../../../src/view/claims/graph.js";
import { createTheme } from "../../../src/view/theme.js";
import { claim } from "../../core/claims/build.js";

/** A claim in its place. */
export function at(
  name: string,
  template: string,
  ordinal: number,
  state: ClaimState,
  fields: Partial<ClaimFacts> = {},
): ClassifiedClaim {
  const facts = claim(`${template}-${name}-${ordinal}`, fields);
  return { claim: facts, state, reason: "because", set: name, template, ordinal, sets: [name] };
}

/** One of each ordinal. */
export function each(name: string, template: string, first: number, last: number, state: ClaimState) {
  return Array.from({ length: last - first + 1 }, (_, index) => at(name, template, first + index, state));
}

/** The lines of a graph in which every volume would go with its claim. */
export function graph(
  claims: ClassifiedClaim[],
  sets: SetFacts[],
  { columns = 80, ascii = false, colours = false } = {},
): string[] {
  const text = claimsGraph(claims, sets, {
    policies: new Map(claims.map(({ claim: { volume } }) => [volume ?? "", "Delete"])),
    look: { theme: createTheme(colours), columns, ascii },
    commandsFor: ({ name }) => ({
      cleanup: (include) => ["sts pvc cleanup", name, ...include].join(" "),
      why: (state) => `sts pvc list ${name} --state=${state}`,
    }),
  });
  return text.split("\n").slice(0, -1);
}
