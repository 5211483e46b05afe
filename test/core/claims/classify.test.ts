import { describe, expect, it } from "vitest";
import { classifier } from "../../../src/core/claims/classify.js";
import type { ClaimFacts, Surroundings } from "../../../src/core/claims/facts.js";
import { mayCleanUp, statesOf } from "../../../src/core/claims/states.js";
import { around, claim, owner, pod, set } from "./build.js";

function stateOf(one: ClaimFacts, surroundings: Partial<Surroundings>, all: ClaimFacts[] = [one]) {
  const { state, reason } = classifier(around(surroundings), all)(one);
  return `${state}: ${reason}`;
}

const web = set("web", 3);

describe("the state of a claim whose set exists", () => {
  it.each<[string, ClaimFacts, Partial<Surroundings>, string]>([
    [
      "mounted",
      claim("www-web-0"),
      { sets: [web], pods: [pod("web-0", ["www-web-0"])] },
      "in-use: mounted by pod web-0",
    ],
    [
      "mounted out of range",
      claim("www-web-7"),
      { sets: [web], pods: [pod("job-x", ["www-web-7"])] },
      "in-use: mounted by pod job-x",
    ],
    [
      "in range, no pod",
      claim("www-web-2"),
      { sets: [web] },
      "reserved: kept for web-2: web runs ordinals 0 to 2",
    ],
    [
      "its pod is not gone",
      claim("www-web-3"),
      { sets: [web], pods: [pod("web-3")] },
      "reserved: web-3 is out of range but has not gone yet",
    ],
    [
      "out of range",
      claim("www-web-3"),
      { sets: [web] },
      "scaled-down: web runs ordinals 0 to 2; nothing uses ordinal 3",
    ],
    [
      "below the start",
      claim("www-web-0"),
      { sets: [set("web", 1, { start: 5 })] },
      "scaled-down: web runs ordinal 5; nothing uses ordinal 0",
    ],
    [
      "in range behind a start",
      claim("www-web-10"),
      { sets: [set("web", 2, { start: 9 })] },
      "reserved: kept for web-10: web runs ordinals 9 to 10",
    ],
    ["the set is at zero", claim("www-web-0"), { sets: [set("web", 0)] }, "set-at-zero: web is scaled to 0"],
    [
      "pod of another namespace",
      claim("www-web-3"),
      { sets: [web], pods: [pod("web-3", ["www-web-3"], "other")] },
      "scaled-down: web runs ordinals 0 to 2; nothing uses ordinal 3",
    ],
    [
      "without the set's labels",
      claim("www-web-3", { labels: {} }),
      { sets: [web] },
      "ambiguous: named like a claim of web, but without its labels (app=web)",
    ],
    [
      "labels of a Deployment",
      claim("www-web-3", { labels: { app: "api" } }),
      { sets: [web] },
      "ambiguous: named like a claim of web, but without its labels (app=web)",
    ],
    [
      "labels do not matter in range",
      claim("www-web-2", { labels: {} }),
      { sets: [web] },
      "reserved: kept for web-2: web runs ordinals 0 to 2",
    ],
    [
      "an operator's",
      claim("www-web-3", { owners: [owner("Database", "main")] }),
      { sets: [web] },
      "ambiguous: its controller is Database main",
    ],
    [
      "a set of another group",
      claim("www-web-3", { owners: [owner("StatefulSet", "web", { apiVersion: "apps.kruise.io/v1beta1" })] }),
      { sets: [web] },
      "ambiguous: its controller is StatefulSet web",
    ],
    [
      "an owner that is no controller",
      claim("www-web-3", { owners: [owner("Database", "main", { controller: false })] }),
      { sets: [web] },
      "scaled-down: web runs ordinals 0 to 2; nothing uses ordinal 3",
    ],
    [
      "owned by its condemned pod",
      claim("www-web-3", { owners: [owner("Pod", "web-3")] }),
      { sets: [web] },
      "policy: the retention policy deletes it with web-3 (whenScaled: Delete)",
    ],
    [
      "owned by the pod of another ordinal",
      claim("www-web-3", { owners: [owner("Pod", "web-4")] }),
      { sets: [web] },
      "ambiguous: its controller is Pod web-4",
    ],
    [
      "owned by the pod of another ordinal, not as its controller",
      claim("www-web-3", { owners: [owner("Pod", "web-4", { controller: false })] }),
      { sets: [web] },
      "ambiguous: its owner is Pod web-4",
    ],
    [
      "owned by another set, not as its controller",
      claim("www-web-3", { owners: [owner("StatefulSet", "web-web", { controller: false })] }),
      { sets: [web] },
      "ambiguous: its owner is StatefulSet web-web",
    ],
    [
      "owned by its set",
      claim("www-web-3", { owners: [owner("StatefulSet", "web", { uid: "set-web" })] }),
      { sets: [web] },
      "scaled-down: web runs ordinals 0 to 2; nothing uses ordinal 3",
    ],
    [
      "owned by the set's forerunner",
      claim("www-web-3", { owners: [owner("StatefulSet", "web", { uid: "old" })] }),
      { sets: [web] },
      "policy: the retention policy deletes it with web (whenDeleted: Delete)",
    ],
    [
      "owned by a set that is going",
      claim("www-web-3", { owners: [owner("StatefulSet", "web", { uid: "set-web" })] }),
      { sets: [set("web", 3, { deleting: true })] },
      "policy: the retention policy deletes it with web (whenDeleted: Delete)",
    ],
    ["no ordinal", claim("www-web"), { sets: [web] }, "not-ours: no set could own it"],
    ["a leading zero", claim("www-web-03"), { sets: [web] }, "not-ours: no set could own it"],
    [
      "an ordinal beyond int32",
      claim("www-web-2147483648"),
      { sets: [web] },
      "not-ours: no set could own it",
    ],
  ])("%s", (_, one, surroundings, expected) => {
    expect(stateOf(one, surroundings)).toBe(expected);
  });
});

