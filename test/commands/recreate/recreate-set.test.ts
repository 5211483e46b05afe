import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ApiError, type Cluster } from "../../../src/cluster/index.js";
import { findInterrupted, recreateSet, resume } from "../../../src/commands/recreate/recreate-set.js";
import { kinds, type Kind } from "../../../src/core/kinds.js";
import type { KubeObject, Manifest, StatefulSet } from "../../../src/core/model.js";
import { ConflictError, ExitError, RefusedError } from "../../../src/errors.js";
import { startSandboxed, type Sandboxed } from "../../support/sandboxed.js";
import { testContext, testFiles, testMachine } from "../../support/test-context.js";

let world: Sandboxed;
beforeAll(async () => {
  world = await startSandboxed();
});
afterAll(() => world.stop());

/** Every write as `VERB resource`, and what happens just before one, once. */
let writes: string[];
let before: Map<string, () => Promise<unknown>>;
let files: Record<string, string>;
beforeEach(() => {
  writes = [];
  before = new Map();
  files = {};
});

function watched(): Cluster {
  const { cluster } = world;
  const note = async (verb: string, { resource }: Kind<unknown>) => {
    const write = `${verb} ${resource}`;
    writes.push(write);
    const happen = before.get(write);
    before.delete(write);
    await happen?.();
  };
  return {
    ...{ server: cluster.server, namespace: cluster.namespace, onWarning: undefined, requests: 0 },
    get: cluster.get.bind(cluster),
    list: cluster.list.bind(cluster),
    mirror: cluster.mirror.bind(cluster),
    async create(kind: Kind, object: Manifest, options?: { dryRun?: boolean }) {
      await note(options?.dryRun ? "rehearse" : "create", kind);
      return cluster.create(kind, object, options);
    },
    async patch(...[kind, ref, patch, options]: Parameters<Cluster["patch"]>) {
      await note(options?.dryRun ? "rehearse" : "patch", kind);
      return cluster.patch(kind, ref, patch, options);
    },
    async delete(...[kind, ref, options]: Parameters<Cluster["delete"]>) {
      await note("delete", kind);
      return cluster.delete(kind, ref, options);
    },
  } as unknown as Cluster;
}

const context = (parts: Parameters<typeof testContext>[0] = {}) =>
  testContext({ env: { HOME: "/home/alice" }, files: testFiles(files), ...parts });
const read = (name: string) => world.cluster.get(kinds.statefulSet, { name });
const change = (name: string, body: object) =>
  world.cluster.patch(kinds.statefulSet, { name }, { type: "merge", body }, { fieldManager: "other" });
const toOther = (set: StatefulSet): StatefulSet => ({ ...set, spec: { ...set.spec, serviceName: "other" } });
const recreation = { change: toOther, purpose: "another Service", again: "sts recreate NAME" };
const record = (name: string) => findInterrupted(world.cluster, name);

async function running(name: string, spec: object = {}): Promise<StatefulSet> {
  const manifest: Manifest = {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name, annotations: { a: "b" } },
    spec: {
      serviceName: name,
      replicas: 2,
      podManagementPolicy: "Parallel",
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { terminationGracePeriodSeconds: 0, containers: [{ name: "main", image: "nginx:1" }] },
      },
      ...spec,
    },
  };
  const { code, err } = await world.run(["create", "--no-service", "-f", "-"], {
    input: JSON.stringify(manifest),
  });
  expect(code, err).toBe(0);
  return read(name);
}

async function podsOf(name: string): Promise<Record<string, string>> {
  const { items } = await world.cluster.list(kinds.pod, { labelSelector: `app=${name}` });
  return Object.fromEntries(items.map(({ metadata }) => [metadata.name, metadata.uid]));
}

const steps = [
  "rehearse statefulsets",
  "create configmaps",
  "delete statefulsets",
  "create statefulsets",
  "patch statefulsets",
  "delete configmaps",
];

