import { describe, expect, it } from "vitest";
import { rolloutNotes, unreadyOrdinals } from "../../../src/core/rollout/preflight.js";
import { makePod, makeSet, type SetOptions } from "../../support/objects.js";

const naming = { program: "sts", namespace: "prod" };
const annotated = (name: string): NonNullable<SetOptions["metadata"]> => ({
  annotations: { [name]: '{"v":1}' },
});
const paused = annotated("sts/paused");
const staged = annotated("sts/staging");

describe("rolloutNotes", () => {
  it.each<[string, SetOptions, string[]]>([
    ["no partition", {}, []],
    [
      "a partition",
      { replicas: 5, partition: 3 },
      ["held by the partition: web-0 to web-2; sts rollout promote web -n prod lets go"],
    ],
    [
      "a partition, from a start ordinal",
      { partition: 1, start: 5 },
      ["held by the partition: web-5; sts rollout promote web -n prod lets go"],
    ],
    [
      "a partition that lets nothing through",
      { partition: 3 },
      [
        "partition 3 is not below replicas 3: no pod will be updated; sts rollout stage web --canary=1 -n prod updates one, " +
          "sts rollout promote web -n prod all",
      ],
    ],
    [
      "a pause",
      { partition: 2_147_483_647, metadata: paused },
      ["web is paused: no pod is updated until sts rollout resume web -n prod"],
    ],
    [
      "a pause in the middle of a rollout",
      { partition: 1, metadata: paused },
      [
        "web is paused, but web-1 and web-2 are not held and will be updated; sts rollout resume web -n prod lets the " +
          "others go on",
      ],
    ],
    [
      "a staging",
      { partition: 2, metadata: staged },
      [
        "a staged rollout is under way, and holds web-0 and web-1; sts rollout promote web -n prod or sts rollout abort " +
          "web -n prod ends it",
      ],
    ],
    [
      "OnDelete",
      { strategy: "OnDelete", start: 2 },
      [
        "updateStrategy OnDelete: no pod is replaced by itself; sts rollout restart web --ordinals=2-4 -n prod does it",
      ],
    ],
    [
      "OnDelete with one replica",
      { strategy: "OnDelete", replicas: 1 },
      [
        "updateStrategy OnDelete: no pod is replaced by itself; sts rollout restart web --ordinals=0 -n prod does it",
      ],
    ],
    [
      "Recreate",
      { strategy: "Recreate" },
      ["updateStrategy Recreate: all pods go down at once before the first new one starts"],
    ],
    [
      "a strategy of the future",
      { strategy: "Swap" },
      ["updateStrategy Swap is not known to sts: whether and how pods are replaced is up to the cluster"],
    ],
    [
      "no replicas",
      { replicas: 0, partition: 0 },
      ["0 replicas: the change shows when the set is scaled up"],
    ],
  ])("of %s", (_, options, notes) => {
    expect(rolloutNotes(makeSet(options), naming)).toEqual(notes);
  });

  it("leave the partition out where the change brings its own", () => {
    expect(rolloutNotes(makeSet({ partition: 3 }), naming, true)).toEqual([]);
    expect(rolloutNotes(makeSet({ partition: 3, metadata: staged }), naming, true)).toEqual([]);
  });
});

describe("unreadyOrdinals", () => {
  const now = Date.parse("2026-11-21T10:00:09Z");
  const at = (seconds: number) => ({ at: `2026-11-21T10:00:0${seconds}Z` });

  it.each<[string, SetOptions, ReturnType<typeof makePod>[], number[]]>([
    ["all ready", {}, [makePod(0), makePod(1), makePod(2)], []],
    ["one missing, one starting", {}, [makePod(0), makePod(2, "running")], [1, 2]],
    ["one on its way out", {}, [makePod(0), makePod(1, "terminating"), makePod(2)], [1]],
    [
      "one crashing, one of old",
      {},
      [makePod(0), makePod(1, "crash"), makePod(2, "ready", { revision: "z" })],
      [1],
    ],
    ["surplus ones do not count", { replicas: 1 }, [makePod(0), makePod(1, "crash")], []],
    ["counted from the start", { start: 4, replicas: 2 }, [makePod(0), makePod(4)], [5]],
    [
      "Ready for less than minReadySeconds",
      { minReadySeconds: 5, replicas: 2 },
      [makePod(0, "ready", at(4)), makePod(1, "ready", at(5))],
      [1],
    ],
    ["somebody else's pod", { replicas: 1 }, [makePod(0, "ready", { owner: "other" })], [0]],
  ])("%s", (_, options, pods, ordinals) => {
    expect(unreadyOrdinals(makeSet(options), pods, now)).toEqual(ordinals);
  });
});
