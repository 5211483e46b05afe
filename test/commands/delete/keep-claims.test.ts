import { beforeEach, describe, expect, it } from "vitest";
import { keepClaims, whileRetained } from "../../../src/commands/delete/keep-claims.js";
import { ApiError } from "../../../src/cluster/index.js";
import type { StatefulSet } from "../../../src/core/model.js";
import { FakeCluster } from "../claims/fake-cluster.js";
import { testContext } from "../../support/test-context.js";

let fake: FakeCluster;
const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name: "web", uid: "uid-web", controller: true };

function putSet(policy: object, observedGeneration = 1): StatefulSet {
  const selector = { matchLabels: { app: "web" } };
  const volumeClaimTemplates = [{ metadata: { name: "www" } }];
  const spec = { replicas: 1, selector, volumeClaimTemplates, persistentVolumeClaimRetentionPolicy: policy };
  const metadata = { name: "web", generation: 1 };
  const status = { observedGeneration };
  return fake.put("statefulsets", { metadata, spec, status }) as unknown as StatefulSet;
}

function putClaim(ordinal: number, ownerReferences: object[]) {
  const metadata = { name: `www-web-${ordinal}`, labels: { app: "web" }, ownerReferences };
  fake.put("persistentvolumeclaims", { metadata, spec: {}, status: {} });
}

function ownersOf(ordinal: number) {
  return fake.objects.get(`persistentvolumeclaims/www-web-${ordinal}`)?.metadata.ownerReferences;
}

beforeEach(() => {
  fake = new FakeCluster();
});

describe("keepClaims", () => {
  it("sets the policy to Retain and takes references off where no controller does", async () => {
    const set = putSet({ whenDeleted: "Delete", whenScaled: "Delete" });
    putClaim(3, [owner]);
    const context = testContext();
    await keepClaims(context, fake.asCluster(), set, { timeout: undefined });
    const spec = fake.objects.get("statefulsets/web")?.["spec"];
    expect(spec).toMatchObject({
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    });
    expect(ownersOf(3)).toEqual([]);
    expect(context.err.text).toBe("default/web: whenScaled and whenDeleted set to Retain\n");
  });

  it("waits until the controller knows of it, and then touches no other owner", async () => {
    const set = putSet({ whenDeleted: "Delete" }, 0);
    fake.put("pods", { metadata: { name: "web-0" }, spec: {} });
    const other = { ...owner, name: "backup", uid: "x", controller: false };
    putClaim(0, [owner, other]);
    let done = false;
    const waiting = keepClaims(testContext(), fake.asCluster(), set, { timeout: undefined });
    void waiting.then(() => (done = true));
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(done).toBe(false);
    expect(ownersOf(0)).toEqual([owner, other]);
    putSet({ whenDeleted: "Retain", whenScaled: "Retain" });
    await waiting;
    expect(ownersOf(0)).toEqual([other]);
  });

  it("gives up at the timeout, exit 3, before the set is deleted", async () => {
    const set = putSet({ whenDeleted: "Delete" });
    putClaim(0, [owner]);
    fake.silent = ["persistentvolumeclaims"];
    const after = (_: number, callback: () => void) => {
      setImmediate(callback);
      return () => undefined;
    };
    const context = testContext({ clock: { now: () => 0, sleep: async () => undefined, after } });
    const keeping = keepClaims(context, fake.asCluster(), set, { timeout: 1_000 });
    await expect(keeping).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining("www-web-0"),
    });
  });

  it("writes nothing where the policy keeps them anyway", async () => {
    const set = putSet({});
    const version = set.metadata.resourceVersion;
    await keepClaims(testContext(), fake.asCluster(), set, { timeout: undefined });
    expect(fake.objects.get("statefulsets/web")?.metadata.resourceVersion).toBe(version);
  });
});

describe("whileRetained", () => {
  const conflict = () => new ApiError({ code: 409, reason: "Conflict", message: "moved" });

  it("sends the version at which the policy keeps the claims, again after a status write", async () => {
    const set = putSet({ whenDeleted: "Retain" });
    const sent: string[] = [];
    await whileRetained(fake.asCluster(), set, async (version) => {
      sent.push(version);
      if (sent.length > 1) return;
      putSet({ whenDeleted: "Retain" });
      throw conflict();
    });
    expect(sent).toHaveLength(2);
    expect(sent[0]).not.toBe(sent[1]);
  });

  it("leaves a set alone whose policy deletes again", async () => {
    const set = putSet({});
    let sent = 0;
    const deletion = whileRetained(fake.asCluster(), set, async () => {
      sent += 1;
      putSet({ whenDeleted: "Delete" });
      throw conflict();
    });
    await expect(deletion).rejects.toThrow("its retention policy was changed by somebody else meanwhile");
    expect(sent).toBe(1);
  });
});
