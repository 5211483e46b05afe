import { apply, container, create, force, patch, spec, template, type Step } from "./steps.js";

/** What managers do one after another to a set, most of it to its pods. */
export const ofTemplates: Record<string, Step[]> = {
  "an object is created": [create("sets", "one", spec())],
  "an object is applied": [apply("sets", "one", spec())],
  "an object is applied twice": [apply("sets", "one", spec()), apply("sets", "one", spec())],
  "the replicas of a set": [
    apply("sets", "one", spec()),
    apply("sets", "two", { spec: { replicas: 1 } }),
    force("sets", "two", { spec: { replicas: 0 } }),
    apply("sets", "one", spec({ replicas: undefined })),
    apply("sets", "two", {}),
  ],
  "replicas through the scale": [
    apply("sets", "one", spec({ replicas: 1 }, { nodeSelector: { none: "none" } })),
    patch("sets", "scaler", { spec: { replicas: 0 } }, "merge", "/scale"),
    apply("sets", "one", spec({ replicas: 1 }, { nodeSelector: { none: "none" } })),
    force("sets", "one", spec({ replicas: 1 }, { nodeSelector: { none: "none" } })),
  ],
  "an image by patch": [
    apply("sets", "one", spec()),
    patch("sets", "two", template({ containers: [{ name: "nginx", image: "nginx:2" }] }), "strategic"),
    apply("sets", "one", spec()),
    force("sets", "one", spec()),
  ],
  "a second container": [
    apply("sets", "one", spec()),
    apply("sets", "two", template({ containers: [container("side")] })),
    apply("sets", "one", spec({}, { containers: [container("nginx", { args: ["a"] })] })),
    apply("sets", "two", template({ containers: [] })),
    apply("sets", "two", {}),
  ],
  "variables of a container": [
    apply(
      "sets",
      "one",
      spec(
        {},
        {
          containers: [
            container("nginx", {
              env: [
                { name: "A", value: "1" },
                { name: "B", value: "1" },
              ],
            }),
          ],
        },
      ),
    ),
    apply("sets", "two", template({ containers: [{ name: "nginx", env: [{ name: "A", value: "2" }] }] })),
    force("sets", "two", template({ containers: [{ name: "nginx", env: [{ name: "C", value: "2" }] }] })),
    apply(
      "sets",
      "one",
      spec({}, { containers: [container("nginx", { env: [{ name: "B", value: "1" }] })] }),
    ),
    patch("sets", "three", [{ op: "remove", path: "/spec/template/spec/containers/0/env/0" }], "json"),
  ],
  "ports of a container": [
    apply("sets", "one", spec({}, { containers: [container("nginx", { ports: [{ containerPort: 80 }] })] })),
    apply(
      "sets",
      "two",
      template({
        containers: [
          {
            name: "nginx",
            ports: [
              { containerPort: 80, name: "http" },
              { containerPort: 80, protocol: "UDP" },
            ],
          },
        ],
      }),
    ),
    apply("sets", "one", spec()),
  ],
  "resources of a container": [
    apply(
      "sets",
      "one",
      spec(
        {},
        { containers: [container("nginx", { resources: { requests: { cpu: "1", memory: "1Gi" } } })] },
      ),
    ),
    apply(
      "sets",
      "two",
      template({
        containers: [{ name: "nginx", resources: { requests: { cpu: "1000m" }, limits: { cpu: 2 } } }],
      }),
    ),
    force(
      "sets",
      "two",
      template({
        containers: [{ name: "nginx", resources: { requests: { cpu: "1500m" }, limits: { cpu: 2 } } }],
      }),
    ),
    apply("sets", "one", spec()),
  ],
  "lists that are one thing": [
    apply("sets", "one", spec({}, { containers: [container("nginx", { args: ["a", "b"] })] })),
    apply("sets", "two", template({ containers: [{ name: "nginx", args: ["a"] }] })),
    force("sets", "two", template({ containers: [{ name: "nginx", args: ["a"] }] })),
    apply("sets", "one", spec()),
  ],
  "volumes and mounts": [
    apply(
      "sets",
      "one",
      spec(
        {},
        {
          volumes: [{ name: "a", emptyDir: {} }],
          containers: [container("nginx", { volumeMounts: [{ name: "a", mountPath: "/a" }] })],
        },
      ),
    ),
    apply(
      "sets",
      "two",
      template({
        volumes: [{ name: "b", configMap: { name: "c" } }],
        containers: [{ name: "nginx", volumeMounts: [{ name: "b", mountPath: "/b" }] }],
      }),
    ),
    apply("sets", "one", spec()),
    apply("sets", "two", {}),
  ],
};
