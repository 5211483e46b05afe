import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import {
  boundAgain,
  gone,
  plainClaim,
  plainVolume,
  released,
  savedByHand,
  writeSaved,
} from "./support/backups.js";
import { it, type Scenario } from "./support/cluster.js";
import { killedAfterEach } from "./support/kill.js";
import { bound, leftover, runningSet, scaled } from "./support/sets.js";
import { claimsOf, ends, lines, names, podsOf } from "./support/walk.js";

const left = ["www-web-1", "www-web-2"];

/** `web` of three, scaled down to one. Returns the volumes of the claims that are left over. */
async function leftBehind(scenario: Scenario): Promise<Map<string, string | undefined>> {
  const storageClass = await scenario.storageClass();
  await runningSet(scenario, "web", { replicas: 3, templates: ["www"], storageClass });
  await scaled(scenario, "web", 1);
  const claims = await claimsOf(scenario);
  return new Map(left.map((name) => [name, claims.get(name)?.spec.volumeName]));
}

async function volumesAre(
  scenario: Scenario,
  volumes: ReadonlyMap<string, string | undefined>,
): Promise<void> {
  for (const [name, volume] of volumes) await boundAgain(scenario, name, volume);
}

describe("pvc restore gives claims back", () => {
  it("after a clean-up that kept the data, bound to the same volumes, and the pods come up on them", async ({
    scenario,
  }) => {
    const volumes = await leftBehind(scenario);
    const before = await claimsOf(scenario);
    await ends(scenario, 0, "pvc", "cleanup", "web", "--keep-data", "--backup=saved", "--yes");
    expect(names((await claimsOf(scenario)).keys())).toEqual(["www-web-0"]);

    const restored = await ends(scenario, 0, "pvc", "restore", "saved");
    expect(restored.stdout.split("\n")).toEqual([
      ...left.map((name) => `persistentvolumeclaim/${name} restored`),
      "",
    ]);
    const [one, two] = [...volumes.values()];
    expect(restored.stderr).toContain("these 2 volumes have reclaim policy Retain now, and had Delete");
    expect(restored.stderr).toContain(
      `kubectl patch pv ${one} ${two} -p '{"spec":{"persistentVolumeReclaimPolicy":"Delete"}}'`,
    );
    await volumesAre(scenario, volumes);
    const after = await claimsOf(scenario);
    for (const name of left) {
      const [old, now] = [before.get(name), after.get(name)];
      expect(now?.metadata.uid).not.toBe(old?.metadata.uid);
      expect(now?.metadata.labels).toEqual(old?.metadata.labels);
      expect(now?.spec).toEqual(old?.spec);
    }

    const again = await ends(scenario, 0, "pvc", "restore", "saved");
    expect(again.stdout).toBe(left.map((name) => `persistentvolumeclaim/${name} unchanged\n`).join(""));
    // The same folder once more holds two of each claim then, with the same volume.
    await ends(scenario, 0, "pvc", "cleanup", "web", "--keep-data", "--backup=saved", "--yes");
    expect(names((await claimsOf(scenario)).keys())).toEqual(["www-web-0"]);
    await ends(scenario, 0, "pvc", "restore", "saved");
    await volumesAre(scenario, volumes);
    await scaled(scenario, "web", 3);
    const pods = await podsOf(scenario);
    for (const ordinal of [1, 2]) {
      const mounted = pods
        .get(`web-${ordinal}`)
        ?.spec.volumes?.map((volume) => volume.persistentVolumeClaim?.claimName);
      expect(mounted).toContain(`www-web-${ordinal}`);
    }
    await volumesAre(scenario, volumes);
  });

  it("with their annotations, without owners that are gone, and by name or by file", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name: "web", uid: "gone" };
    await scenario.create(...left.map((name) => leftover(name, "web", storageClass)));
    await bound(scenario, ...left);
    const saved = await savedByHand(scenario, "saved", ...left);
    await gone(scenario, saved);
    const files = saved.map(({ claim, volume }) => {
      const annotations = { ...claim.metadata.annotations, note: "mine" };
      const metadata = { ...claim.metadata, annotations, ownerReferences: [owner] };
      return writeSaved(scenario, "saved", { claim: { ...claim, metadata }, ...(volume && { volume }) });
    });
    expect(await lines(scenario, "pvc", "restore", "saved", "www-web-1")).toEqual([
      "persistentvolumeclaim/www-web-1 restored",
    ]);
    expect(await lines(scenario, "pvc", "restore", files[1] ?? "", "-o", "name")).toEqual([
      "persistentvolumeclaim/www-web-2",
    ]);
    for (const { claim } of saved) {
      const { metadata } = await boundAgain(scenario, claim.metadata.name, claim.spec.volumeName);
      expect(metadata.annotations?.["note"]).toBe("mine");
      expect(metadata.ownerReferences).toBeUndefined();
    }
  });

  it("with the owner that is still there, and to the pod that waits for them", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    const retention = { whenScaled: "Retain", whenDeleted: "Delete" };
    await runningSet(scenario, "web", { replicas: 2, templates: ["www"], storageClass, retention });
    await scaled(scenario, "web", 1);
    const volume = (await scenario.read(kinds.claim, "www-web-1"))?.spec.volumeName;
    await ends(scenario, 0, "pvc", "cleanup", "web", "--keep-data", "--backup=saved", "--yes");
    await scenario.create({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "reader" },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{ name: "main", image: "nginx:1.29" }],
        volumes: [{ name: "data", persistentVolumeClaim: { claimName: "www-web-1" } }],
      },
    });
    const { stderr } = await ends(scenario, 0, "pvc", "restore", "saved");
    expect(stderr).toContain("note: pods that mount these claims start with them: reader");
    const { metadata } = await boundAgain(scenario, "www-web-1", volume);
    expect(metadata.ownerReferences).toMatchObject([{ kind: "StatefulSet", name: "web" }]);
    await scenario.until(
      "reader to run",
      kinds.pod,
      (pods) => pods.get("reader")?.status?.phase === "Running",
    );
  });

  it("of two namespaces, or with -n only those of one", async ({ scenario }) => {
    const other = `${scenario.namespace}-x`.slice(-63).replace(/^-+/, "");
    const volumes = ["a", "b"].map((end) => `${scenario.namespace}-${end}`.slice(-60).replace(/^-+/, ""));
    const [mine = "", theirs = ""] = volumes;
    await scenario.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: other } });
    try {
      await scenario.create(plainVolume(mine), plainClaim("data", mine));
      await bound(scenario, "data");
      const saved = await savedByHand(scenario, "saved", "data");
      await gone(scenario, saved);
      await scenario.create(plainVolume(theirs, { claimRef: { namespace: other, name: "data" } }));
      const volume = await scenario.read(kinds.volume, theirs);
      for (const { claim } of saved) {
        const metadata = { ...claim.metadata, namespace: other, uid: "another" };
        const its = { ...claim, metadata, spec: { ...claim.spec, volumeName: theirs } };
        writeSaved(scenario, "saved", { claim: its, ...(volume && { volume }) });
      }
      const nobodys = await ends(scenario, 2, "pvc", "restore", "saved", "-n", "nobody");
      expect(nobodys.stderr).toContain("the backup holds no claims of namespace nobody");
      const one = "persistentvolumeclaim/data";
      expect(await lines(scenario, "pvc", "restore", "saved", "-n", other)).toEqual([`${one} restored`]);
      expect(await claimsOf(scenario)).toEqual(new Map());
      const all = await lines(scenario, "pvc", "restore", "saved");
      expect(all.sort()).toEqual([`${one} restored`, `${one} unchanged in ${other} namespace`]);
      await boundAgain(scenario, "data", mine);
      const { items } = await scenario.cluster.list(kinds.claim, { namespace: other });
      expect(items.map(({ spec, status }) => [spec.volumeName, status?.phase])).toEqual([[theirs, "Bound"]]);
    } finally {
      await scenario.cluster.delete(kinds.namespace, { name: other });
      for (const name of volumes) await scenario.cluster.delete(kinds.volume, { name });
    }
  });

  it("whose volumes are about to be destroyed: those are kept first", async ({ scenario }) => {
    const volume = `${scenario.namespace}-a`.slice(-60).replace(/^-+/, "");
    await scenario.create(
      plainVolume(volume, { persistentVolumeReclaimPolicy: "Delete" }),
      plainClaim("data", volume),
    );
    await bound(scenario, "data");
    await savedByHand(scenario, "saved", "data");
    await scenario.cluster.delete(kinds.claim, { namespace: scenario.namespace, name: "data" });
    await scenario.until(
      "the volume to be Released",
      kinds.volume,
      (volumes) => volumes.get(volume)?.status?.phase === "Released",
    );
    const { stderr } = await ends(scenario, 0, "pvc", "restore", "saved");
    expect(stderr).toContain("this volume has reclaim policy Retain now, and had Delete");
    await boundAgain(scenario, "data", volume);
    expect((await scenario.read(kinds.volume, volume))?.spec.persistentVolumeReclaimPolicy).toBe("Retain");
    await scenario.cluster.delete(kinds.volume, { name: volume });
  });

  it("that are still on their way out, once they are gone; and says so when time runs out", async ({
    scenario,
  }) => {
    const storageClass = await scenario.storageClass();
    await scenario.create(leftover("www-web-1", "web", storageClass));
    await bound(scenario, "www-web-1");
    const [saved] = await savedByHand(scenario, "saved", "www-web-1");
    const ref = { namespace: scenario.namespace, name: "www-web-1" };
    const finalizers = (value: string[] | null) =>
      scenario.cluster.patch(kinds.claim, ref, { type: "merge", body: { metadata: { finalizers: value } } });
    await finalizers(["kubernetes.io/pvc-protection", "sts.test/hold"]);
    await scenario.cluster.delete(kinds.claim, ref);
    const refused = await ends(scenario, 7, "pvc", "restore", "saved", "--wait=false");
    expect(refused.stderr).toContain("the old claim is still Terminating");
    const late = await ends(scenario, 3, "pvc", "restore", "saved", "--timeout=1s");
    expect(late.stderr).toContain("unfinished: www-web-1: not within the time given");
    expect(late.stdout).toBe("");
    const volumeName = saved?.claim.spec.volumeName ?? "";
    expect((await scenario.read(kinds.volume, volumeName))?.spec.persistentVolumeReclaimPolicy).toBe(
      "Retain",
    );

    const running = scenario.start(["pvc", "restore", "saved"]);
    await running.untilWritten(/www-web-1/);
    await finalizers(null);
    expect((await running.ended).stdout).toBe("persistentvolumeclaim/www-web-1 restored\n");
    await boundAgain(scenario, "www-web-1", volumeName);
  });

  it("in the middle of a resize, and with a selector: the binder asks for neither", async ({ scenario }) => {
    const volume = `${scenario.namespace}-b`.slice(-60).replace(/^-+/, "");
    await scenario.create(plainVolume(volume), plainClaim("data", volume));
    await bound(scenario, "data");
    const saved = await savedByHand(scenario, "first", "data");
    await gone(scenario, saved);
    for (const { claim, volume: its } of saved) {
      const spec = {
        ...claim.spec,
        resources: { requests: { storage: "2Gi" } },
        selector: { matchLabels: { none: "such" } },
      };
      writeSaved(scenario, "saved", { claim: { ...claim, spec }, ...(its && { volume: its }) });
    }
    await ends(scenario, 0, "pvc", "restore", "saved");
    const claim = await boundAgain(scenario, "data", volume);
    expect(claim.spec.resources?.requests?.["storage"]).toBe("2Gi");
    await scenario.cluster.delete(kinds.volume, { name: volume });
  });
});

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
      expect(shown.stderr).toContain("Given back, each bound to its old volume:");
    }
    expect(await claimsOf(scenario)).toEqual(new Map());
    expect((await scenario.read(kinds.volume, name))?.metadata.resourceVersion).toBe(
      before?.metadata.resourceVersion,
    );
    await scenario.cluster.delete(kinds.volume, { name });
  });
});

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
