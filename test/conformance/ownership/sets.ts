import { apply, container, create, force, patch, put, scale, spec, template, type Step } from "./steps.js";

/** What managers do one after another to a set, and to its scale. */
export const ofSets: Record<string, Step[]> = {
  "tolerations and affinity": [
    apply(
      "sets",
      "one",
      spec({}, { tolerations: [{ key: "a", operator: "Exists" }], nodeSelector: { x: "y" } }),
    ),
    apply("sets", "two", template({ tolerations: [{ key: "b", operator: "Exists" }] })),
    apply("sets", "two", template({ nodeSelector: { z: "y" } })),
    force("sets", "two", template({ nodeSelector: { z: "y" } })),
  ],
  "claim templates": [
    apply(
      "sets",
      "one",
      spec({
        volumeClaimTemplates: [
          {
            metadata: { name: "data" },
            spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
          },
        ],
      }),
    ),
    apply("sets", "two", { spec: { volumeClaimTemplates: [] } }),
    patch("sets", "three", { metadata: { labels: { a: "b" } } }),
  ],
  "an update strategy": [
    apply("sets", "one", spec({ updateStrategy: { rollingUpdate: { partition: 1 } } })),
    apply("sets", "two", { spec: { updateStrategy: { type: "OnDelete" } } }),
    force("sets", "two", {
      spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } } },
    }),
    apply("sets", "one", spec()),
    apply("sets", "two", {}),
  ],
  "values that are defaults": [
    apply("sets", "one", spec({ podManagementPolicy: "OrderedReady", revisionHistoryLimit: 10 })),
    apply("sets", "one", spec({ revisionHistoryLimit: 5 })),
    apply("sets", "one", spec()),
  ],
  "replicas up and down through the scale": [
    apply("sets", "one", spec({}, { nodeSelector: { none: "none" } })),
    patch("sets", "scaler", { spec: { replicas: 1 } }, "merge", "/scale"),
    apply("sets", "one", spec({}, { nodeSelector: { none: "none" } })),
    patch("sets", "two", { spec: { replicas: 2 } }),
    patch("sets", "scaler", { spec: { replicas: 1 } }, "merge", "/scale"),
    apply("sets", "one", spec({ replicas: undefined }, { nodeSelector: { none: "none" } })),
  ],
  "a scale that is put": [
    create("sets", "one", spec({}, { nodeSelector: { none: "none" } })),
    {
      ...put("sets", "scaler", {}, "/scale"),
      body: {
        apiVersion: "autoscaling/v1",
        kind: "Scale",
        metadata: { name: "NAME" },
        spec: { replicas: 1 },
      },
    },
    apply("sets", "two", { spec: { replicas: 3 } }),
  ],
  "a scale that is applied": [
    apply("sets", "one", spec({ replicas: 1 }, { nodeSelector: { none: "none" } })),
    scale("two", 2, ""),
    scale("two", 2, "&force=true"),
    apply("sets", "one", spec({ replicas: undefined }, { nodeSelector: { none: "none" } })),
    scale("two", 1, ""),
    apply("sets", "one", spec({ replicas: 1 }, { nodeSelector: { none: "none" } })),
    scale("three", 2, ""),
  ],
  "parts deleted by directives": [
    apply("sets", "one", spec({}, { containers: [container("nginx"), container("side")] })),
    patch("sets", "two", template({ containers: [{ name: "side", $patch: "delete" }] }), "strategic"),
    apply("sets", "one", spec()),
    patch(
      "sets",
      "two",
      template({ $retainKeys: ["containers"], containers: [{ name: "nginx" }] }),
      "strategic",
    ),
  ],
  "fields that are written back": [
    create("sets", "one", spec()),
    patch("sets", "two", { spec: { template: { metadata: { annotations: { a: "b" } } } } }),
    patch("sets", "three", { spec: { template: { metadata: { annotations: { a: "c" } } } } }),
    patch("sets", "one", { spec: { template: { metadata: { annotations: null } } } }),
  ],
};
