import { beforeEach, describe, expect, it } from "vitest";
import { claimTemplate, storageClass, webSet } from "./fixtures.js";
import { cluster, restart, scale } from "./fresh-cluster.js";

beforeEach(async () => {
  await cluster.create("storageclasses", storageClass("disk", {}, true));
});

async function running(policy: object | undefined, replicas = 2): Promise<void> {
  const spec = { replicas, volumeClaimTemplates: [claimTemplate("www")] };
  await cluster.create("statefulsets", webSet({ ...spec, persistentVolumeClaimRetentionPolicy: policy }));
  await cluster.play();
}

async function ownersOf(claim: string): Promise<string[]> {
  const owners = (await cluster.get("persistentvolumeclaims", claim)).metadata.ownerReferences ?? [];
  return owners.map(({ kind, name, controller }) => `${kind}/${name}${controller ? "" : " (no controller)"}`);
}

describe("semantics: claims and retention (whenScaled / whenDeleted)", () => {
  it("Retain / Retain: no owner; claims survive scale-down and delete, and come back attached", async () => {
    await running(undefined);
    expect(await ownersOf("www-web-1")).toEqual([]);
    const { uid } = (await cluster.get("persistentvolumeclaims", "www-web-1")).metadata;
    await scale(1);
    await cluster.play();
    await scale(2);
    await cluster.play();
    expect((await cluster.get("persistentvolumeclaims", "www-web-1")).metadata.uid).toBe(uid);
    await cluster.delete("statefulsets", "web", { propagation: "Background" });
    await cluster.play();
    expect(await cluster.names("pods")).toEqual([]);
    expect(await cluster.names("persistentvolumeclaims")).toEqual(["www-web-0", "www-web-1"]);
  });

  it("Retain / Delete: owned by the set; kept on scale-down, gone with the set", async () => {
    await running({ whenScaled: "Retain", whenDeleted: "Delete" });
    expect(await ownersOf("www-web-1")).toEqual(["StatefulSet/web"]);
    await scale(1);
    await cluster.play();
    expect(await ownersOf("www-web-1")).toEqual(["StatefulSet/web"]);
    await cluster.delete("statefulsets", "web", { propagation: "Background" });
    await cluster.play();
    expect(await cluster.names("persistentvolumeclaims")).toEqual([]);
  });

  it("Delete / Retain: owned by the pod, only once it is condemned, and gone with it", async () => {
    await running({ whenScaled: "Delete", whenDeleted: "Retain" });
    expect(await ownersOf("www-web-1")).toEqual([]);
    await scale(1);
    expect(await ownersOf("www-web-1")).toEqual(["Pod/web-1"]);
    await cluster.play();
    expect(await cluster.names("persistentvolumeclaims")).toEqual(["www-web-0"]);
    await cluster.delete("statefulsets", "web", { propagation: "Background" });
    await cluster.play();
    expect(await cluster.names("persistentvolumeclaims")).toEqual(["www-web-0"]);
  });

  it("Delete / Delete: owned by the set while in range, by the pod once condemned", async () => {
    await running({ whenScaled: "Delete", whenDeleted: "Delete" });
    expect(await ownersOf("www-web-1")).toEqual(["StatefulSet/web"]);
    await scale(1);
    expect(await ownersOf("www-web-1")).toEqual(["Pod/web-1"]);
    expect(await ownersOf("www-web-0")).toEqual(["StatefulSet/web"]);
    await cluster.play();
    expect(await cluster.names("persistentvolumeclaims")).toEqual(["www-web-0"]);
  });

  it("applies a changed policy to the claims that there are", async () => {
    await running({ whenScaled: "Retain", whenDeleted: "Delete" });
    const keep = { whenScaled: "Retain", whenDeleted: "Retain" };
    await cluster.patch("statefulsets", "web", { spec: { persistentVolumeClaimRetentionPolicy: keep } });
    expect(await ownersOf("www-web-0")).toEqual([]);
    expect(await ownersOf("www-web-1")).toEqual([]);
  });

  it("orphan delete takes the set's references off its claims too", async () => {
    await running({ whenScaled: "Retain", whenDeleted: "Delete" });
    await cluster.delete("statefulsets", "web", { propagation: "Orphan" });
    await cluster.play();
    expect(await ownersOf("www-web-0")).toEqual([]);
    expect(await cluster.names("pods")).toEqual(["web-0", "web-1"]);
  });

  it("leaves a claim alone that another controls, and says so", async () => {
    const config = await cluster.create("configmaps", { metadata: { name: "boss", namespace: "default" } });
    const boss = {
      apiVersion: "v1",
      kind: "ConfigMap",
      name: "boss",
      uid: config.metadata.uid,
      controller: true,
    };
    const metadata = { name: "www-web-0", namespace: "default", ownerReferences: [boss] };
    await cluster.create("persistentvolumeclaims", { ...claimTemplate("www"), metadata });
    await running({ whenScaled: "Retain", whenDeleted: "Delete" }, 1);
    expect(await ownersOf("www-web-0")).toEqual(["ConfigMap/boss"]);
    const [event] = (await cluster.events("web")).filter((each) => each.startsWith("ConflictingController"));
    expect(event).toContain("PersistentVolumeClaim www-web-0 has a conflicting OwnerReference");
  });
});

