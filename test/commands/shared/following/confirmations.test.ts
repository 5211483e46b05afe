import { describe, expect, it } from "vitest";
import { Confirmations } from "../../../../src/commands/shared/following/confirmations.js";
import { kinds } from "../../../../src/core/kinds.js";
import type { StatefulSet } from "../../../../src/core/model.js";
import { FakeCluster } from "../../../support/fake-cluster.js";
import { makeSet } from "../../../support/objects.js";

const names = Array.from({ length: 20 }, (_unused, index) => `set-${index}`);

/** Twenty sets; `mirrored` are those that the mirror has at another version than the server. */
function prepare({
  shared = true,
  mirrored = {},
}: { shared?: boolean; mirrored?: Record<string, string> } = {}) {
  const cluster = new FakeCluster();
  const sets = names.map((name) => makeSet({ name }));
  cluster.put(kinds.statefulSet, ...sets);
  const confirmations = new Confirmations(cluster, {
    scopeOf: (namespace) => (shared ? { namespace } : undefined),
    set: (_namespace, name) => {
      const set = sets.find(({ metadata }) => metadata.name === name);
      return set && withVersion(set, mirrored[name] ?? "1");
    },
  });
  const readAll = async () => {
    confirmations.begin();
    const before = cluster.requests;
    const found = [];
    for (const name of names) found.push(await confirmations.read({ namespace: "default", name }));
    expect(found.map(({ metadata }) => metadata.name)).toEqual(names);
    return cluster.requests - before;
  };
  return { cluster, confirmations, readAll };
}

function withVersion(set: StatefulSet, resourceVersion: string): StatefulSet {
  return { ...set, metadata: { ...set.metadata, resourceVersion } };
}

describe("confirmations", () => {
  it("read a few sets one by one, and all others as one list, in each round anew", async () => {
    const { readAll } = prepare();
    expect(await readAll()).toBe(9);
    expect(await readAll()).toBe(9);
  });

  it("read every set on its own where they are watched on their own", async () => {
    expect(await prepare({ shared: false }).readAll()).toBe(20);
  });

  it("take no list's word that is older than what the mirror has seen", async () => {
    const { readAll } = prepare({ mirrored: { "set-15": "2", "set-17": "2" } });
    expect(await readAll()).toBe(11);
  });

  it("give the cluster's answer for a set that is gone", async () => {
    const { cluster, confirmations } = prepare();
    cluster.remove(kinds.statefulSet, makeSet({ name: "set-9" }));
    confirmations.begin();
    for (const name of names.slice(0, 9)) await confirmations.read({ namespace: "default", name });
    await expect(confirmations.read({ namespace: "default", name: "set-9" })).rejects.toMatchObject({
      reason: "NotFound",
    });
  });
});
