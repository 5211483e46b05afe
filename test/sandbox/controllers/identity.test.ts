import { describe, expect, it } from "vitest";
import { claimTemplate, storageClass, webSet } from "./fixtures.js";
import { cluster } from "./fresh-cluster.js";

describe("semantics: identity", () => {
  it("gives a pod its labels, hostname, subdomain, owner and the volumes of its claims", async () => {
    await cluster.create("storageclasses", storageClass("disk", {}, true));
    await cluster.create(
      "statefulsets",
      webSet({ volumeClaimTemplates: [claimTemplate("www")], ordinals: { start: 4 } }),
    );
    const [pod, set] = [await cluster.get("pods", "web-4"), await cluster.get("statefulsets", "web")];
    expect(pod.metadata).toMatchObject({
      generateName: "web-",
      labels: {
        app: "web",
        "statefulset.kubernetes.io/pod-name": "web-4",
        "apps.kubernetes.io/pod-index": "4",
        "controller-revision-hash": set.status.updateRevision,
      },
      ownerReferences: [
        {
          kind: "StatefulSet",
          name: "web",
          uid: set.metadata.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    });
    expect(pod.spec).toMatchObject({
      hostname: "web-4",
      subdomain: "web",
      volumes: [{ name: "www", persistentVolumeClaim: { claimName: "www-web-4" } }],
    });
  });

  it("labels a claim with its template's labels overlaid by the set's selector", async () => {
    const labelled = {
      ...claimTemplate("www"),
      metadata: { name: "www", labels: { app: "old", tier: "data" } },
    };
    await cluster.create("statefulsets", webSet({ volumeClaimTemplates: [labelled] }));
    const claim = await cluster.get("persistentvolumeclaims", "www-web-0");
    expect(claim.metadata.labels).toEqual({ app: "web", tier: "data" });
    expect(claim.metadata.ownerReferences).toBeUndefined();
  });

  it("puts an identity label back that somebody took off", async () => {
    await cluster.create("statefulsets", webSet({ replicas: 1 }));
    await cluster.play();
    await cluster.patch("pods", "web-0", {
      metadata: { labels: { "statefulset.kubernetes.io/pod-name": null } },
    });
    const { labels } = (await cluster.get("pods", "web-0")).metadata;
    expect(labels?.["statefulset.kubernetes.io/pod-name"]).toBe("web-0");
    expect(await cluster.events("web")).toContain(
      "SuccessfulUpdate: Update Pod web-0 in StatefulSet web successful",
    );
  });
});
