import type { StatefulSet } from "../../../src/core/model.js";

/** A set `db/web` of five whose two revisions the controller has seen. */
export function webOfFive(spec: object, annotations: Record<string, string | null> = {}): StatefulSet {
  return {
    metadata: {
      ...{ name: "web", namespace: "db", uid: "u", resourceVersion: "7", creationTimestamp: "" },
      annotations,
    },
    spec: { replicas: 5, ...spec },
    status: { observedGeneration: 1, currentRevision: "web-1", updateRevision: "web-2" },
  } as unknown as StatefulSet;
}

export const withPartition = (partition: number): object => ({
  updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition } },
});
