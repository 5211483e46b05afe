import { describe, expect, it } from "vitest";
import { storageClass } from "./fixtures.js";
import { cluster, createClaim, createVolume, phaseOf } from "./fresh-cluster.js";

describe("claim binder: phases and reclaiming", () => {
  it("semantics: Retain leaves a Released volume with its reference", async () => {
    await createVolume("disk", "1Gi");
    await createClaim("www");
    await cluster.delete("persistentvolumeclaims", "www");
    expect(await phaseOf("persistentvolumes", "disk")).toBe("Released");
    await createClaim("www");
    expect(await phaseOf("persistentvolumeclaims", "www")).toBe("Pending");
  });

  it("semantics: gives a claim back to its volume once the reference has lost its UID", async () => {
    await createVolume("disk", "1Gi");
    await createClaim("www");
    await cluster.delete("persistentvolumeclaims", "www");
    await createClaim("www", { volumeName: "disk" });
    await cluster.patch("persistentvolumes", "disk", {
      spec: { claimRef: { uid: null, resourceVersion: null } },
    });
    expect(await phaseOf("persistentvolumeclaims", "www")).toBe("Bound");
    expect(await phaseOf("persistentvolumes", "disk")).toBe("Bound");
  });

  it("semantics: a new claim with bind-completed is Lost for good", async () => {
    await createVolume("disk", "1Gi");
    await createClaim("www");
    await cluster.delete("persistentvolumeclaims", "www");
    await createClaim(
      "www",
      { volumeName: "disk" },
      { annotations: { "pv.kubernetes.io/bind-completed": "yes" } },
    );
    expect(await phaseOf("persistentvolumeclaims", "www")).toBe("Lost");
    expect(await cluster.events("www")).toContain(
      "ClaimMisbound: Two claims are bound to the same volume, this one is bound incorrectly",
    );
  });

  it("a claim whose volume is gone is Lost", async () => {
    await createVolume("disk", "1Gi");
    await createClaim("www");
    await cluster.delete("persistentvolumes", "disk");
    await cluster.patch("persistentvolumes", "disk", { metadata: { finalizers: null } });
    expect(await cluster.events("www")).toEqual([
      "ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!",
    ]);
    expect(await phaseOf("persistentvolumeclaims", "www")).toBe("Lost");
  });

  it("kubernetes.io/pv-protection keeps a bound volume until its claim is gone", async () => {
    await createVolume("disk", "1Gi");
    await createClaim("www");
    await cluster.delete("persistentvolumes", "disk");
    expect((await cluster.get("persistentvolumes", "disk")).metadata.deletionTimestamp).toBeDefined();
    await cluster.delete("persistentvolumeclaims", "www");
    expect(await cluster.names("persistentvolumes")).toEqual([]);
  });

  it("Delete: leaves a driver's volume to its provisioner, and fails where nobody can delete", async () => {
    await cluster.create("storageclasses", storageClass("disk"));
    await createClaim("www", { storageClassName: "disk" });
    await cluster.play();
    await cluster.delete("persistentvolumeclaims", "www");
    expect((await cluster.port.list("persistentvolumes")).map(({ status }) => status.phase)).toEqual([
      "Released",
    ]);
    await createVolume("local", "1Gi", { persistentVolumeReclaimPolicy: "Delete" });
    await createClaim("log");
    await cluster.delete("persistentvolumeclaims", "log");
    expect(await phaseOf("persistentvolumes", "local")).toBe("Failed");
    expect(await cluster.events("local")).toEqual([
      "VolumeFailedDelete: host_path deleter only supports /tmp/.+ but received provided /data",
    ]);
  });

  it("Recycle: a pod wipes the volume, which is free again afterwards", async () => {
    await createVolume("disk", "1Gi", { persistentVolumeReclaimPolicy: "Recycle" });
    await createClaim("www");
    await cluster.delete("persistentvolumeclaims", "www");
    expect(await phaseOf("persistentvolumes", "disk")).toBe("Released");
    await cluster.run("recycler-for-disk", { phase: "Succeeded" });
    expect(await phaseOf("persistentvolumes", "disk")).toBe("Available");
    expect(await cluster.names("pods")).toEqual([]);
    expect((await cluster.get("persistentvolumes", "disk")).spec.claimRef).toBeUndefined();
    expect(await cluster.events("disk")).toEqual(["VolumeRecycled: Volume recycled"]);
  });

  it("Recycle: a volume that somebody frees by hand needs no wiping any more", async () => {
    await createVolume("disk", "1Gi", { persistentVolumeReclaimPolicy: "Recycle" });
    await createClaim("www");
    await cluster.delete("persistentvolumeclaims", "www");
    expect(await cluster.names("pods")).toEqual(["recycler-for-disk"]);
    await cluster.patch("persistentvolumes", "disk", { spec: { claimRef: null } });
    expect(await phaseOf("persistentvolumes", "disk")).toBe("Available");
    expect(await cluster.names("pods")).toEqual([]);
  });
});
