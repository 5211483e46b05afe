import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, isApiError, openCluster, resolveConnection } from "../../src/cluster/index.js";
import { kinds } from "../../src/core/kinds.js";
import type { ConfigMap, Manifest } from "../../src/core/model.js";
import { systemClock } from "../../src/host/clock.js";
import {
  type ControlPlane,
  findAssets,
  missingAssets,
  startControlPlane,
} from "../support/control-plane/index.js";
import { until } from "../support/fake-clock.js";

const manifest = (name: string, data: object = {}): Manifest => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, labels: { test: "gateway" } },
  data,
});
const ours = { labelSelector: "test=gateway" };

describe.skipIf(!findAssets())(`the gateway on a real API server (${missingAssets} when absent)`, () => {
  let plane: ControlPlane;
  let cluster: Gateway;
  const warnings: string[] = [];
  const opened: Gateway[] = [];

  const open = (user?: string): Gateway => {
    const files: Record<string, string> = { "/kubeconfig": plane.kubeconfig(user) };
    const io = {
      env: {},
      home: "/",
      cwd: "/",
      readFile: (file: string) => Buffer.from(files[file] ?? readFileSync(file)),
    };
    const gateway = openCluster(resolveConnection({ kubeconfig: "/kubeconfig" }, io), {
      now: Date.now,
      sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
      after: systemClock.after,
      random: Math.random,
      readFile: readFileSync,
      env: {},
      userAgent: "sts/test",
      onWarning: (message) => warnings.push(message),
    });
    opened.push(gateway);
    return gateway;
  };

  beforeAll(async () => {
    plane = await startControlPlane({ users: ["nobody"] });
    cluster = open();
  }, 60_000);
  afterAll(async () => {
    for (const gateway of opened) gateway.close();
    await plane?.stop();
  }, 30_000);

  test("create, get, every kind of patch, scale and delete", async () => {
    const made = await cluster.create<ConfigMap>(kinds.configMap, manifest("one", { a: "1" }), {
      fieldValidation: "Strict",
    });
    expect(await cluster.get(kinds.configMap, { name: "one" })).toEqual(made);
    const patches = [
      { type: "merge", body: { data: { b: "2" } } },
      { type: "strategic", body: { data: { c: "3" } } },
      { type: "json", body: [{ op: "add", path: "/data/d", value: "4" }] },
      { type: "apply", body: manifest("one", { e: "5" }) },
    ] as const;
    for (const patch of patches) await cluster.patch(kinds.configMap, { name: "one" }, patch);
    const dry = await cluster.patch(
      kinds.configMap,
      { name: "one" },
      { type: "merge", body: { data: { z: "9" } } },
      { dryRun: true },
    );
    expect(dry.data).toEqual({ a: "1", b: "2", c: "3", d: "4", e: "5", z: "9" });
    const now = await cluster.get(kinds.configMap, { name: "one" });
    expect(now.data).not.toHaveProperty("z");
    const { uid, resourceVersion } = now.metadata;
    await expect(cluster.delete(kinds.configMap, { name: "one" }, { uid: "other" })).rejects.toMatchObject({
      code: 409,
    });
    await expect(
      cluster.delete(kinds.configMap, { name: "one" }, { resourceVersion: made.metadata.resourceVersion }),
    ).rejects.toMatchObject({ reason: "Conflict" });
    expect(await cluster.delete(kinds.configMap, { name: "one" }, { uid, resourceVersion })).toBeUndefined();
    await expect(cluster.get(kinds.configMap, { name: "one" })).rejects.toThrow(
      'Error from server (NotFound): configmaps "one" not found',
    );
  });

  test("a set can be scaled through its subresource, and refusals have kubectl's text", async () => {
    const template = {
      metadata: { labels: { app: "w" } },
      spec: { containers: [{ name: "c", image: "i" }] },
    };
    const set = {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "w" },
      spec: { replicas: 0, serviceName: "w", selector: { matchLabels: { app: "w" } }, template },
    };
    const broken = { ...set, spec: { ...set.spec, replicas: -1, podManagementPolicy: "Sometimes" } };
    const refused = await cluster.create(kinds.statefulSet, broken).catch((error: Error) => error.message);
    expect(refused).toMatch(
      /^The StatefulSet "w" is invalid: \n\* spec\.podManagementPolicy: .*\n\* spec\.replicas: /,
    );
    const unknown = { ...set, spec: { ...set.spec, surprise: 1 } };
    await expect(
      cluster.create(kinds.statefulSet, unknown, { fieldValidation: "Strict", dryRun: true }),
    ).rejects.toThrow('unknown field "spec.surprise"');
    await cluster.create(kinds.statefulSet, unknown, { fieldValidation: "Warn", dryRun: true });
    expect(warnings).toContain('unknown field "spec.surprise"');
    await cluster.create(kinds.statefulSet, set);
    const scale = { type: "merge", body: { spec: { replicas: 1 } } } as const;
    await cluster.patch(kinds.statefulSet, { name: "w" }, scale, { subresource: "scale" });
    expect((await cluster.get(kinds.statefulSet, { name: "w" })).spec.replicas).toBe(1);
    const leaving = await cluster.delete(kinds.statefulSet, { name: "w" }, { propagation: "Foreground" });
    expect(leaving?.metadata.deletionTimestamp).toBeDefined();
  });

  test("1,100 objects: created 32 at a time, listed in three pages, deleted, all seen by one mirror", async () => {
    const stop = new AbortController();
    let changes = 0;
    const mirror = cluster.mirror(kinds.configMap, ours, {
      signal: stop.signal,
      onChange: () => (changes += 1),
    });
    await mirror.ready;
    const names = Array.from({ length: 1100 }, (_, index) => `many-${index}`);
    await Promise.all(names.map((name) => cluster.create(kinds.configMap, manifest(name))));
    const before = cluster.requests;
    const { items } = await cluster.list(kinds.configMap, ours, ({ metadata }) => metadata.name);
    expect(new Set(items)).toEqual(new Set(names));
    expect(cluster.requests - before).toBe(3);
    await until(() => mirror.items.size === 1100, "all of them");
    await Promise.all(names.map((name) => cluster.delete(kinds.configMap, { name })));
    await until(() => mirror.items.size === 0, "none of them");
    expect(changes).toBe(1 + 2 * 1100);
    stop.abort();
  }, 60_000);

  test("an unknown kind, discovery, raw paths and the version", async () => {
    expect((await cluster.version()).gitVersion).toMatch(/^v1\./);
    expect(await cluster.raw("/readyz")).toBe("ok");
    expect(await cluster.kindOf({ apiVersion: "batch/v1", kind: "CronJob" })).toMatchObject({
      resource: "cronjobs",
    });
    await expect(cluster.kindOf({ apiVersion: "batch/v1", kind: "Nope" })).rejects.toThrow(
      'no matches for kind "Nope"',
    );
  });

  test("who may do nothing is told so, and a mirror of theirs rejects", async () => {
    const nobody = open("nobody");
    await expect(nobody.list(kinds.pod)).rejects.toThrow(
      'Error from server (Forbidden): pods is forbidden: User "nobody" cannot list resource "pods"',
    );
    const mirror = nobody.mirror(kinds.pod, {}, { signal: new AbortController().signal });
    const refused = await mirror.ready.catch((error: unknown) => error);
    expect(isApiError(refused, "Forbidden")).toBe(true);
  });
});
