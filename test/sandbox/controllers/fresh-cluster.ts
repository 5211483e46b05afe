import { afterEach, beforeEach, expect } from "vitest";
import type { AnyObject } from "../../../src/sandbox/port.js";
import { TestCluster } from "./cluster.js";
import { claimTemplate, template, webSet } from "./fixtures.js";

/** A cluster of its own for every test of a file that imports it; a controller that failed fails the test. */
export let cluster: TestCluster;

beforeEach(async () => {
  cluster = await TestCluster.start();
});

afterEach(() => {
  cluster.stop();
  expect(cluster.failures).toEqual([]);
});

/** The test's cluster anew, with options. */
export async function restart(options: Parameters<typeof TestCluster.start>[0]): Promise<void> {
  cluster.stop();
  cluster = await TestCluster.start(options);
}

/** A set `web` that is ready, with nothing traced so far. */
export async function running(spec: object = {}): Promise<void> {
  await cluster.create("statefulsets", webSet(spec));
  await cluster.play();
  cluster.trace.length = 0;
}

export const scale = (replicas: number): Promise<void> =>
  cluster.patch("statefulsets", "web", { spec: { replicas } });

export const setImage = (image: string): Promise<void> =>
  cluster.patch("statefulsets", "web", { spec: { template: template(image) } });

export const createVolume = (
  name: string,
  storage: string,
  spec: object = {},
  metadata: object = {},
): Promise<AnyObject> =>
  cluster.create("persistentvolumes", {
    metadata: { name, ...metadata },
    spec: { capacity: { storage }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/data" }, ...spec },
  });

export const createClaim = (name: string, spec: object = {}, metadata: object = {}): Promise<AnyObject> =>
  cluster.create("persistentvolumeclaims", {
    ...claimTemplate(name, spec),
    metadata: { name, namespace: "default", ...metadata },
  });

export const phaseOf = async (resource: string, name: string): Promise<unknown> =>
  (await cluster.get(resource, name)).status?.phase;
