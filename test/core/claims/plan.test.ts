import { expect, it } from "vitest";
import type { ClassifiedClaim } from "../../../src/core/claims/classify.js";
import { changedSinceShown } from "../../../src/core/claims/plan.js";
import { claimFacts } from "../../../src/core/claims/facts.js";

function left(volumeName?: string): ClassifiedClaim {
  const metadata = {
    name: "www-web-3",
    namespace: "default",
    uid: "a",
    resourceVersion: "1",
    creationTimestamp: "2026-11-21T10:00:00Z",
  };
  const claim = claimFacts({ metadata, spec: { ...(volumeName !== undefined && { volumeName }) } });
  return { claim, state: "scaled-down", reason: "", set: "web", template: "www", ordinal: 3, sets: ["web"] };
}

it("says of a chosen claim whether it got its first volume or another one", () => {
  const unused = { since: 0, by: "creation" } as const;
  expect(changedSinceShown({ ...left(), unused }, left("pv-1"))).toBe("it is bound to a volume now");
  expect(changedSinceShown({ ...left("pv-1"), unused }, left("pv-2"))).toBe(
    "it is bound to another volume now",
  );
  expect(changedSinceShown({ ...left("pv-1"), unused }, left("pv-1"))).toBeUndefined();
});
