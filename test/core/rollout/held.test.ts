import { describe, expect, it } from "vitest";
import { heldBy } from "../../../src/core/rollout/held.js";
import { pauseAnnotation } from "../../../src/core/rollout/pause.js";
import { stagingAnnotation, type Staging } from "../../../src/core/rollout/staging.js";
import { makeSet } from "../../support/objects.js";

const naming = { program: "sts", namespace: "prod" };

function held(staging: Partial<Staging> | undefined, paused = false) {
  const annotations = {
    ...(staging && { [stagingAnnotation]: JSON.stringify({ v: 1, partitionBefore: 0, ...staging }) }),
    ...(paused && { [pauseAnnotation]: JSON.stringify({ v: 1, partitionBefore: 0 }) }),
  };
  const found = heldBy(makeSet({ metadata: { annotations } }), naming);
  return found && [found.words, ...found.next.map(({ label, command }) => `${label}: ${command}`)];
}

const plan = { steps: [1, "50%" as const, "100%" as const], onFailure: "pause" as const };
const on = "go on: sts rollout promote web -n prod";
const ended = "if that has ended: sts rollout promote web -n prod";
const back = "go back: sts rollout abort web -n prod";

describe("what holds a rollout", () => {
  it("is nothing without an annotation of ours", () => expect(held(undefined)).toBeUndefined());

  it.each<[string, Partial<Staging>, string[]]>([
    ["a staging without steps", {}, ["staged", on, back]],
    ["a step", { plan, step: 1 }, ["staged: step 2 of 3", on, back]],
    [
      "a step that soaks",
      { plan: { ...plan, soakMs: 60_000 }, step: 0 },
      ["staged: step 1 of 3 (soak 60 s)", on, back],
    ],
    [
      "a step that failed",
      { plan, step: 1, failed: "web-3 restarted" },
      ["staged: step 2 of 3 failed: web-3 restarted", on, back],
    ],
    [
      "a step that somebody drives",
      { plan, step: 0, holder: { who: "alice@laptop", host: "laptop", pid: 1, since: "" } },
      ["staged: step 1 of 3, driven by alice@laptop", ended, back],
    ],
    ["a staging that is taken back", { plan, step: 1, aborting: true }, ["staged: being taken back", back]],
  ])("%s", (_what, staging, expected) => expect(held(staging)).toEqual(expected));

  it("is a pause first: it has to end before a staging goes on", () => {
    const resume = "go on: sts rollout resume web -n prod";
    expect(held(undefined, true)).toEqual(["paused", resume]);
    expect(held({ plan, step: 0 }, true)).toEqual(["paused, staged: step 1 of 3", resume]);
  });
});