describe("recreateSet", () => {
  it("saves, deletes, creates, verifies and cleans up, in this order", async () => {
    const set = await running("order");
    const pods = await podsOf("order");
    let kept = 0;
    let made: StatefulSet | undefined;
    before.set("delete statefulsets", async () => {
      kept = Object.keys(files).length;
      expect((await record("order"))?.saved).toEqual(set);
    });
    before.set("patch statefulsets", async () => (made = await read("order")));
    const at = context();
    const after = await recreateSet(at, watched(), set, recreation);
    // A status write in between makes the delete come twice.
    expect(writes.filter((write, index) => write !== writes[index - 1])).toEqual(steps);
    expect(kept).toBe(1);
    expect(made?.spec.updateStrategy).toEqual({ type: "OnDelete" });
    expect(after.spec).toEqual({ ...set.spec, serviceName: "other" });
    expect(after.metadata.annotations).toEqual({ a: "b" });
    expect(await podsOf("order")).toEqual(pods);
    expect(await record("order")).toBeUndefined();
    const [[file, text] = []] = Object.entries(files);
    expect(file).toBe(
      `/home/alice/.local/state/sts/recreate/default/order.${set.metadata.uid.slice(0, 8)}.json`,
    );
    expect(JSON.parse(text ?? "")).toEqual(set);
  });

  it("writes nothing where the set is as wanted, and nothing where no file can be written", async () => {
    const set = await running("same");
    expect(await recreateSet(context(), watched(), set, { ...recreation, change: (one) => one })).toBe(set);
    expect(writes).toEqual([]);
    const none = recreateSet(context({ env: {} }), watched(), set, recreation);
    await expect(none).rejects.toThrow(/XDG_STATE_HOME/);
    expect([...new Set(writes)]).toEqual(steps.slice(0, 1));
    expect((await read("same")).metadata.uid).toBe(set.metadata.uid);
  });

  it("goes on after a status write, and loses no label that came in between", async () => {
    const set = await running("moved");
    before.set("delete statefulsets", () => change("moved", { metadata: { labels: { late: "yes" } } }));
    const after = await recreateSet(context(), watched(), set, recreation);
    expect(writes.filter((write) => write === "delete statefulsets")).toHaveLength(2);
    expect(after.metadata.labels).toEqual({ late: "yes" });
    expect(after.metadata.annotations).toEqual({ a: "b" });
  });

  it("leaves a set alone whose spec somebody changes before the delete", async () => {
    const set = await running("changed");
    before.set("delete statefulsets", () => change("changed", { spec: { replicas: 1 } }));
    await expect(recreateSet(context(), watched(), set, recreation)).rejects.toThrow(ConflictError);
    expect((await read("changed")).metadata.uid).toBe(set.metadata.uid);
    expect(await record("changed")).toBeUndefined();
  });

  it("leaves nothing behind where another sts has made the set anew while a person was asked", async () => {
    const set = await running("asked");
    const toThird = (one: StatefulSet) => ({ ...one, spec: { ...one.spec, serviceName: "third" } });
    const first = await recreateSet(context(), watched(), set, { ...recreation, change: toThird });
    writes = [];
    await expect(recreateSet(context(), watched(), set, recreation)).rejects.toThrow(ConflictError);
    expect(writes).toEqual([]);
    expect(await record("asked")).toBeUndefined();
    expect((await read("asked")).metadata.uid).toBe(first.metadata.uid);
  });

  it("is a conflict where another sts has the set away just then", async () => {
    const set = await running("away");
    before.set("rehearse statefulsets", () =>
      world.cluster.delete(kinds.statefulSet, { name: "away" }, { propagation: "Orphan" }),
    );
    await expect(recreateSet(context(), watched(), set, recreation)).rejects.toThrow(ConflictError);
    expect(await record("away")).toBeUndefined();
  });

  it("does not make a set again whose deletion with its pods somebody has begun", async () => {
    const set = await running("foreground");
    await change("foreground", { metadata: { finalizers: ["example.com/hold"] } });
    before.set("delete statefulsets", () =>
      world.cluster.delete(kinds.statefulSet, { name: "foreground" }, { propagation: "Foreground" }),
    );
    await expect(recreateSet(context(), watched(), set, recreation)).rejects.toThrow(ConflictError);
    await change("foreground", { metadata: { finalizers: null } });
  });

  it("leaves it to another sts that has begun a moment before", async () => {
    const set = await running("second");
    before.set("create configmaps", () =>
      world.cluster.create(kinds.configMap as Kind, {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "sts-recreate-second" },
      }),
    );
    await expect(recreateSet(context(), watched(), set, recreation)).rejects.toThrow(ConflictError);
    expect(writes.at(-1)).toBe("create configmaps");
    expect((await read("second")).metadata.uid).toBe(set.metadata.uid);
  });

  it("says on the status page of a set that is not verified yet how it goes on", async () => {
    const set = await running("half");
    before.set("patch statefulsets", async () => {
      throw new ApiError({ code: 500, reason: "InternalError", message: "the server is in trouble" });
    });
    await expect(recreateSet(context(), watched(), set, recreation)).rejects.toThrow(/in trouble/);
    const status = await world.run(["status", "half"]);
    expect(status.code).toBe(0);
    expect(status.err).toContain("go on     sts recreate NAME");
    const after = await recreateSet(context(), watched(), await read("half"), {
      ...recreation,
      takeOver: true,
    });
    expect(after.spec).toEqual({ ...set.spec, serviceName: "other" });
    expect((await world.run(["status", "half"])).err).toBe("");
  });

  it("does not make a set again that somebody deletes before it, but keeps what it was", async () => {
    const set = await running("gone");
    before.set("delete statefulsets", () =>
      world.cluster.delete(kinds.statefulSet, { name: "gone" }, { propagation: "Background" }),
    );
    await expect(recreateSet(context(), watched(), set, recreation)).rejects.toThrow(ConflictError);
    await expect(read("gone")).rejects.toThrow(/not found/);
    expect((await record("gone"))?.saved.metadata.uid).toBe(set.metadata.uid);
  });

  it("tries again while a quota still counts the old set", async () => {
    const set = await running("quota");
    before.set("create statefulsets", async () => {
      throw new ApiError({
        code: 403,
        reason: "Forbidden",
        message: "exceeded quota: count/statefulsets.apps=1",
      });
    });
    const after = await recreateSet(context(), watched(), set, recreation);
    expect(after.spec.serviceName).toBe("other");
    expect(writes.filter((write) => write === "create statefulsets")).toHaveLength(2);
  });

  it("makes the set as it was when the API will not have the change after all", async () => {
    const set = await running("refused");
    const pods = await podsOf("refused");
    before.set("create statefulsets", async () => {
      throw new ApiError({ code: 422, reason: "Invalid", message: "no other Service here" });
    });
    const made = recreateSet(context(), watched(), set, recreation);
    await expect(made).rejects.toThrow(/as it was before, without the change: .*no other Service here/);
    await expect(made).rejects.toBeInstanceOf(ExitError);
    expect((await read("refused")).spec).toEqual(set.spec);
    expect(await podsOf("refused")).toEqual(pods);
    expect(await record("refused")).toBeUndefined();
  });

  it("keeps what somebody changes on the new set while it is verified", async () => {
    const set = await running("scaled");
    before.set("patch statefulsets", () => change("scaled", { spec: { replicas: 3 } }));
    const after = await recreateSet(context(), watched(), set, recreation);
    expect(after.spec).toEqual({ ...set.spec, serviceName: "other", replicas: 3 });
  });

  it("replaces no pod when the controller makes another revision of the same template", async () => {
    const set = await running("revised");
    const pods = await podsOf("revised");
    before.set("create statefulsets", async () => {
      const [old] = (await world.cluster.list(kinds.revision, { labelSelector: "app=revised" })).items;
      if (!old) throw new Error("there is no revision");
      const { name, labels } = old.metadata;
      await world.cluster.delete(kinds.revision, { name });
      const other = { apiVersion: "apps/v1", kind: "ControllerRevision", metadata: { name, labels } };
      await world.cluster.create(kinds.revision, { ...other, data: { spec: { other: 1 } }, revision: 1 });
    });
    const made = recreateSet(context(), watched(), set, recreation);
    await expect(made).rejects.toThrow(/its updateStrategy is left at OnDelete/);
    expect((await read("revised")).spec.updateStrategy?.type).toBe("OnDelete");
    expect(await podsOf("revised")).toEqual(pods);
  });
});

