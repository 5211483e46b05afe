import { beforeEach, describe, expect, it } from "vitest";
import { defineKind } from "../../../src/sandbox/kinds/define.js";
import type { AnyObject } from "../../../src/sandbox/port.js";
import { Resources } from "../../../src/sandbox/store/resources.js";
import { StatusError } from "../../../src/sandbox/store/status.js";
import { Store } from "../../../src/sandbox/store/store.js";

const kinds = [
  defineKind("v1", "Namespace", "namespaces", { namespaced: false, subresources: ["status", "finalize"] }),
  defineKind("v1", "Pod", "pods", { subresources: ["status"] }),
  defineKind("v1", "ConfigMap", "configmaps"),
  defineKind("apps/v1", "StatefulSet", "statefulsets", {
    subresources: ["status", "scale"],
    generation: true,
  }),
];

let now: number;
let random: () => number;
let store: Store;
let resources: Resources;

beforeEach(() => {
  now = Date.parse("2026-01-01T00:00:00Z");
  random = () => 0;
  store = new Store();
  let uid = 0;
  resources = new Resources(kinds, store, {
    now: () => now,
    random: () => random(),
    newUid: () => `uid-${++uid}`,
    kubernetesVersion: "1.37",
  });
  resources.create(kind("namespaces"), "", object("v1", "Namespace", { name: "default" }));
});

const kind = (resource: string) => resources.kind(resource);

function object(
  apiVersion: string,
  name: string,
  metadata: Record<string, unknown>,
  rest: object = {},
): AnyObject {
  return { apiVersion, kind: name, metadata, ...rest } as AnyObject;
}

function createSet(metadata: Record<string, unknown> = {}): AnyObject {
  const set = object("apps/v1", "StatefulSet", { name: "web", ...metadata }, { spec: { replicas: 3 } });
  return resources.create(kind("statefulsets"), "default", set);
}

function createPod(spec: object, metadata: object = {}): AnyObject {
  return resources.create(
    kind("pods"),
    "default",
    object("v1", "Pod", { name: "web-0", ...metadata }, { spec }),
  );
}

const web = { namespace: "default", name: "web" };
const pod = { namespace: "default", name: "web-0" };

