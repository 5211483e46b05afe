import { kinds } from "../../../src/core/kinds.js";
import type { Claim, Manifest, StatefulSet } from "../../../src/core/model.js";
import type { Scenario } from "./cluster.js";
import { ends } from "./walk.js";

/** What matters of a set in a test; the rest is as small as a set can be. */
export interface SetShape {
  /** 1 when left out. */
  replicas?: number;
  /** Names of claim templates; none when left out. */
  templates?: readonly string[];
  storageClass?: string;
  start?: number;
  retention?: { whenScaled?: string; whenDeleted?: string };
  /** Of the set itself. */
  labels?: Record<string, string>;
  /** One pod after the other; all at once when left out. */
  ordered?: boolean;
}

export function setManifest(name: string, shape: SetShape = {}): Manifest {
  const { replicas = 1, templates = [], storageClass, start, retention, labels = {}, ordered } = shape;
  const app = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name, labels },
    spec: {
      serviceName: name,
      replicas,
      podManagementPolicy: ordered ? "OrderedReady" : "Parallel",
      ...(start !== undefined && { ordinals: { start } }),
      ...(retention && { persistentVolumeClaimRetentionPolicy: retention }),
      selector: { matchLabels: app },
      template: {
        metadata: { labels: app },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name: "main",
              image: "nginx:1.29",
              volumeMounts: templates.map((template) => ({ name: template, mountPath: `/${template}` })),
            },
          ],
        },
      },
      volumeClaimTemplates: templates.map((template) => ({
        metadata: { name: template },
        spec: claimSpec(storageClass),
      })),
    },
  };
}

function claimSpec(storageClass: string | undefined) {
  return {
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "1Gi" } },
    ...(storageClass !== undefined && { storageClassName: storageClass }),
  };
}

/** A claim as the set's controller leaves it behind, made without its pod ever having been there. */
export function leftover(name: string, set: string, storageClass: string): Manifest {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, labels: { app: set } },
    spec: claimSpec(storageClass),
  };
}

/** An autoscaler of a set, which nothing drives. */
export function autoscaler(
  set: string,
  maxReplicas: number,
  { name = set, labels = {} }: { name?: string; labels?: Record<string, string> } = {},
): Manifest {
  const target = { type: "Utilization", averageUtilization: 80 };
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name, labels },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "StatefulSet", name: set },
      minReplicas: 1,
      maxReplicas,
      metrics: [{ type: "Resource", resource: { name: "cpu", target } }],
    },
  };
}

/** Creates a set and waits until all its pods are ready. */
export async function runningSet(scenario: Scenario, name: string, shape: SetShape = {}): Promise<void> {
  await scenario.create(setManifest(name, shape));
  await settled(scenario, name, shape.replicas ?? 1);
}

/** Scales by the API, as somebody else would, and waits until that is done. */
export async function scaled(scenario: Scenario, name: string, replicas: number): Promise<void> {
  await writeReplicas(scenario, name, replicas);
  await settled(scenario, name, replicas);
}

export async function writeReplicas(scenario: Scenario, name: string, replicas: number): Promise<void> {
  const ref = { namespace: scenario.namespace, name };
  await scenario.cluster.patch(kinds.statefulSet, ref, { type: "merge", body: { spec: { replicas } } });
}

async function settled(scenario: Scenario, name: string, replicas: number): Promise<void> {
  await scenario.until(`${name} to have ${replicas} ready pods`, kinds.statefulSet, (sets) => {
    const set: StatefulSet | undefined = sets.get(name);
    const status = set?.status;
    return (
      status?.observedGeneration === set?.metadata.generation &&
      (status?.replicas ?? 0) === replicas &&
      (status?.readyReplicas ?? 0) === replicas
    );
  });
}

/** Waits until the claims are bound to volumes. */
export async function bound(scenario: Scenario, ...claims: string[]): Promise<void> {
  await scenario.until(`${claims.join(", ")} to be bound`, kinds.claim, (found) =>
    claims.every((name) => isBound(found.get(name))),
  );
}

function isBound(claim: Claim | undefined): boolean {
  return claim?.status?.phase === "Bound";
}

/** A set `web` of one nginx, created as somebody else would; waits until it has come up. */
export async function createWeb(
  scenario: Scenario,
  spec: Record<string, unknown> = {},
  annotations: Record<string, string> = {},
): Promise<void> {
  const labels = { app: "web" };
  await scenario.create({
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "web" },
    spec: {
      replicas: 1,
      serviceName: "web",
      selector: { matchLabels: labels },
      ...spec,
      // Simulated nodes look at the annotations: a bad day on purpose.
      template: {
        metadata: { labels, annotations },
        spec: { containers: [{ name: "nginx", image: "nginx:1" }] },
      },
    },
  });
  await ends(scenario, 0, "rollout", "status", "web");
}