describe("autoscalers", () => {
  const hpa = { namespace: "default", name: "web", set: "web", maxReplicas: 5 };
  it.each<[string, string, Partial<Surroundings>, string]>([
    [
      "below its maximum",
      "www-web-4",
      { sets: [web], autoscalers: [hpa] },
      "autoscaled: HorizontalPodAutoscaler web may scale web up to 5 replicas",
    ],
    [
      "at its maximum",
      "www-web-5",
      { sets: [web], autoscalers: [hpa] },
      "scaled-down: web runs ordinals 0 to 2; nothing uses ordinal 5",
    ],
    [
      "behind a start ordinal",
      "www-web-9",
      { sets: [set("web", 1, { start: 5 })], autoscalers: [hpa] },
      "autoscaled: HorizontalPodAutoscaler web may scale web up to 5 replicas",
    ],
    [
      "below a start ordinal",
      "www-web-4",
      { sets: [set("web", 1, { start: 5 })], autoscalers: [hpa] },
      "scaled-down: web runs ordinal 5; nothing uses ordinal 4",
    ],
    [
      "of another set",
      "www-web-4",
      { sets: [web], autoscalers: [{ ...hpa, set: "db" }] },
      "scaled-down: web runs ordinals 0 to 2; nothing uses ordinal 4",
    ],
    [
      "of another namespace",
      "www-web-4",
      { sets: [web], autoscalers: [{ ...hpa, namespace: "x" }] },
      "scaled-down: web runs ordinals 0 to 2; nothing uses ordinal 4",
    ],
    [
      "of a set at zero (KEDA)",
      "www-web-4",
      { sets: [set("web", 0)], autoscalers: [hpa] },
      "autoscaled: web is scaled to 0, and HorizontalPodAutoscaler web may scale web up to 5 replicas",
    ],
    [
      "of a set at zero, beyond its maximum",
      "www-web-5",
      { sets: [set("web", 0)], autoscalers: [hpa] },
      "set-at-zero: web is scaled to 0",
    ],
    [
      "the higher of two",
      "www-web-6",
      { sets: [web], autoscalers: [hpa, { ...hpa, name: "more", maxReplicas: 7 }] },
      "autoscaled: HorizontalPodAutoscaler more may scale web up to 7 replicas",
    ],
    [
      "gone or paused (KEDA), when one scaled the set last",
      "www-web-9",
      { sets: [set("web", 3, { autoscaledLast: true })] },
      "autoscaled: an autoscaler scaled web last; it is paused or gone now, and may come back",
    ],
    [
      "there, and its maximum known, when it scaled the set last",
      "www-web-5",
      { sets: [set("web", 3, { autoscaledLast: true })], autoscalers: [hpa] },
      "scaled-down: web runs ordinals 0 to 2; nothing uses ordinal 5",
    ],
    [
      "unreadable",
      "www-web-4",
      { sets: [web], autoscalers: undefined },
      "autoscaled: autoscalers may not be read: one might scale web up again",
    ],
    [
      "unreadable, set at zero",
      "www-web-4",
      { sets: [set("web", 0)], autoscalers: undefined },
      "set-at-zero: web is scaled to 0",
    ],
  ])("%s", (_, name, surroundings, expected) => {
    expect(stateOf(claim(name), surroundings)).toBe(expected);
  });
});

describe("a set that an autoscaler has at zero", () => {
  const hpa = { namespace: "default", name: "web", set: "web", maxReplicas: 5 };
  const judge = (autoscalers: Surroundings["autoscalers"]) =>
    classifier(around({ sets: [set("web", 0)], autoscalers }), [])(claim("www-web-0"));

  it("is cleaned up only when both states are included", () => {
    const both = judge([hpa]);
    expect(statesOf(both)).toEqual(["autoscaled", "set-at-zero"]);
    expect(mayCleanUp(both, ["autoscaled"])).toBe(false);
    expect(mayCleanUp(both, ["set-at-zero"])).toBe(false);
    expect(mayCleanUp(both, ["set-at-zero", "autoscaled"])).toBe(true);
    expect(mayCleanUp(judge([]), ["set-at-zero"])).toBe(true);
  });
});
