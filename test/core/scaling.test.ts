import { describe, expect, it } from "vitest";
import type { ReturningClaim } from "../../src/core/claims/returning.js";
import type { Autoscaler, StatefulSet } from "../../src/core/model.js";
import { claim } from "./claims/build.js";
import { makePod, makeSet, type SetOptions } from "../support/objects.js";
import { autoscalerNotes, scaleNotes, scaleTitle } from "../../src/core/scaling.js";

const day = 86_400_000;
const now = Date.parse("2026-11-21T12:00:00Z");

function set(spec: object = {}, status: object = {}): StatefulSet {
  return {
    metadata: { name: "web", namespace: "db", uid: "u", resourceVersion: "7", creationTimestamp: "" },
    spec: { replicas: 3, volumeClaimTemplates: [{ metadata: { name: "www" } }], ...spec },
    status,
  } as unknown as StatefulSet;
}
const facts = (returning: ReturningClaim[] = [], autoscalers: Autoscaler[] = []) => ({
  returning,
  autoscalers,
  now,
});

describe("scaleTitle", () => {
  it.each([
    [{}, 5, "3 → 5 replicas, one after the other (OrderedReady)"],
    [{ podManagementPolicy: "Parallel" }, 1, "3 → 1 replica, all at once (Parallel)"],
    [{}, 3, "already at 3 replicas"],
  ])("%j to %i", (spec, replicas, title) => expect(scaleTitle(set(spec), replicas)).toBe(title));
});

describe("scaleNotes", () => {
  it("says which old claims come back when scaling up, and how to do without them", () => {
    const back = { claim: claim("www-web-3"), ordinal: 3 };
    const unused = { since: now - 12 * day, by: "condition" } as const;
    const returning = [{ ...back, unused }];
    const line = "www-web-3 comes back with its old data (unused for 12d, by condition)";
    expect(scaleNotes(set(), 5, facts(returning))).toEqual([line]);
    const way = "--fresh starts empty";
    expect(scaleNotes(set(), 5, { ...facts(returning), way })).toEqual([`${line}; ${way}`]);
    expect(scaleNotes(set(), 2, facts(returning))).toEqual([]);
  });

  it("says what whenScaled Delete destroys", () => {
    const deleting = set({ persistentVolumeClaimRetentionPolicy: { whenScaled: "Delete" } });
    expect(scaleNotes(deleting, 1, facts())).toEqual([
      "whenScaled is Delete: the claims of web-1 and web-2 are deleted with their pods",
    ]);
  });

  describe("of a staged update", () => {
    const strategy = (partition: number) => ({
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition } },
    });
    const two = { currentRevision: "web-1", updateRevision: "web-2" };
    const lost = (partition: number) =>
      `an update is staged (partition ${partition}): at 0 replicas the old revision is lost (#121534)`;
    const held = (partition: number) => `at the old revision, held back by partition ${partition}`;
    const through = (partition: number) => `at the staged update, let through by partition ${partition}`;

    it.each<[string, number, number, string[]]>([
      ["to 0, where the old revision is lost", 2, 0, [lost(2)]],
      ["down to below the canary", 2, 1, ["web-2 had the staged update: no pod has it after this"]],
      [
        "down to just the held ones",
        1,
        1,
        ["web-1 and web-2 had the staged update: no pod has it after this"],
      ],
      ["down, with one of two updated left", 1, 2, []],
      ["up", 2, 5, [`web-3 and web-4 come ${through(2)}`]],
      ["up by one", 2, 4, [`web-3 comes ${through(2)}`]],
      ["up across the partition", 4, 6, [`web-3 comes ${held(4)}`, `web-4 and web-5 come ${through(4)}`]],
      ["up while all is held", 2_147_483_647, 5, [`web-3 and web-4 come ${held(2_147_483_647)}`]],
      ["up where nothing is held", 0, 5, []],
    ])("%s", (_, partition, replicas, notes) => {
      expect(scaleNotes(set(strategy(partition), two), replicas, facts())).toEqual(notes);
    });

    it("is none where all pods are of one revision", () => {
      const one = { currentRevision: "web-1", updateRevision: "web-1" };
      expect(scaleNotes(set(strategy(2), one), 0, facts())).toEqual([]);
    });

    it("says that a pause holds pods back, and not which partition that is", () => {
      const annotations = { "sts/paused": '{"v":1,"partitionBefore":0}' };
      const { metadata, ...rest } = set(strategy(9), two);
      const paused = { ...rest, metadata: { ...metadata, annotations } };
      expect(scaleNotes(paused, 4, facts())).toEqual([
        "web-3 comes at the old revision, held back by the pause",
      ]);
    });

    it("is known by its annotation before the status tells", () => {
      const staged = set(strategy(2), { ...two, updateRevision: "web-1", observedGeneration: 4 });
      const annotations = { "sts/staging": '{"v":1,"partitionBefore":0}' };
      const begun = { ...staged, metadata: { ...staged.metadata, annotations, generation: 5 } };
      expect(scaleNotes(begun, 0, facts())).toEqual([lost(2)]);
    });
  });

  // A letter an ordinal: r is ready, u is not, - is not there.
  it.each<[string, string, SetOptions, number, string[]]>([
    ["down", "urr", {}, 2, ["scaling down waits until web-0 is ready (OrderedReady)"]],
    ["down, where one is missing", "-rr", {}, 2, ["scaling down waits until web-0 is ready (OrderedReady)"]],
    ["down, where only one that goes is unready", "rru", {}, 1, []],
    ["down, where two that go are", "ruu", {}, 1, ["scaling down waits until web-1 is ready (OrderedReady)"]],
    ["down, where the second is missing", "ru-", {}, 1, []],
    ["to 0", "uru", {}, 0, ["scaling down waits until web-0 is ready (OrderedReady)"]],
    ["up", "uru", {}, 5, ["scaling up waits until web-0 and web-2 are ready (OrderedReady)"]],
    ["all at once", "urr", { policy: "Parallel" }, 5, []],
  ])("names the pods that block scaling %s", (_, letters, options, replicas, notes) => {
    const stages = { r: "ready", u: "running" } as const;
    const pods = [...letters].flatMap((letter, ordinal) =>
      letter === "r" || letter === "u" ? [makePod(ordinal, stages[letter])] : [],
    );
    expect(scaleNotes(makeSet(options), replicas, { ...facts(), pods })).toEqual(notes);
  });

  it("names the autoscaler that may scale it again, and KEDA where that made it", () => {
    const autoscaler = (kind: string, name: string, labels = {}) =>
      ({
        metadata: { name: "hpa", labels },
        spec: { maxReplicas: 9, scaleTargetRef: { kind, name } },
      }) as unknown as Autoscaler;
    const found = [
      autoscaler("StatefulSet", "web"),
      autoscaler("StatefulSet", "db"),
      autoscaler("Deployment", "web"),
    ];
    expect(scaleNotes(set(), 5, facts([], found))).toEqual([
      "HorizontalPodAutoscaler hpa (1 to 9 replicas) may scale it again",
    ]);
    const keda = autoscaler("StatefulSet", "web", { "scaledobject.keda.sh/name": "web-load" });
    expect(autoscalerNotes(set(), [keda])).toEqual([
      "HorizontalPodAutoscaler hpa (1 to 9 replicas, made by the KEDA ScaledObject web-load) may scale it again",
    ]);
  });
});
