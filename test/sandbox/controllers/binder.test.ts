import { describe, expect, it } from "vitest";
import { claimTemplate, storageClass, webSet } from "./fixtures.js";
import { cluster, createClaim, createVolume, phaseOf } from "./fresh-cluster.js";

const volumeOf = async (name: string) => (await cluster.get("persistentvolumeclaims", name)).spec.volumeName;

describe("claim binder: static volumes", () => {
  it("binds the smallest volume that fits, and marks both", async () => {
    for (const [name, size] of [
      ["big", "10Gi"],
      ["small", "512Mi"],
      ["fitting", "2Gi"],
    ] as const)
      await createVolume(name, size);
    expect(await phaseOf("persistentvolumes", "fitting")).toBe("Available");
    await createClaim("www");
    const bound = await cluster.get("persistentvolumeclaims", "www");
    expect(bound.spec.volumeName).toBe("fitting");
    expect(bound.status).toMatchObject({
      phase: "Bound",
      capacity: { storage: "2Gi" },
      accessModes: ["ReadWriteOnce"],
    });
    const yes = { "pv.kubernetes.io/bound-by-controller": "yes" };
    expect(bound.metadata.annotations).toEqual({ ...yes, "pv.kubernetes.io/bind-completed": "yes" });
    const taken = await cluster.get("persistentvolumes", "fitting");
    expect(taken.status.phase).toBe("Bound");
    expect(taken.metadata.annotations).toEqual(yes);
    expect(taken.spec.claimRef).toMatchObject({
      kind: "PersistentVolumeClaim",
      name: "www",
      uid: bound.metadata.uid,
    });
  });

  it.each([
    ["class", { storageClassName: "fast" }, {}],
    ["access mode", { accessModes: ["ReadOnlyMany"] }, {}],
    ["volumeMode", { volumeMode: "Block" }, {}],
    ["selector", {}, { selector: { matchLabels: { tier: "gold" } } }],
    ["claimRef", { claimRef: { namespace: "default", name: "other" } }, {}],
  ])("does not bind a volume that differs in %s", async (_what, ofVolume, ofClaim) => {
    await createVolume("disk", "1Gi", ofVolume);
    await createClaim("www", ofClaim);
    expect(await phaseOf("persistentvolumeclaims", "www")).toBe("Pending");
    expect(await cluster.events("www")).toContain(
      "FailedBinding: no persistent volumes available for this claim and no storage class is set",
    );
  });

  it("binds a claim that waits as soon as a volume appears", async () => {
    await createClaim("www");
    await createVolume("disk", "1Gi");
    expect(await volumeOf("www")).toBe("disk");
  });

  it("prefers the volume that is reserved for the claim, whatever its class", async () => {
    await createVolume("smaller", "1Gi");
    await createVolume("reserved", "5Gi", {
      storageClassName: "fast",
      claimRef: { namespace: "default", name: "www" },
    });
    await createClaim("www");
    expect(await volumeOf("www")).toBe("reserved");
    expect((await cluster.get("persistentvolumes", "reserved")).metadata.annotations).toBeUndefined();
  });

  it("heeds a volume that the claim names, and says why it cannot be had", async () => {
    await createVolume("tiny", "1Mi");
    await createClaim("www", { volumeName: "tiny" });
    expect(await phaseOf("persistentvolumeclaims", "www")).toBe("Pending");
    expect(await cluster.events("www")).toEqual([
      'VolumeMismatch: Cannot bind to requested volume "tiny": requested PV is too small',
    ]);
    await createVolume("right", "1Gi");
    await createClaim("log", { volumeName: "right" });
    expect(await phaseOf("persistentvolumeclaims", "log")).toBe("Bound");
    await createClaim("late", { volumeName: "right" });
    expect(await cluster.events("late")).toEqual([
      'FailedBinding: volume "right" already bound to a different claim.',
    ]);
  });

  it("gives a set of three its three volumes without a provisioner", async () => {
    for (const name of ["pv-0", "pv-1", "pv-2"]) await createVolume(name, "1Gi");
    await cluster.create("statefulsets", webSet({ volumeClaimTemplates: [claimTemplate("www")] }));
    await cluster.play();
    expect(await Promise.all(["www-web-0", "www-web-1", "www-web-2"].map(volumeOf))).toEqual([
      "pv-0",
      "pv-1",
      "pv-2",
    ]);
  });
});

