import type { Claim, Pod, StatefulSet } from "../../../../src/core/model.js";
import type { PlannedClaim } from "../../../../src/core/claims/resize/plan.js";

export interface ClaimShape {
  /** What it asks for; 1Gi when left out. */
  asks?: string;
  /** What it has; 1Gi when left out. */
  has?: string;
  phase?: string;
  storageClass?: string | null;
  deleting?: boolean;
  volume?: string;
  conditions?: { type: string; status?: string; message?: string; lastTransitionTime?: string }[];
  /** `allocatedResourceStatuses` and `allocatedResources`. */
  stage?: string;
  tried?: string;
}

export function claim(name: string, shape: ClaimShape = {}): Claim {
  const { asks = "1Gi", has = "1Gi", phase = "Bound", storageClass = "standard", deleting = false } = shape;
  const { volume = `pv-${name}`, conditions = [], stage, tried } = shape;
  return {
    metadata: {
      ...{ name, namespace: "default", uid: `uid-${name}`, resourceVersion: "1" },
      creationTimestamp: "2026-01-01T00:00:00Z",
      ...(deleting && { deletionTimestamp: "2026-01-02T00:00:00Z" }),
    },
    spec: {
      resources: { requests: { storage: asks } },
      volumeName: volume,
      ...(storageClass !== null && { storageClassName: storageClass }),
    },
    status: {
      phase,
      capacity: { storage: has },
      conditions: conditions.map((condition) => ({ status: "True", ...condition })),
      ...(stage !== undefined && { allocatedResourceStatuses: { storage: stage } }),
      ...(tried !== undefined && { allocatedResources: { storage: tried } }),
    },
  };
}

/** `web` with a template for each name, all of 1Gi. */
export function set(templates: readonly string[] = ["data"], replicas = 2, start = 0): StatefulSet {
  return {
    metadata: {
      ...{ name: "web", namespace: "default", uid: "uid-web", resourceVersion: "1" },
      creationTimestamp: "2026-01-01T00:00:00Z",
    },
    spec: {
      serviceName: "web",
      replicas,
      ordinals: { start },
      selector: { matchLabels: { app: "web" } },
      template: {},
      volumeClaimTemplates: templates.map((name) => ({
        metadata: { name },
        spec: { resources: { requests: { storage: "1Gi" } } },
      })),
    },
  };
}

export function pod(
  name: string,
  shape: { phase?: string; startTime?: string; deleting?: boolean } = {},
): Pod {
  const { phase = "Running", startTime = "2026-01-01T00:00:00Z", deleting = false } = shape;
  return {
    metadata: {
      ...{ name, namespace: "default", uid: `uid-${name}`, resourceVersion: "1" },
      creationTimestamp: startTime,
      ...(deleting && { deletionTimestamp: startTime }),
    },
    spec: { containers: [] },
    status: { phase, startTime },
  };
}

export function planned(name: string, to: string, shape: ClaimShape = {}): PlannedClaim {
  const { asks: from = to, has: capacity = "1Gi" } = shape;
  const ordinal = Number(name.split("-").at(-1));
  const found = claim(name, { ...shape, asks: from });
  return { claim: found, template: "data", ordinal, from, to, capacity, isAsked: from === to };
}
