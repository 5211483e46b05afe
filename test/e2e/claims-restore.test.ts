import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import {
  boundAgain,
  gone,
  left,
  leftBehind,
  plainClaim,
  plainVolume,
  savedByHand,
  volumesAre,
  writeSaved,
} from "./support/backups.js";
import { it } from "./support/cluster.js";
import { bound, leftover, runningSet, scaled } from "./support/sets.js";
import { claimsOf, ends, lines, names, podsOf } from "./support/walk.js";

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

  it("the only claim of a set that is gone, too, which is known as that again", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    await runningSet(scenario, "web", { replicas: 1, templates: ["www"], storageClass });
    await ends(scenario, 0, "delete", "web");
    const state = () => ends(scenario, 0, "pvc", "list", "-o", "jsonpath={.items[*].state}");
    expect((await state()).stdout).toContain("set-deleted");
    const kept = ["--include=set-deleted", "--keep-data", "--backup=saved", "--yes"];
    await ends(scenario, 0, "pvc", "cleanup", "web", ...kept);
    await ends(scenario, 0, "pvc", "restore", "saved");
    expect((await state()).stdout).toContain("set-deleted");
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
