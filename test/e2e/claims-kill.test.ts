import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import type { Claim } from "../../src/core/model.js";
import { it, type Scenario } from "./support/cluster.js";
import { killedAfterEach } from "./support/kill.js";
import { bound, leftover, runningSet } from "./support/sets.js";
import { claimsOf, names } from "./support/walk.js";

interface Remains {
  set: string;
  /** The claims that must stay, as they were. */
  kept: Map<string, Claim>;
  left: string[];
}

/** A set with one replica and three claims above it. */
async function remains(scenario: Scenario, storageClass: string, run: number): Promise<Remains> {
  const set = `web-${run}`;
  const left = [1, 2, 3].map((ordinal) => `www-${set}-${ordinal}`);
  await runningSet(scenario, set, { templates: ["www"], storageClass });
  await scenario.create(...left.map((name) => leftover(name, set, storageClass)));
  await bound(scenario, `www-${set}-0`, ...left);
  const claims = [...(await claimsOf(scenario))].filter(([name]) => name.startsWith(`www-${set}-`));
  return { set, left, kept: new Map(claims.filter(([name]) => !left.includes(name))) };
}

/** The kept claim is the same object on the same volume, and was not asked to go. */
async function expectKept(scenario: Scenario, { kept }: Remains): Promise<void> {
  expect(kept.size).toBe(1);
  const claims = await claimsOf(scenario);
  for (const [name, { metadata, spec }] of kept) {
    const now = claims.get(name);
    expect(now?.metadata.uid).toBe(metadata.uid);
    expect(now?.metadata.deletionTimestamp).toBeUndefined();
    const volume = await scenario.read(kinds.volume, spec.volumeName ?? "");
    expect(volume?.spec.claimRef?.uid).toBe(metadata.uid);
    expect(volume?.metadata.deletionTimestamp).toBeUndefined();
  }
}

describe("pvc cleanup, killed after any of its requests", () => {
  it("loses nothing, and is finished by running it again", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    const kills = await killedAfterEach<Remains>(scenario, {
      prepare: (run) => remains(scenario, storageClass, run),
      args: ({ set }) => ["pvc", "cleanup", set, "--yes"],
      afterKill: (state) => expectKept(scenario, state),
      async afterEnd(state) {
        await expectKept(scenario, state);
        const claims = names((await claimsOf(scenario)).keys());
        expect(claims.filter((name) => state.left.includes(name))).toEqual([]);
      },
    });
    expect(kills.filter(({ method }) => method === "DELETE").length).toBeGreaterThanOrEqual(2);
  });
});
