import { expect, it } from "vitest";
import type { Pod } from "../../../src/core/model.js";
import { Progress } from "../../../src/core/progress/progress.js";
import { takeSnapshot } from "../../../src/core/progress/snapshot.js";
import { makePod, makeSet } from "../../support/objects.js";

it("tells of pods that went between two looks from the highest on, as a set lets them go", () => {
  const set = makeSet({ replicas: 0 });
  const at = (pods: Pod[], now: number) =>
    takeSnapshot({
      namespace: "default",
      name: "web",
      uid: "uid-web",
      set,
      pods,
      claims: [],
      events: [],
      now,
    });
  const naming = { program: "sts", namespace: undefined };
  const question = { goal: { type: "scaled", replicas: 0 }, written: undefined, naming } as const;
  const progress = new Progress(question, at([makePod(0), makePod(1), makePod(2)], 0), 0);
  const { changes } = progress.observe(at([], 1), 1);
  const gone = changes.flatMap((change) => ("to" in change && change.to === "Gone" ? [change] : []));
  expect(gone.map((change) => ("pod" in change ? change.pod : undefined))).toEqual([
    "web-2",
    "web-1",
    "web-0",
  ]);
});
