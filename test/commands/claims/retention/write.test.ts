import { describe, expect, it } from "vitest";
import type { Cluster } from "../../../../src/cluster/index.js";
import { settleOwners } from "../../../../src/commands/claims/retention/settle.js";
import { writePolicy } from "../../../../src/commands/claims/retention/write.js";
import type { StatefulSet } from "../../../../src/core/model.js";
import { testContext } from "../../../support/test-context.js";
import { FakeCluster } from "../fake-cluster.js";

function webIn(fake: FakeCluster, policy: object): StatefulSet {
  const spec = {
    replicas: 1,
    selector: { matchLabels: { app: "web" } },
    volumeClaimTemplates: [{ metadata: { name: "www" } }],
    persistentVolumeClaimRetentionPolicy: policy,
  };
  const metadata = { name: "web", generation: 1 };
  return fake.put("statefulsets", {
    metadata,
    spec,
    status: { observedGeneration: 1 },
  }) as unknown as StatefulSet;
}

describe("writePolicy", () => {
  const policy = { whenScaled: "Delete", whenDeleted: "Delete" };

  it("carries the resourceVersion and gives the set as it then is", async () => {
    const fake = new FakeCluster();
    const set = webIn(fake, {});
    const written = await writePolicy(fake.asCluster(), set, policy);
    expect(written.spec.persistentVolumeClaimRetentionPolicy).toEqual(policy);
  });

  it("says so where the server drops the field without a word", async () => {
    const fake = new FakeCluster();
    const set = webIn(fake, {});
    const cluster: Cluster = Object.assign(fake.asCluster(), { patch: async () => set });
    await expect(writePolicy(cluster, set, policy)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(
        /took scaled=Delete deleted=Delete and stored scaled=Retain deleted=Retain: it does not know/,
      ),
    });
  });
});

describe("settleOwners", () => {
  const limits = { timeout: undefined, otherwise: "nothing else was done" };

  it("ends as a conflict when somebody else changes the policy meanwhile, or deletes the set", async () => {
    const fake = new FakeCluster();
    const set = webIn(fake, { whenDeleted: "Retain" });
    webIn(fake, { whenDeleted: "Delete" });
    const settling = settleOwners(testContext(), fake.asCluster(), set, limits);
    await expect(settling).rejects.toThrow("its retention policy was changed by somebody else meanwhile");

    const deleting = webIn(fake, { whenDeleted: "Delete" });
    fake.put("pods", { metadata: { name: "web-0" }, spec: {} });
    fake.put("persistentvolumeclaims", { metadata: { name: "www-web-0" }, spec: {}, status: {} });
    const waiting = settleOwners(testContext(), fake.asCluster(), deleting, limits);
    const ended = expect(waiting).rejects.toThrow("default/web was deleted meanwhile");
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    fake.remove("statefulsets", "web");
    await ended;
  });
});
