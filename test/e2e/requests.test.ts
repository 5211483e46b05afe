import { describe, expect } from "vitest";
import { it, type Scenario } from "./support/cluster.js";
import { ends } from "./support/walk.js";

/**
 * The requests that a command sends, by what they ask, out of its `-v=6` trace. A status write of the controller in
 * between costs a patch its first attempt: that, and the read that follows it, are left out.
 */
async function requestsOf(scenario: Scenario, ...args: string[]): Promise<string[]> {
  const { stderr } = await ends(scenario, 0, ...args, "-v=6");
  const sent = [...stderr.matchAll(/^(GET|PATCH|POST|PUT|DELETE) https:\/\/[^/]+(\S+) (\d+) /gm)];
  const refused = (at: number): boolean => sent[at]?.[3] === "409";
  const counted = sent.filter((_, at) => !refused(at) && !refused(at - 1));
  return counted.map(([, method, path = ""]) => `${method} ${whatOf(path)}`);
}

/** The kind that a path is about, and whether it is a watch: `pods watch`. */
function whatOf(path: string): string {
  const { pathname, searchParams } = new URL(path, "https://server");
  const [, kind = pathname] = /\/namespaces\/[^/]+\/([^/?]+)/.exec(pathname) ?? [];
  return searchParams.get("watch") === "true" ? `${kind} watch` : kind;
}

/** What is asked between the last watch that is opened and the read that confirms the end. */
function whileWaiting(requests: readonly string[]): string[] {
  const opened = requests.findLastIndex((request) => request.endsWith("watch"));
  return requests.slice(opened + 1, -1);
}

const count = (requests: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const request of requests) counts[request] = (counts[request] ?? 0) + 1;
  return counts;
};

describe("requests", () => {
  it("of a scale do not grow with its length", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx", "--replicas=1");
    const by2 = await requestsOf(scenario, "scale", "web", "--replicas=3");
    const by8 = await requestsOf(scenario, "scale", "web", "--replicas=11");
    const back = await requestsOf(scenario, "scale", "web", "--replicas=1");
    expect(count(by8)).toEqual(count(by2));
    expect(count(back)).toEqual(count(by2));
    // One write, three watches, and a look before and after.
    expect(by8.filter((request) => request.startsWith("PATCH"))).toHaveLength(1);
    expect(by8.filter((request) => request.endsWith("watch")).toSorted()).toEqual([
      "GET events watch",
      "GET pods watch",
      "GET statefulsets watch",
    ]);
    expect(by8.length).toBeLessThanOrEqual(12);
  });

  it("of a rollout do not grow with the number of pods", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=2");
    const two = await requestsOf(scenario, "set", "image", "web", "nginx=nginx:2");
    await ends(scenario, 0, "scale", "web", "--replicas=7");
    const seven = await requestsOf(scenario, "set", "image", "web", "nginx=nginx:3");
    expect(count(seven)).toEqual(count(two));
  });

  it("of a staged rollout are one patch a command, and watches while it waits", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=6");
    const staged = await requestsOf(scenario, "set", "image", "web", "nginx=nginx:2", "--stage=1");
    const further = await requestsOf(scenario, "rollout", "stage", "web", "--canary=2");
    const promoted = await requestsOf(scenario, "rollout", "promote", "web");
    const undone = await requestsOf(scenario, "rollout", "undo", "web");
    const watched = await requestsOf(scenario, "rollout", "status", "web");
    for (const requests of [staged, further, promoted, undone, watched]) {
      const writes = requests.filter((request) => !request.startsWith("GET"));
      expect(writes).toEqual(requests === watched ? [] : ["PATCH statefulsets"]);
      expect(whileWaiting(requests)).toEqual([]);
    }
    // Four pods are no more work than one.
    expect(count(promoted)).toEqual(count(further));
  });

  it("never carry the token into the trace", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx", "--replicas=0");
    const { stderr } = await ends(scenario, 0, "status", "web", "--token=very-secret-token", "-v=9").catch(
      () => scenario.sts(["status", "web", "--token=very-secret-token", "-v=9"]),
    );
    expect(stderr).toContain("GET https://");
    expect(stderr).not.toContain("very-secret-token");
  });
});
