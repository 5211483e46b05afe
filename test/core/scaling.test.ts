import { describe, expect, it } from "vitest";
import type { Autoscaler, Claim, StatefulSet } from "../../src/core/model.js";
import { scaleNotes, scaleTitle } from "../../src/core/scaling.js";

const day = 86_400_000;
const now = Date.parse("2026-11-21T12:00:00Z");

function set(spec: object = {}, status: object = {}): StatefulSet {
  return {
    metadata: { name: "web", namespace: "db", uid: "u", resourceVersion: "7", creationTimestamp: "" },
    spec: { replicas: 3, volumeClaimTemplates: [{ metadata: { name: "www" } }], ...spec },
    status,
  } as unknown as StatefulSet;
}
const claim = (name: string, ageInDays: number): Claim =>
  ({
    metadata: { name, creationTimestamp: new Date(now - ageInDays * day).toISOString() },
  }) as unknown as Claim;
const facts = (claims: Claim[] = [], autoscalers: Autoscaler[] = []) => ({ claims, autoscalers, now });

describe("scaleTitle", () => {
  it.each([
    [{}, 5, "3 → 5 replicas, one after the other (OrderedReady)"],
    [{ podManagementPolicy: "Parallel" }, 1, "3 → 1 replica, all at once (Parallel)"],
    [{}, 3, "already at 3 replicas"],
  ])("%j to %i", (spec, replicas, title) => expect(scaleTitle(set(spec), replicas)).toBe(title));
});

describe("scaleNotes", () => {
  it("says which old claims come back when scaling up, and how old the oldest is", () => {
    const claims = [
      claim("www-web-2", 90),
      claim("www-web-3", 12),
      claim("www-web-4", 3),
      claim("www-web-web-3", 1),
    ];
    expect(scaleNotes(set(), 5, facts(claims))).toEqual([
      "www-web-3 and www-web-4 come back with their old data (12d old)",
    ]);
    expect(scaleNotes(set(), 4, facts(claims))).toEqual(["www-web-3 comes back with its old data (12d old)"]);
    expect(scaleNotes(set(), 2, facts(claims))).toEqual([]);
  });

  it("names only the first of many, and counts from ordinals.start", () => {
    const claims = [8, 9, 10, 11, 12].map((ordinal) => claim(`www-web-${ordinal}`, 1));
    expect(scaleNotes(set({ ordinals: { start: 5 } }), 8, facts(claims))).toEqual([
      "www-web-8, www-web-9, www-web-10 and 2 more come back with their old data (24h old)",
    ]);
  });

  it("says what whenScaled Delete destroys", () => {
    const deleting = set({ persistentVolumeClaimRetentionPolicy: { whenScaled: "Delete" } });
    expect(scaleNotes(deleting, 1, facts())).toEqual([
      "whenScaled is Delete: the claims of web-1 and web-2 are deleted with their pods",
    ]);
  });

  it("warns that scaling to 0 in the middle of a canary loses the old revision (#121534)", () => {
    const staged = set(
      { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } } },
      { currentRevision: "web-1", updateRevision: "web-2" },
    );
    expect(scaleNotes(staged, 0, facts())[0]).toContain("#121534");
    expect(scaleNotes(staged, 1, facts())).toEqual([]);
  });

  it("names the autoscaler that may scale it again", () => {
    const autoscaler = (kind: string, name: string) =>
      ({
        metadata: { name: "hpa" },
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
  });
});
