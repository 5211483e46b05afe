import { describe, expect, it } from "vitest";
import type { StatefulSet } from "../../../src/core/model.js";
import { takeSnapshot } from "../../../src/core/progress/snapshot.js";
import { judge } from "../../../src/core/progress/verdict.js";
import { outcomeOf } from "../../../src/core/rollout/outcome.js";
import { stagingAnnotation } from "../../../src/core/rollout/staging.js";
import { outcomeLine, outcomeTable } from "../../../src/view/outcomes.js";
import { makePod, makeSet } from "../../support/objects.js";

const naming = { program: "sts" };
const staged = { annotations: { [stagingAnnotation]: '{"v":1,"partitionBefore":0}' } };

function outcome(set: StatefulSet, pods = [0, 1, 2].map((ordinal) => makePod(ordinal))) {
  const { namespace = "", name, uid } = set.metadata;
  const snapshot = takeSnapshot({ namespace, name, uid, set, pods, claims: [], events: [], now: 0 });
  const verdict = judge(snapshot, { goal: { type: "settled" }, naming });
  return outcomeOf(set, { verdict, snapshot }, naming);
}

const canary = makeSet({ update: "b", partition: 2, metadata: staged });
const canaryPods = [makePod(0), makePod(1), makePod(2, "ready", { revision: "b" })];

describe("the outcome of a rollout", () => {
  it("says what is held on purpose, and how that goes on", () => {
    expect(outcome(canary, canaryPods)).toEqual({
      namespace: "default",
      name: "web",
      state: "Done",
      reason: "Settled",
      message:
        "3 of 3 ready; web-0 and web-1 held at an older revision (partition 2); staged; " +
        "go on: sts rollout promote web",
      ordinal: null,
      next: [
        { label: "go on", command: "sts rollout promote web" },
        { label: "go back", command: "sts rollout abort web" },
      ],
      counts: { wanted: 3, ready: 3, updated: 1 },
    });
  });

  it("does not say to go on before it is done", () => {
    const { state, message } = outcome(canary, [makePod(0), makePod(1)]);
    expect(state).toBe("InProgress");
    expect(message).toMatch(/waiting for web-2.*; staged$/);
  });

  it("counts no pod that is surplus or on its way out", () => {
    const pods = [makePod(0), makePod(1, "terminating"), makePod(2, "running"), makePod(3)];
    expect(outcome(makeSet(), pods).counts).toEqual({ wanted: 3, ready: 1, updated: 2 });
  });

  it("has no counts for a set that was not seen", () => {
    const verdict = {
      state: "Conflict",
      reason: "Deleted",
      message: "the set was deleted",
      next: [],
    } as const;
    const found = outcomeOf(makeSet(), { verdict: { ...verdict, next: [] }, snapshot: undefined }, naming);
    expect(found.counts).toBeNull();
    expect(outcomeTable([found], { namespaces: true })).toBe(
      [
        "NAMESPACE   NAME   STATE      READY    UPDATED   MESSAGE",
        "default     web    Conflict   <none>   <none>    the set was deleted",
        "",
      ].join("\n"),
    );
  });

  it("lets no escape of the cluster through", () => {
    const found = { ...outcome(makeSet()), message: "a\u001b[2Jb\nc" };
    expect(outcomeLine(found)).toBe("statefulset.apps/web: ab c\n");
    expect(outcomeTable([found], { namespaces: false })).toContain("ab c\n");
  });
});
