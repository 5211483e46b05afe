/** Sets with claims, as a large cluster has them. */
export interface Fleet {
  namespace: string;
  sets: number;
  /** How many claims they have between them, dealt out evenly. */
  claims: number;
  /** How many of the claims are out of range, left over from scaling down. */
  leftOver: number;
  /** The claims are as they were asked for: no volume, no status, a third of the bytes. */
  bare?: boolean;
}

/** The size that the goals are about. */
export const tenThousand: Fleet = { namespace: "bench", sets: 300, claims: 10_000, leftOver: 2000 };

/** As in the figures that the goals come from: small claims, on an API server alone. */
export const bareTenThousand: Fleet = { ...tenThousand, bare: true };

/** Where one claim of a fleet belongs; claims are counted from 0, the left-over ones last. */
export interface FleetClaim {
  set: string;
  ordinal: number;
  /** The claim's name, and its pod's. */
  name: string;
  pod: string;
  inRange: boolean;
}

const template = "data";
export const setName = (index: number) => `db-${index}`;

export function claimOf({ sets, claims, leftOver }: Fleet, index: number): FleetClaim {
  const set = setName(index % sets);
  const ordinal = Math.floor(index / sets);
  const pod = `${set}-${ordinal}`;
  return { set, ordinal, name: `${template}-${pod}`, pod, inRange: index < claims - leftOver };
}

export const labelsOf = (set: string) => ({
  "app.kubernetes.io/name": "db",
  "app.kubernetes.io/instance": set,
});

export const claimAnnotations = {
  "pv.kubernetes.io/bind-completed": "yes",
  "pv.kubernetes.io/bound-by-controller": "yes",
};

const accessModes = ["ReadWriteOnce"];
const storage = { storage: "1Gi" };

export const claimSpec = { accessModes, storageClassName: "fast", resources: { requests: storage } };

export const claimStatus = { phase: "Bound", accessModes, capacity: storage };

export const volumeSpec = {
  accessModes,
  storageClassName: "fast",
  capacity: storage,
  persistentVolumeReclaimPolicy: "Retain",
};

/** No node takes its pods, so that a controller makes one and waits. */
export function setOf({ namespace, sets, claims, leftOver }: Fleet, index: number) {
  const name = setName(index);
  const labels = labelsOf(name);
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { namespace, name, labels },
    spec: {
      replicas: Math.max(0, Math.ceil((claims - leftOver - index) / sets)),
      serviceName: name,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { ...podSpec(template), nodeSelector: { nowhere: "true" } } },
      volumeClaimTemplates: [{ metadata: { name: template }, spec: claimSpec }],
    },
  };
}

export function podSpec(volume: string) {
  return {
    containers: [{ name: "db", image: "db:1", volumeMounts: [{ name: volume, mountPath: "/data" }] }],
  };
}
