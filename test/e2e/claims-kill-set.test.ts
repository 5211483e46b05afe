import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import type { Claim } from "../../src/core/model.js";
import { it, type Scenario } from "./support/cluster.js";
import { killedAfterEach, type Sweep } from "./support/kill.js";
import { bound, runningSet, scaled } from "./support/sets.js";

/** A sweep is some dozens of runs of `sts`: its time is up to the machine. */
const patience = 400_000;

/** A set of its own for each run, with the claims of two ordinals. */
interface Prepared {
  name: string;
  /** As they were before. */
  claims: [Claim, Claim];
}

interface Shape {
  replicas: number;
  storageClass: string;
  retention?: { whenScaled?: string; whenDeleted?: string };
}

async function prepared(scenario: Scenario, run: number, shape: Shape): Promise<Prepared> {
  const name = `s${run}`;
  const { replicas, storageClass, retention } = shape;
  const both = [`www-${name}-0`, `www-${name}-1`] as const;
  await runningSet(scenario, name, {
    replicas: 2,
    templates: ["www"],
    storageClass,
    ...(retention && { retention }),
  });
  await bound(scenario, ...both);
  if (replicas !== 2) await scaled(scenario, name, replicas);
  const [first, second] = await Promise.all(both.map((claim) => scenario.read(kinds.claim, claim)));
  if (!first || !second) throw new Error(`${name} has lost a claim before the test`);
  return { name, claims: [first, second] };
}

async function expectKept(scenario: Scenario, ...claims: Claim[]): Promise<void> {
  for (const { metadata } of claims) {
    const now = await scenario.read(kinds.claim, metadata.name);
    expect(now?.metadata.uid).toBe(metadata.uid);
    expect(now?.metadata.deletionTimestamp).toBeUndefined();
  }
}

async function expectVolumesKept(scenario: Scenario, { claims }: Prepared): Promise<void> {
  for (const { spec } of claims) {
    const volume = await scenario.read(kinds.volume, spec.volumeName ?? "");
    expect(volume?.metadata.deletionTimestamp).toBeUndefined();
    expect(volume?.spec.persistentVolumeReclaimPolicy).toBe("Retain");
  }
}

/** The methods that a kill came after, besides reads. */
function writes(kills: readonly { method: string }[]): string[] {
  return [...new Set(kills.map(({ method }) => method))].filter((method) => method !== "GET").toSorted();
}

const deletedWithSet = { whenDeleted: "Delete" };

/** Sweeps over a command on sets of one replica; `writes` are the methods that a kill came after. */
function finishes(
  title: string,
  expected: { writes: string[]; retention?: Shape["retention"] },
  sweep: (scenario: Scenario) => Omit<Sweep<Prepared>, "prepare">,
): void {
  it(title, { timeout: patience }, async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    const { retention } = expected;
    const shape = { replicas: 1, storageClass, ...(retention && { retention }) };
    const kills = await killedAfterEach(scenario, {
      prepare: (run) => prepared(scenario, run, shape),
      ...sweep(scenario),
    });
    expect(writes(kills)).toEqual(expected.writes);
  });
}

describe("killed after any request, the same command finishes", () => {
  finishes(
    "scale --fresh: one claim goes, the others stay, and the set comes up",
    { writes: ["DELETE", "PATCH"] },
    (scenario) => ({
      args: ({ name }) => ["scale", name, "--replicas=2", "--fresh", "--yes"],
      afterKill: ({ claims: [first] }) => expectKept(scenario, first),
      async afterEnd({ name, claims: [first, second] }) {
        await expectKept(scenario, first);
        const anew = await scenario.read(kinds.claim, second.metadata.name);
        expect(anew?.metadata.uid).toBeDefined();
        expect(anew?.metadata.uid).not.toBe(second.metadata.uid);
        const set = await scenario.read(kinds.statefulSet, name);
        expect(set?.status?.readyReplicas).toBe(2);
      },
    }),
  );

  finishes(
    "delete --claims=keep under whenDeleted: Delete: no claim goes",
    { writes: ["DELETE", "PATCH"], retention: deletedWithSet },
    (scenario) => ({
      args: ({ name }) => ["delete", name, "--claims=keep", "--ignore-not-found"],
      afterKill: ({ claims }) => expectKept(scenario, ...claims),
      async afterEnd({ name, claims }) {
        expect(await scenario.read(kinds.statefulSet, name)).toBeUndefined();
        await expectKept(scenario, ...claims);
      },
    }),
  );

  finishes(
    "delete --claims=delete --keep-data under whenDeleted: Delete: claims go, no volume",
    { writes: ["DELETE", "PATCH"], retention: deletedWithSet },
    (scenario) => ({
      args: ({ name }) => [
        ...["delete", name, "--claims=delete", "--keep-data", "--yes", "--ignore-not-found"],
      ],
      async afterEnd(state) {
        expect(await scenario.read(kinds.statefulSet, state.name)).toBeUndefined();
        for (const { metadata } of state.claims)
          expect(await scenario.read(kinds.claim, metadata.name)).toBeUndefined();
        await expectVolumesKept(scenario, state);
        for (const { spec } of state.claims)
          await scenario.cluster.delete(kinds.volume, { name: spec.volumeName ?? "" });
      },
    }),
  );

  finishes(
    "pvc retention: a left-over claim is out of the policy's reach in the end",
    { writes: ["PATCH"], retention: deletedWithSet },
    (scenario) => ({
      args: ({ name }) => ["pvc", "retention", name, "deleted=Retain"],
      afterKill: ({ claims }) => expectKept(scenario, ...claims),
      async afterEnd({ name, claims }) {
        const set = await scenario.read(kinds.statefulSet, name);
        expect(set?.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted).toBe("Retain");
        await expectKept(scenario, ...claims);
        for (const { metadata } of claims) {
          const now = await scenario.read(kinds.claim, metadata.name);
          expect(now?.metadata.ownerReferences ?? []).toEqual([]);
        }
      },
    }),
  );
});