describe("what another process has begun", () => {
  const other = testMachine({ identity: () => ({ who: "bob@desk", host: "desk", pid: 7 }) });

  async function begun(name: string): Promise<StatefulSet> {
    const set = await running(name);
    before.set("delete statefulsets", async () => {
      throw new ApiError({ code: 504, reason: "Timeout", message: "no answer in time" });
    });
    const at = context({ machine: other });
    await expect(recreateSet(at, watched(), set, recreation)).rejects.toThrow(/no answer in time/);
    expect(at.err.text).toContain("go on     sts recreate NAME");
    writes = [];
    return set;
  }

  it("is left to it, and taken over where that is asked for", async () => {
    const set = await begun("theirs");
    const made = recreateSet(context(), watched(), set, recreation);
    await expect(made).rejects.toThrow(/bob@desk \(process 7\) since .*--take-over/);
    await expect(made).rejects.toBeInstanceOf(ConflictError);
    expect(writes).toEqual([]);
    const after = await recreateSet(context(), watched(), set, { ...recreation, takeOver: true });
    expect(after.spec.serviceName).toBe("other");
    expect(await record("theirs")).toBeUndefined();
  });

  it("is planned anew when the set was changed before anything was done", async () => {
    const set = await begun("stale");
    const changed = await change("stale", { spec: { replicas: 3 } });
    const after = await recreateSet(context(), watched(), changed as StatefulSet, {
      ...recreation,
      takeOver: true,
    });
    expect(after.spec).toEqual({ ...set.spec, serviceName: "other", replicas: 3 });
  });

  it("is believed only as sts writes it, in its own namespace", async () => {
    const set = await begun("forged");
    const found = await record("forged");
    expect(found?.wanted.metadata.name).toBe("forged");
    const data = (value: object) => ({ "wanted.json": JSON.stringify(value) });
    const wanted = found?.wanted as Manifest;
    const forgeries: Manifest[] = [
      { ...wanted, spec: { ...(wanted["spec"] as object), template: {} } },
      { ...wanted, metadata: { ...wanted.metadata, name: "another" } },
      { ...wanted, metadata: { ...wanted.metadata, namespace: "kube-system" } },
    ];
    for (const forged of forgeries) {
      const patch = { type: "merge", body: { data: data(forged) } } as const;
      await world.cluster.patch(kinds.configMap, { name: "sts-recreate-forged" }, patch);
      await expect(record("forged")).rejects.toBeInstanceOf(RefusedError);
    }
    expect((await read("forged")).metadata.uid).toBe(set.metadata.uid);
  });

  it("is finished where the set is made, and only checked and cleaned up", async () => {
    const set = await begun("made");
    const found = await record("made");
    if (!found) throw new Error("nothing was begun");
    await world.cluster.delete(kinds.statefulSet, { name: "made" }, { propagation: "Orphan" });
    const after = await resume(context(), watched(), found, { takeOver: true });
    expect(after.metadata.uid).not.toBe(set.metadata.uid);
    writes = [];
    const again = { ...found, record: (await kept(found.wanted)).metadata };
    expect((await resume(context(), watched(), again, { takeOver: true })).metadata.uid).toBe(
      after.metadata.uid,
    );
    expect(writes).toEqual(["patch configmaps", "delete configmaps"]);
  });

  it("is finished, too, where the made set was changed before that was seen", async () => {
    const set = await running("late");
    before.set("delete configmaps", async () => {
      throw new ApiError({ code: 504, reason: "Timeout", message: "no answer in time" });
    });
    await expect(recreateSet(context(), watched(), set, recreation)).rejects.toThrow(/no answer in time/);
    const { uid } = (await change("late", { spec: { replicas: 3 } })).metadata;
    const after = await recreateSet(context(), watched(), await read("late"), {
      ...recreation,
      takeOver: true,
    });
    expect([after.metadata.uid, after.spec.replicas]).toEqual([uid, 3]);
    expect(await record("late")).toBeUndefined();
  });

  const kept = (wanted: Manifest): Promise<KubeObject> =>
    world.cluster.create(kinds.configMap as Kind, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: `sts-recreate-${wanted.metadata.name}` },
    });
});
