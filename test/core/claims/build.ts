import type { ClaimFacts, PodFacts, SetFacts, Surroundings } from "../../../src/core/claims/facts.js";

export function set(name: string, replicas: number, fields: Partial<SetFacts> = {}): SetFacts {
  const start = fields.start ?? 0;
  return {
    namespace: "default",
    name,
    uid: `set-${name}`,
    start,
    end: start + replicas,
    templates: ["www"],
    labels: { app: name },
    whenDeleted: "Retain",
    deleting: false,
    ...fields,
  };
}

export function claim(name: string, fields: Partial<ClaimFacts> = {}): ClaimFacts {
  return {
    namespace: "default",
    name,
    uid: `claim-${name}`,
    resourceVersion: "1",
    createdAt: "2026-11-01T00:00:00Z",
    deleting: false,
    labels: { app: "web" },
    owners: [],
    creator: "kube-controller-manager",
    phase: "Bound",
    size: "1Gi",
    requested: fields.size ?? "1Gi",
    resize: undefined,
    storageClass: "standard",
    volume: `pv-${name}`,
    unusedSince: undefined,
    markedUsed: false,
    ...fields,
  };
}

export function pod(name: string, claims: string[] = [], namespace = "default"): PodFacts {
  return { namespace, name, uid: `pod-${name}`, claims };
}

export function around(fields: Partial<Surroundings>): Surroundings {
  return { sets: [], pods: [], autoscalers: [], ...fields };
}

export function owner(
  kind: string,
  name: string,
  fields: { uid?: string; controller?: boolean; apiVersion?: string } = {},
) {
  const apiVersion = kind === "Pod" ? "v1" : "apps/v1";
  return { apiVersion, kind, name, uid: `uid-${name}`, controller: true, ...fields };
}
