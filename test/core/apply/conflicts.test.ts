import { expect, it } from "vitest";
import { readConflicts } from "../../../src/core/apply/conflicts.js";

const cause = (message: string, reason = "FieldManagerConflict") => ({
  reason,
  message,
  field: ".spec.replicas",
});

it.each([
  ['conflict with "kubectl" using apps/v1', "kubectl", '"kubectl" using apps/v1'],
  [
    'conflict with "kube-controller-manager" with subresource "scale" using apps/v1',
    "kube-controller-manager",
    '"kube-controller-manager" with subresource "scale" using apps/v1',
  ],
  ['conflict with "a \\"b\\"" using v1', 'a "b"', '"a \\"b\\"" using v1'],
  ["conflict with somebody", "somebody", "somebody"],
])("%s", (message, manager, owner) => {
  expect(readConflicts([cause(message)])).toEqual([{ manager, owner, field: ".spec.replicas" }]);
});

it("is empty for what is no conflict of field managers", () => {
  expect(readConflicts()).toEqual([]);
  expect(readConflicts([cause("modified", "Other")])).toEqual([]);
});
