import { describe, expect, it } from "vitest";
import { needsEvents, podDeletions, unusedSince } from "../../../src/core/claims/age.js";
import type { Event } from "../../../src/core/model.js";
import { claim } from "./build.js";

const created = Date.parse("2026-11-01T00:00:00Z");
const later = Date.parse("2026-11-05T00:00:00Z");
const now = Date.parse("2026-11-09T00:00:00Z");

function classified(fields: Parameters<typeof claim>[1] = {}) {
  const place = { set: "web", template: "www", ordinal: 3, sets: ["web"] };
  return { claim: claim("www-web-3", fields), state: "scaled-down" as const, reason: "", ...place };
}

function event(message: string, fields: Partial<Event> = {}): Event {
  const metadata = { name: "e", uid: "e", resourceVersion: "1", creationTimestamp: "2026-11-02T00:00:00Z" };
  return { metadata, involvedObject: { namespace: "default" }, message, ...fields };
}

describe("unusedSince", () => {
  it("believes the condition before all else", () => {
    const unused = classified({ unusedSince: "2026-11-05T00:00:00Z" });
    expect(unusedSince(unused, new Map([["default/web-3", created]]), now)).toEqual({
      since: later,
      by: "condition",
    });
    expect(needsEvents(unused)).toBe(false);
  });

  it("counts a claim as used until now while the condition says used", () => {
    expect(unusedSince(classified({ markedUsed: true }), new Map(), now)).toEqual({
      since: now,
      by: "condition",
    });
  });

  it("takes the deletion of its pod, and its creation where nothing else is known", () => {
    const deletions = new Map([["default/web-3", later]]);
    expect(unusedSince(classified(), deletions, now)).toEqual({ since: later, by: "event" });
    expect(unusedSince(classified(), new Map([["other/web-3", later]]), now)).toEqual({
      since: created,
      by: "creation",
    });
    expect(needsEvents(classified())).toBe(true);
  });

  it("does not believe an event that is older than the claim", () => {
    const old = new Map([["default/web-3", created - 1]]);
    expect(unusedSince(classified(), old, now)).toEqual({ since: created, by: "creation" });
  });
});

describe("podDeletions", () => {
  it("reads the controller's events of every release, the latest of each pod", () => {
    const deletions = podDeletions([
      event("delete Pod web-3 in StatefulSet web successful", { lastTimestamp: "2026-11-05T00:00:00Z" }),
      event("Delete Pod web-3 in StatefulSet web successful", { eventTime: "2026-11-04T00:00:00Z" }),
      event("delete Pod web-10 in StatefulSet web successful"),
      event("create Pod web-4 in StatefulSet web successful"),
      event("delete Pod web-5 in StatefulSet web failed"),
    ]);
    expect([...deletions]).toEqual([
      ["default/web-3", later],
      ["default/web-10", Date.parse("2026-11-02T00:00:00Z")],
    ]);
  });

  it("reads what kubelets say of pods that somebody else deleted, or that went with their set", () => {
    const killing = (name: string, kind: string, lastTimestamp: string) =>
      event("Stopping container main", {
        reason: "Killing",
        involvedObject: { kind, namespace: "default", name },
        lastTimestamp,
      });
    const deletions = podDeletions([
      killing("web-3", "Pod", "2026-11-05T00:00:00Z"),
      event("delete Pod web-3 in StatefulSet web successful", { lastTimestamp: "2026-11-04T00:00:00Z" }),
      killing("node-1", "Node", "2026-11-05T00:00:00Z"),
    ]);
    expect([...deletions]).toEqual([["default/web-3", later]]);
  });
});