function refusal(run: () => unknown): StatusError {
  try {
    run();
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new Error("was not refused");
}

describe("create", () => {
  it("gives an object what only the server may say", () => {
    const set = createSet({ uid: "mine", generation: 7, deletionTimestamp: "2020-01-01T00:00:00Z" });
    expect(set.metadata).toEqual({
      name: "web",
      namespace: "default",
      uid: "uid-2",
      resourceVersion: "3",
      generation: 1,
      creationTimestamp: "2026-01-01T00:00:00Z",
    });
  });

  it("generates a name", () => {
    expect(createSet({ name: undefined, generateName: "db-" }).metadata.name).toBe("db-bbbbb");
  });

  it("generates another name where one is taken, and gives up after eight", () => {
    createSet({ name: undefined, generateName: "db-" });
    let letters = 0;
    random = () => (++letters > 5 * 7 ? 0.999 : 0);
    expect(createSet({ name: undefined, generateName: "db-" }).metadata.name).toBe("db-99999");
    random = () => 0;
    expect(refusal(() => createSet({ name: undefined, generateName: "db-" }))).toMatchObject({
      code: 409,
      reason: "AlreadyExists",
      message: `statefulsets.apps "db-bbbbb" already exists, the server was not able to generate a unique name for the object`,
      details: { retryAfterSeconds: 1 },
    });
  });

  it("says of a name that what has it is being deleted", () => {
    createSet({ finalizers: ["example.org/hold"] });
    resources.delete(kind("statefulsets"), web);
    const { message } = refusal(() => createSet());
    expect(message).toBe(`object is being deleted: statefulsets.apps "web" already exists`);
  });

  it.each([
    [() => (createSet(), createSet()), 409, "AlreadyExists", `statefulsets.apps "web" already exists`],
    [
      () => resources.create(kind("pods"), "nowhere", object("v1", "Pod", { name: "a" })),
      404,
      "NotFound",
      `namespaces "nowhere" not found`,
    ],
    [
      () => createSet({ namespace: "other" }),
      400,
      "BadRequest",
      "the namespace of the provided object does not match the namespace sent on the request",
    ],
    [
      () => createSet({ name: undefined }),
      422,
      "Invalid",
      `StatefulSet.apps "" is invalid: metadata.name: Required value: name or generateName is required`,
    ],
    [
      () => createSet({ resourceVersion: "1" }),
      500,
      "",
      "resourceVersion should not be set on objects to be created",
    ],
  ])("refuses as the API does %#", (run, code, reason, message) => {
    expect(refusal(run)).toMatchObject({ code, reason, message });
  });

  it("stores nothing on a dry run", () => {
    const { revision } = store;
    const set = object("apps/v1", "StatefulSet", { name: "web" });
    expect(
      resources.create(kind("statefulsets"), "default", set, { dryRun: true }).metadata.uid,
    ).toBeDefined();
    expect(resources.find(kind("statefulsets"), web)).toBeUndefined();
    expect(store.revision).toBe(revision);
  });

  it("refuses new content in a namespace that goes", () => {
    const finalizers = ["kubernetes"];
    resources.create(
      kind("namespaces"),
      "",
      object("v1", "Namespace", { name: "old" }, { spec: { finalizers } }),
    );
    expect(resources.delete(kind("namespaces"), { name: "old" })).toMatchObject({ gone: false });
    const error = refusal(() => resources.create(kind("pods"), "old", object("v1", "Pod", { name: "a" })));
    expect(error.message).toBe(
      `pods "a" is forbidden: unable to create new content in namespace old because it is being terminated`,
    );
    expect(error.details?.causes?.[0]?.reason).toBe("NamespaceTerminating");
    const emptied = resources.update(kind("namespaces"), { name: "old" }, (old) => ({
      ...structuredClone(old),
      spec: {},
    }));
    expect(emptied.metadata.name).toBe("old");
    expect(resources.find(kind("namespaces"), { name: "old" })).toBeUndefined();
  });
});

describe("update", () => {
  const scale =
    (replicas: number, metadata: object = {}) =>
    (old: AnyObject) => {
      const draft = structuredClone(old);
      return { ...draft, spec: { ...draft.spec, replicas }, metadata: { ...draft.metadata, ...metadata } };
    };

  it("counts the generation up with the spec, not with labels or status", () => {
    createSet();
    const labelled = resources.update(kind("statefulsets"), web, scale(3, { labels: { a: "b" } }));
    expect(labelled.metadata.generation).toBe(1);
    expect(resources.update(kind("statefulsets"), web, scale(5)).metadata.generation).toBe(2);
    const status = (old: AnyObject) => ({ ...scale(9)(old), status: { replicas: 5 } });
    const updated = resources.update(kind("statefulsets"), web, status, { subresource: "status" });
    expect(updated).toMatchObject({
      metadata: { generation: 2 },
      spec: { replicas: 5 },
      status: { replicas: 5 },
    });
  });

  it("counts the generation up with the metadata of a template, as for a restart", () => {
    createSet();
    const restart = (old: AnyObject) => {
      const draft = structuredClone(old);
      const metadata = { annotations: { "kubectl.kubernetes.io/restartedAt": "now" } };
      return { ...draft, spec: { ...draft.spec, template: { ...draft.spec.template, metadata } } };
    };
    expect(resources.update(kind("statefulsets"), web, restart).metadata.generation).toBe(2);
  });

  it("refuses a change to an older version", () => {
    const { resourceVersion } = createSet().metadata;
    resources.update(kind("statefulsets"), web, scale(5));
    const error = refusal(() => resources.update(kind("statefulsets"), web, scale(7, { resourceVersion })));
    expect(error.status).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message:
        'Operation cannot be fulfilled on statefulsets.apps "web": the object has been modified; ' +
        "please apply your changes to the latest version and try again",
      reason: "Conflict",
      details: { name: "web", group: "apps", kind: "statefulsets" },
      code: 409,
    });
  });

  it("takes a uid for a precondition of a replacement", () => {
    const set = createSet();
    const other = { ...structuredClone(set), metadata: { name: "web", uid: "other" } } as AnyObject;
    expect(refusal(() => resources.replace(kind("statefulsets"), web, other))).toMatchObject({
      code: 409,
      message:
        'Operation cannot be fulfilled on statefulsets.apps "web": StorageError: invalid object, Code: 4, ' +
        "Key: /registry/statefulsets/default/web, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: " +
        "UID in precondition: other, UID in object meta: uid-2",
    });
  });

  it.each([
    [{ uid: "other" }, 422, 'metadata.uid: Invalid value: "other": field is immutable'],
    [
      { deletionTimestamp: "2020-01-01T00:00:00Z" },
      422,
      'metadata.deletionTimestamp: Invalid value: "2020-01-01T00:00:00Z": field is immutable',
    ],
    [{ namespace: "b" }, 400, "the namespace of the provided object does not match"],
    [{ name: "db" }, 400, "the name of the object (db) does not match the name on the URL (web)"],
  ])("refuses another identity %#", (metadata, code, text) => {
    createSet();
    const error = refusal(() => resources.update(kind("statefulsets"), web, scale(3, metadata)));
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });

  it("does not write what changes nothing", () => {
    const set = createSet();
    const { revision } = store;
    expect(resources.update(kind("statefulsets"), web, scale(3))).toBe(set);
    expect(store.revision).toBe(revision);
  });

  it("never changes a stored object, nor lets anybody", () => {
    const before = createSet();
    const copy = structuredClone(before);
    resources.update(kind("statefulsets"), web, scale(5));
    expect(before).toEqual(copy);
    expect(() => (before.spec.replicas = 1)).toThrow(TypeError);
  });
});