describe("claim binder: provisioning", () => {
  const provisioner = "volume.kubernetes.io/storage-provisioner";

  it("Immediate: asks the class's provisioner, and binds the volume that it makes", async () => {
    await cluster.create("storageclasses", storageClass("disk"));
    await createClaim("www", { storageClassName: "disk" });
    const { annotations } = (await cluster.get("persistentvolumeclaims", "www")).metadata;
    expect(annotations?.[provisioner]).toBe("example.org/disk");
    const [event] = await cluster.events("www");
    expect(event).toContain(
      "ExternalProvisioning: Waiting for a volume to be created either by the external provisioner 'example.org/disk' or",
    );
    await cluster.play();
    expect(await phaseOf("persistentvolumeclaims", "www")).toBe("Bound");
  });

  it("WaitForFirstConsumer: waits for the scheduler to select a node", async () => {
    await cluster.create(
      "storageclasses",
      storageClass("disk", { volumeBindingMode: "WaitForFirstConsumer" }),
    );
    await createVolume("static", "1Gi", { storageClassName: "disk" });
    await createClaim("www", { storageClassName: "disk" });
    expect(await cluster.events("www")).toEqual([
      "WaitForFirstConsumer: waiting for first consumer to be created before binding",
    ]);
    expect(await volumeOf("www")).toBeUndefined();
    const node = { "volume.kubernetes.io/selected-node": "node-1" };
    await cluster.patch("persistentvolumeclaims", "www", { metadata: { annotations: node } });
    expect((await cluster.get("persistentvolumeclaims", "www")).metadata.annotations).toHaveProperty([
      provisioner,
    ]);
    await cluster.play();
    expect(await volumeOf("www")).toMatch(/^pvc-/);
  });

  it("WaitForFirstConsumer: names the pods that wait for the claim already", async () => {
    await cluster.create(
      "storageclasses",
      storageClass("disk", { volumeBindingMode: "WaitForFirstConsumer" }),
    );
    const volumes = [{ name: "www", persistentVolumeClaim: { claimName: "www" } }];
    const spec = { containers: [{ name: "nginx", image: "nginx" }], volumes };
    await cluster.create("pods", { metadata: { name: "early", namespace: "default" }, spec });
    await cluster.pass(1);
    await createClaim("www", { storageClassName: "disk" });
    expect(await cluster.events("www")).toEqual([
      "WaitForPodScheduled: waiting for pod early to be scheduled",
    ]);
  });

  it("gives a claim that names no class the default one, also when that comes later", async () => {
    await createClaim("www");
    await createClaim("none", { storageClassName: "" });
    await cluster.create("storageclasses", storageClass("disk", {}, true));
    expect((await cluster.get("persistentvolumeclaims", "www")).spec.storageClassName).toBe("disk");
    expect((await cluster.get("persistentvolumeclaims", "none")).spec.storageClassName).toBe("");
  });

  it.each([
    ["absent", 'ProvisioningFailed: storageclass.storage.k8s.io "absent" not found'],
    ["by-hand", "ProvisioningFailed: no volume plugin matched name: kubernetes.io/no-provisioner"],
  ])("says why nothing is provisioned for class %s", async (storageClassName, event) => {
    await cluster.create(
      "storageclasses",
      storageClass("by-hand", { provisioner: "kubernetes.io/no-provisioner" }),
    );
    await createClaim("www", { storageClassName });
    expect(await cluster.events("www")).toContain(event);
  });
});
