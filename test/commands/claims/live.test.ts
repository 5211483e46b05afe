import { beforeEach, describe, expect, it } from "vitest";
import type { Cluster, Mirror } from "../../../src/cluster/index.js";
import { LiveClaims } from "../../../src/commands/claims/live.js";
import { kinds, type Kind } from "../../../src/core/kinds.js";
import type { KubeObject } from "../../../src/core/model.js";
import { FakeCluster } from "./fake-cluster.js";

const claims = kinds.claim.resource;
const pods = kinds.pod.resource;
const sets = kinds.statefulSet.resource;

let fake: FakeCluster;
let stop: AbortController;
/** Of each resource: how many times all of it was gone through. */
let readings: Map<string, number>;
/** What the mirrors keep, by resource. */
let mirrors: Map<string, Mirror<unknown>>;

beforeEach(() => {
  fake = new FakeCluster();
  stop = new AbortController();
  readings = new Map();
  mirrors = new Map();
  putSet(1);
  putPod("Pending");
  for (const ordinal of [0, 1, 2, 3]) putClaim(ordinal);
});

function putSet(replicas: number, status: object = {}): KubeObject {
  const selector = { matchLabels: { app: "web" } };
  const volumeClaimTemplates = [{ metadata: { name: "www" } }];
  return fake.put(sets, {
    metadata: { name: "web" },
    spec: { replicas, selector, volumeClaimTemplates },
    status,
  });
}

function putPod(phase: string, claim = "www-web-0"): KubeObject {
  const volumes = [{ name: "www", persistentVolumeClaim: { claimName: claim } }];
  return fake.put(pods, { metadata: { name: "web-0" }, spec: { volumes }, status: { phase } });
}

function putClaim(ordinal: number): KubeObject {
  const metadata = { name: `www-web-${ordinal}`, labels: { app: "web" }, managedFields: [{ manager: "x" }] };
  return fake.put(claims, { metadata, spec: { resources: { requests: { storage: "1Gi" } } } });
}

/** Live claims whose mirrors count how often somebody goes through them. */
async function open(): Promise<{ live: LiveClaims; told: string[] }> {
  const cluster = fake.asCluster();
  const mirror = (kind: Kind, ...rest: unknown[]) => {
    const made = (cluster.mirror as (...words: unknown[]) => Mirror<unknown>)(kind, ...rest);
    mirrors.set(kind.resource, made);
    return {
      get items() {
        readings.set(kind.resource, (readings.get(kind.resource) ?? 0) + 1);
        return made.items;
      },
      named: made.named,
      ready: made.ready,
      stop: made.stop,
    };
  };
  const counted = { ...cluster, mirror } as unknown as Cluster;
  const live = new LiveClaims(counted, { namespace: "default" }, [], stop.signal);
  await live.ready();
  const told: string[] = [];
  live.onChange((changed, gone) => told.push(gone ? `${gone.name} has gone` : changed));
  return { live, told };
}

const statesOf = (live: LiveClaims) => live.claims().map((claim) => live.judge(claim).state);

describe("live claims", () => {
  it("keep facts only, and drop the objects", async () => {
    await open();
    for (const kept of mirrors.values()) {
      for (const facts of kept.items.values()) expect(facts).not.toHaveProperty("metadata");
    }
    expect([...mirrors.keys()].sort()).toEqual([claims, kinds.autoscaler.resource, pods, sets].sort());
  });

  it("go through pods and sets once for any number of judgements", async () => {
    const { live } = await open();
    readings.clear();
    expect(statesOf(live)).toEqual(["in-use", "scaled-down", "scaled-down", "scaled-down"]);
    expect(statesOf(live)).toHaveLength(4);
    expect([readings.get(pods), readings.get(sets)]).toEqual([1, 1]);
  });

  it("tell each claim that goes, and judge by the same as before", async () => {
    const { live, told } = await open();
    statesOf(live);
    readings.clear();
    for (const ordinal of [1, 2, 3]) {
      fake.remove(claims, `www-web-${ordinal}`);
      expect(statesOf(live)).not.toContain("not-ours");
    }
    expect(told).toEqual(["www-web-1 has gone", "www-web-2 has gone", "www-web-3 has gone"]);
    expect([readings.get(pods), readings.get(sets)]).toEqual([undefined, undefined]);
  });

  it("say nothing of a status that no judgement rests on", async () => {
    const { live, told } = await open();
    statesOf(live);
    readings.clear();
    putPod("Running");
    putSet(1, { readyReplicas: 1 });
    expect(told).toEqual([]);
    statesOf(live);
    expect(readings.get(pods)).toBeUndefined();
  });

  it("judge anew once a pod or a set is another", async () => {
    const { live, told } = await open();
    statesOf(live);
    readings.clear();
    putPod("Running", "www-web-3");
    putSet(2);
    expect(told).toEqual(["surroundings", "surroundings"]);
    expect(statesOf(live)).toEqual(["reserved", "reserved", "scaled-down", "in-use"]);
    expect(readings.get(pods)).toBe(1);
  });

  it("find a claim by its name as it is now", async () => {
    const { live, told } = await open();
    const [, before] = live.claims();
    if (!before) throw new Error("there is a second claim");
    fake.remove(claims, before.name);
    expect([live.has(before), live.claim(before)]).toEqual([false, undefined]);
    putClaim(1);
    expect(live.claim(before)?.resourceVersion).not.toBe(before.resourceVersion);
    expect(told).toEqual(["www-web-1 has gone", "claims"]);
  });
});
