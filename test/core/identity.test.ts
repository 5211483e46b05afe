import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  claimName,
  claimTemplateNames,
  dnsName,
  inRange,
  ordinalRange,
  parsePodName,
  podName,
} from "../../src/core/identity.js";
import { shortRevision, wantedRevision } from "../../src/core/revision.js";
import { makeSet } from "../support/objects.js";

describe("identity", () => {
  it.each([
    ["web-0", { set: "web", ordinal: 0 }],
    ["a-b-10", { set: "a-b", ordinal: 10 }],
    ["web-1-2", { set: "web-1", ordinal: 2 }],
    ["web", undefined],
    ["web-", undefined],
    ["-1", undefined],
    ["web-01", undefined],
    ["web-x1", undefined],
    ["web-99999999999999999999", undefined],
  ])("%s is %o", (name, identity) => {
    expect(parsePodName(name)).toEqual(identity);
  });

  it("reads every name that it makes", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), fc.nat(), (set, ordinal) => {
        expect(parsePodName(podName(set, ordinal))).toEqual({ set, ordinal });
      }),
    );
  });

  it("names claims and hosts as the controller does", () => {
    expect(claimName("www", "web", 3)).toBe("www-web-3");
    expect(claimTemplateNames(makeSet({ claims: ["www", "log"] }))).toEqual(["www", "log"]);
    expect(dnsName("web-0", "web", "default")).toBe("web-0.web.default.svc");
    expect(dnsName("web-0", "web", "default", "cluster.local")).toBe("web-0.web.default.svc.cluster.local");
  });

  it.each([
    [{ replicas: 3 }, { start: 0, end: 3, firstUpdated: 0, partition: 0 }],
    [
      { replicas: 9, start: 2, partition: 5 },
      { start: 2, end: 11, firstUpdated: 7, partition: 5 },
    ],
    [
      { replicas: 3, partition: 2_147_483_647 },
      { start: 0, end: 3, firstUpdated: 3 },
    ],
    [{ replicas: 0 }, { start: 0, end: 0, firstUpdated: 0 }],
  ])("the ordinals of %o are %o", (options, range) => {
    expect(ordinalRange(makeSet(options))).toMatchObject(range);
  });

  it("tells which ordinals are in it", () => {
    const range = ordinalRange(makeSet({ replicas: 2, start: 5 }));
    expect([4, 5, 6, 7].map((ordinal) => inRange(range, ordinal))).toEqual([false, true, true, false]);
  });
});

describe("revisions", () => {
  it.each([
    [{ partition: 1 }, 0, { revision: "web-a", enforced: false }],
    [{ partition: 1 }, 1, { revision: "web-b", enforced: true }],
    [{ strategy: "OnDelete" }, 1, { revision: "web-b", enforced: false }],
    [{ strategy: "Recreate" }, 0, { revision: "web-b", enforced: true }],
  ])("under %o ordinal %i is wanted at %o", (options, ordinal, wanted) => {
    expect(wantedRevision(makeSet({ ...options, current: "a", update: "b" }), ordinal)).toEqual(wanted);
  });

  it("are shown by their hash", () => {
    expect(shortRevision("web", "web-6d9f8")).toBe("6d9f8");
    expect(shortRevision("web", "other-6d9f8")).toBe("other-6d9f8");
  });
});