describe("semantics: claims that are being deleted", () => {
  it("a claim in Terminating blocks the pod that would use it again", async () => {
    await running(undefined, 1);
    await cluster.patch("persistentvolumeclaims", "www-web-0", {
      metadata: { finalizers: ["example.org/hold"] },
    });
    await cluster.delete("persistentvolumeclaims", "www-web-0");
    expect(await cluster.names("persistentvolumeclaims")).toEqual(["www-web-0"]);
    await cluster.delete("pods", "web-0");
    await cluster.end("web-0");
    expect(await cluster.names("pods")).toEqual([]);
    const message =
      "FailedCreate: Create Pod web-0 in StatefulSet web failed error: pvc www-web-0 is being deleted";
    expect((await cluster.events("web")).some((event) => event.startsWith(message))).toBe(true);
    cluster.failures.length = 0;
    await cluster.patch("persistentvolumeclaims", "www-web-0", { metadata: { finalizers: null } });
    await cluster.pass(120);
    expect(await cluster.names("pods")).toEqual(["web-0"]);
    cluster.failures.length = 0;
  });

  it("under whenScaled=Delete a claim of the pod before is waited out after a quick scale down and up", async () => {
    await running({ whenScaled: "Delete", whenDeleted: "Retain" });
    await cluster.patch("persistentvolumeclaims", "www-web-1", {
      metadata: { finalizers: ["example.org/hold"] },
    });
    await scale(1);
    await scale(2);
    await cluster.end("web-1");
    expect(await cluster.names("pods")).toEqual(["web-0"]);
    await cluster.patch("persistentvolumeclaims", "www-web-1", { metadata: { finalizers: null } });
    await cluster.pass(120);
    await cluster.play();
    expect(await cluster.names("pods")).toEqual(["web-0", "web-1"]);
    expect(await ownersOf("www-web-1")).toEqual([]);
    cluster.failures.length = 0;
  });

  it("kubernetes.io/pvc-protection keeps a claim while a pod uses it", async () => {
    await running(undefined, 1);
    await cluster.delete("persistentvolumeclaims", "www-web-0");
    const claim = await cluster.get("persistentvolumeclaims", "www-web-0");
    expect(claim.metadata.deletionTimestamp).toBeDefined();
    await scale(0);
    await cluster.play();
    expect(await cluster.names("persistentvolumeclaims")).toEqual([]);
  });
});

describe("semantics: the condition Unused", () => {
  const unused = async (claim: string) => {
    const { conditions = [] } = (await cluster.get("persistentvolumeclaims", claim)).status;
    return conditions.map(
      ({ type, status, reason }: Record<string, string>) => `${type}=${status} ${reason}`,
    );
  };

  it("1.37 writes since when nobody uses a bound claim", async () => {
    await running(undefined);
    expect(await unused("www-web-1")).toEqual(["Unused=False PodUsingPVC"]);
    await scale(1);
    await cluster.play();
    expect(await unused("www-web-1")).toEqual(["Unused=True NoPodsUsingPVC"]);
  });

  it("1.36 does not", async () => {
    await restart({ kubernetesVersion: "1.36" });
    await cluster.create("storageclasses", storageClass("disk", {}, true));
    await running(undefined);
    expect(await unused("www-web-1")).toEqual([]);
  });
});
