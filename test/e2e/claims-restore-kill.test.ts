import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import { plainClaim, plainVolume, released, savedByHand, volumesAre } from "./support/backups.js";
import { it, type Scenario } from "./support/cluster.js";
import { killedAfterEach } from "./support/kill.js";
import { bound } from "./support/sets.js";

describe("pvc restore, killed after any of its requests", () => {
  interface Saved {
    folder: string;
    volumes: Map<string, string | undefined>;
  }

  /** One claim whose volume is kept already, and one whose volume only has no driver that would destroy it. */
  async function saved(scenario: Scenario, run: number): Promise<Saved> {
    const [folder, volume] = [`saved-${run}`, `${scenario.namespace}-${run}`.slice(-60).replace(/^-+/, "")];
    const [kept, atRisk] = [`kept-${run}`, `at-risk-${run}`];
    await scenario.create(
      plainVolume(`${volume}-k`),
      plainClaim(kept, `${volume}-k`),
      plainVolume(volume, { persistentVolumeReclaimPolicy: "Delete" }),
      plainClaim(atRisk, volume),
    );
    await bound(scenario, kept, atRisk);
    const all = await savedByHand(scenario, folder, kept, atRisk);
    await released(scenario, all);
    return {
      folder,
      volumes: new Map(all.map(({ claim }) => [claim.metadata.name, claim.spec.volumeName])),
    };
  }

  it("loses nothing, and is finished by running it again", async ({ scenario }) => {
    const kills = await killedAfterEach<Saved>(scenario, {
      prepare: (run) => saved(scenario, run),
      mostOnRealCluster: 8,
      args: ({ folder }) => ["pvc", "restore", folder],
      async afterKill({ volumes }) {
        for (const [claim, name] of volumes) {
          const volume = await scenario.read(kinds.volume, name ?? "");
          expect(volume?.metadata.deletionTimestamp).toBeUndefined();
          expect(volume?.spec.claimRef?.name).toBe(claim);
          const made = await scenario.read(kinds.claim, claim);
          if (made) expect(volume?.spec.persistentVolumeReclaimPolicy).toBe("Retain");
        }
      },
      async afterEnd({ volumes }, { stderr }) {
        await volumesAre(scenario, volumes);
        expect(stderr).toContain("this volume has reclaim policy Retain now, and had Delete");
        for (const [, name] of volumes) {
          const volume = await scenario.read(kinds.volume, name ?? "");
          expect(volume?.spec.persistentVolumeReclaimPolicy).toBe("Retain");
          await scenario.cluster.delete(kinds.volume, { name: name ?? "" });
        }
      },
    });
    const writes = kills.filter(({ path }) => !path.includes("dryRun"));
    expect(writes.filter(({ method }) => method === "PATCH").length).toBeGreaterThanOrEqual(2);
    expect(writes.filter(({ method }) => method === "POST").length).toBeGreaterThanOrEqual(1);
  }, 240_000);
});