describe("delete", () => {
  it("takes away at once what nothing holds", () => {
    createSet();
    expect(resources.delete(kind("statefulsets"), web).gone).toBe(true);
    expect(refusal(() => resources.get(kind("statefulsets"), web)).message).toBe(
      'statefulsets.apps "web" not found',
    );
  });

  it("checks who is meant", () => {
    createSet();
    const by = (preconditions: object) =>
      refusal(() => resources.delete(kind("statefulsets"), web, { preconditions }));
    expect(by({ uid: "other" }).message).toBe(
      'Operation cannot be fulfilled on StatefulSet.apps "web": the UID in the precondition (other) does not match ' +
        "the UID in record (uid-2). The object might have been deleted and then recreated",
    );
    expect(by({ resourceVersion: "1" }).message).toContain("The object might have been modified");
  });

  it("keeps an object until its finalizers are gone", () => {
    createSet({ finalizers: ["a/b"] });
    const { object: kept, gone } = resources.delete(kind("statefulsets"), web);
    expect(gone).toBe(false);
    expect(kept.metadata).toMatchObject({
      deletionTimestamp: "2026-01-01T00:00:00Z",
      deletionGracePeriodSeconds: 0,
      generation: 2,
    });
    const finalizers = (list: string[]) => (old: AnyObject) => {
      return { ...structuredClone(old), metadata: { ...structuredClone(old.metadata), finalizers: list } };
    };
    const error = refusal(() => resources.update(kind("statefulsets"), web, finalizers(["a/b", "c/d"])));
    expect(error.message).toContain(
      'no new finalizers can be added if the object is being deleted, found new finalizers []string{"c/d"}',
    );
    resources.update(kind("statefulsets"), web, finalizers([]));
    expect(resources.find(kind("statefulsets"), web)).toBeUndefined();
  });

  it.each([
    ["Orphan", ["orphan"]],
    ["Foreground", ["foregroundDeletion"]],
  ] as const)("leaves %s to the garbage collector", (propagationPolicy, finalizers) => {
    createSet();
    const { object: kept } = resources.delete(kind("statefulsets"), web, { propagationPolicy });
    expect(kept.metadata.finalizers).toEqual(finalizers);
  });

  it("gives a pod its time, shortens it, and removes it with none", () => {
    createPod({ nodeName: "n", terminationGracePeriodSeconds: 30 });
    expect(resources.delete(kind("pods"), pod).object.metadata).toMatchObject({
      deletionTimestamp: "2026-01-01T00:00:30Z",
      deletionGracePeriodSeconds: 30,
    });
    const { revision } = store;
    expect(resources.delete(kind("pods"), pod).gone).toBe(false);
    expect(store.revision).toBe(revision);
    expect(resources.delete(kind("pods"), pod, { gracePeriodSeconds: 10 }).object.metadata).toMatchObject({
      deletionTimestamp: "2026-01-01T00:00:10Z",
      deletionGracePeriodSeconds: 10,
    });
    expect(resources.delete(kind("pods"), pod, { gracePeriodSeconds: 0 }).gone).toBe(true);
    expect(resources.find(kind("pods"), pod)).toBeUndefined();
  });

  it("removes a pod that is on no node at once", () => {
    createPod({ terminationGracePeriodSeconds: 30 });
    expect(resources.delete(kind("pods"), pod).gone).toBe(true);
  });

  it("keeps a pod with finalizers that has no time left", () => {
    createPod({ nodeName: "n" }, { finalizers: ["a/b"] });
    expect(resources.delete(kind("pods"), pod, { gracePeriodSeconds: 0 }).gone).toBe(false);
    expect(resources.get(kind("pods"), pod).metadata.deletionGracePeriodSeconds).toBe(0);
  });

  it("refuses to delete the namespaces that must stay", () => {
    const error = refusal(() => resources.delete(kind("namespaces"), { name: "default" }));
    expect(error.message).toBe('namespaces "default" is forbidden: this namespace may not be deleted');
  });
});
