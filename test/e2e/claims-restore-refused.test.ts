import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import {
  boundAgain,
  gone,
  left,
  leftBehind,
  savedByHand,
  volumesAre,
  writeSaved,
} from "./support/backups.js";
import { it } from "./support/cluster.js";
import { bound, leftover, scaled } from "./support/sets.js";
import { claimsOf, ends, lines, names } from "./support/walk.js";

describe("pvc restore refuses", () => {
  it("all of it when one cannot be, says why, and gives back those that are named", async ({ scenario }) => {
    const volumes = await leftBehind(scenario);
    await savedByHand(scenario, "saved", ...left);
    await ends(scenario, 0, "pvc", "cleanup", "web", "--yes");
    const [lost = "", kept = ""] = [...volumes.values()];
    await scenario.until(
      "the volumes to be destroyed",
      kinds.volume,
      (found) => !found.has(lost) && !found.has(kept),
    );
    const refused = await ends(scenario, 7, "pvc", "restore", "saved");
    expect(refused.stdout).toBe("");
    for (const [name, volume] of volumes) {
      expect(refused.stderr).toContain(
        `refused: ${name}: its volume ${volume} is gone, and the data with it`,
      );
    }
    expect(refused.stderr).toContain("error: nothing was restored: 2 of 2 cannot be\n");
    expect(names((await claimsOf(scenario)).keys())).toEqual(["www-web-0"]);
  });

  it("a claim whose name another one has, and leaves the others alone with it", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    await scenario.create(...left.map((name) => leftover(name, "web", storageClass)));
    await bound(scenario, ...left);
    const saved = await savedByHand(scenario, "saved", ...left);
    await gone(scenario, saved);
    await scenario.create(leftover("www-web-1", "web", storageClass));
    await bound(scenario, "www-web-1");
    const anew = (await scenario.read(kinds.claim, "www-web-1"))?.metadata.uid;
    const refused = await ends(scenario, 7, "pvc", "restore", "saved", "-o", "json");
    expect(refused.stderr).toContain(
      "refused: www-web-1: another claim of that name is there, bound to volume pvc-",
    );
    expect(refused.stderr).toContain("kubectl delete pvc www-web-1");
    expect(refused.stderr).toContain(
      "nothing was restored: 1 of 2 cannot be; only the others: sts pvc restore saved www-web-2",
    );
    const { items } = JSON.parse(refused.stdout) as { items: { name: string; outcome: string }[] };
    expect(items.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      "www-web-1 refused",
      "www-web-2 planned",
    ]);
    const [, two] = saved.map(({ volume }) => volume?.metadata.name);
    expect((await scenario.read(kinds.volume, two ?? ""))?.status?.phase).toBe("Released");
    expect(await lines(scenario, "pvc", "restore", "saved", "www-web-2")).toEqual([
      "persistentvolumeclaim/www-web-2 restored",
    ]);
    await boundAgain(scenario, "www-web-2", two);
    expect((await scenario.read(kinds.claim, "www-web-1"))?.metadata.uid).toBe(anew);
  });

  it("what a set that was scaled up too early has made anew, until that is cleaned up", async ({
    scenario,
  }) => {
    const volumes = await leftBehind(scenario);
    await ends(scenario, 0, "pvc", "cleanup", "web", "--keep-data", "--backup=saved", "--yes");
    await scaled(scenario, "web", 3);
    const refused = await ends(scenario, 7, "pvc", "restore", "saved");
    for (const ordinal of [1, 2]) {
      expect(refused.stderr).toMatch(
        new RegExp(
          `refused: www-web-${ordinal}: another claim .* bound to volume pvc-.*, mounted by web-${ordinal}\n`,
        ),
      );
    }
    await scaled(scenario, "web", 1);
    await ends(scenario, 0, "pvc", "cleanup", "web", "--yes");
    await ends(scenario, 0, "pvc", "restore", "saved");
    await scaled(scenario, "web", 3);
    await volumesAre(scenario, volumes);
  });

  it("what the server would not take: a claim of a namespace that is not there", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    await scenario.create(leftover("www-web-1", "web", storageClass));
    await bound(scenario, "www-web-1");
    const [saved] = await savedByHand(scenario, "saved", "www-web-1");
    if (!saved) throw new Error("nothing saved");
    await gone(scenario, [saved]);
    const namespace = `${scenario.namespace}-none`.slice(-63).replace(/^-+/, "");
    const volume = saved.volume && {
      ...saved.volume,
      spec: { ...saved.volume.spec, claimRef: { ...saved.volume.spec.claimRef, namespace } },
    };
    const metadata = { ...saved.claim.metadata, namespace };
    writeSaved(scenario, "elsewhere", { claim: { ...saved.claim, metadata }, ...(volume && { volume }) });
    const elsewhere = await ends(scenario, 7, "pvc", "restore", "elsewhere");
    expect(elsewhere.stderr).toContain(`belongs to ${scenario.namespace}/www-web-1 now`);
    const name = saved.volume?.metadata.name ?? "";
    const body = { spec: { claimRef: { namespace } } };
    await scenario.cluster.patch(kinds.volume, { name }, { type: "merge", body });
    const missing = await ends(scenario, 7, "pvc", "restore", "elsewhere");
    expect(missing.stderr).toContain(
      `its namespace ${namespace} is not there: kubectl create namespace ${namespace}`,
    );
    expect((await scenario.read(kinds.volume, name))?.spec.claimRef?.uid).toBe(saved.claim.metadata.uid);
    await scenario.cluster.delete(kinds.volume, { name });
  });

  it("who may not read volumes", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    await scenario.create(leftover("www-web-1", "web", storageClass));
    await bound(scenario, "www-web-1");
    await savedByHand(scenario, "saved", "www-web-1");
    const env = { KUBECONFIG: scenario.kubeconfigOf("stranger") };
    const refused = await scenario.sts(["pvc", "restore", "saved"], { env });
    expect(refused.code).toBe(7);
    expect(refused.stderr).toContain("error: nothing was restored: volumes may not be read here");
  });

  it("to change anything in a dry run", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    await scenario.create(leftover("www-web-1", "web", storageClass));
    await bound(scenario, "www-web-1");
    const saved = await savedByHand(scenario, "saved", "www-web-1");
    await gone(scenario, saved);
    const name = saved[0]?.volume?.metadata.name ?? "";
    const before = await scenario.read(kinds.volume, name);
    for (const [flag, suffix] of [
      ["--dry-run", "dry run"],
      ["--dry-run=server", "server dry run"],
    ] as const) {
      const shown = await ends(scenario, 0, "pvc", "restore", "saved", flag);
      expect(shown.stdout).toBe(`persistentvolumeclaim/www-web-1 restored (${suffix})\n`);
      expect(shown.stderr).toContain("To be given back, each bound to its old volume:");
    }
    expect(await claimsOf(scenario)).toEqual(new Map());
    expect((await scenario.read(kinds.volume, name))?.metadata.resourceVersion).toBe(
      before?.metadata.resourceVersion,
    );
    await scenario.cluster.delete(kinds.volume, { name });
  });
});
