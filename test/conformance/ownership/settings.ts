import { apply, create, force, patch, put, service, type Step } from "./steps.js";

/** What managers do one after another to a ConfigMap or a Service. */
export const ofSettings: Record<string, Step[]> = {
  "a service is created": [create("services", "one", service())],
  "a manager gives up a field": [
    apply("maps", "one", { data: { a: "1", b: "2" } }),
    apply("maps", "one", { data: { a: "1" } }),
  ],
  "a manager gives up everything": [
    apply("maps", "one", { data: { a: "1" }, metadata: { labels: { x: "y" } } }),
    apply("maps", "one"),
  ],
  "two managers agree": [
    apply("maps", "one", { data: { a: "1" } }),
    apply("maps", "two", { data: { a: "1", b: "2" } }),
    apply("maps", "one", { data: {} }),
    apply("maps", "two", { data: { b: "2" } }),
  ],
  "two managers disagree": [
    apply("maps", "one", { data: { a: "1", b: "1" } }),
    apply("maps", "two", { data: { a: "2", b: "1" } }),
    apply("maps", "two", { data: { a: "2", b: "2" } }),
    force("maps", "two", { data: { a: "2", b: "2" } }),
    apply("maps", "one", { data: { a: "1" } }),
    apply("maps", "one", { data: { c: "1" } }),
  ],
  "three managers disagree": [
    apply("maps", "one", { data: { a: "1" } }),
    apply("maps", "two", { data: { b: "1" } }),
    apply("maps", "three", { data: { a: "2", b: "2" } }),
    force("maps", "three", { data: { a: "2", b: "2" } }),
  ],
  "an update takes a field": [
    apply("maps", "one", { data: { a: "1" } }),
    patch("maps", "two", { data: { a: "2" } }),
    apply("maps", "one", { data: { a: "1" } }),
    force("maps", "one", { data: { a: "1" } }),
  ],
  "an update removes an applied field": [
    apply("maps", "one", { data: { a: "1", b: "1" } }),
    patch("maps", "two", { data: { a: null } }),
    apply("maps", "one", { data: { b: "1" } }),
  ],
  "an update changes nothing": [
    apply("maps", "one", { data: { a: "1" } }),
    patch("maps", "two", { data: { a: "1" } }),
  ],
  "a manager applies what it updated": [
    create("maps", "one", { data: { a: "1", b: "1" } }),
    apply("maps", "one", { data: { a: "2" } }),
    force("maps", "one", { data: { a: "2" } }),
  ],
  "kubectl applies on the server what it applied itself": [
    create("maps", "kubectl-client-side-apply", { data: { a: "1", b: "1" } }),
    apply("maps", "kubectl", { data: { a: "1" } }),
    apply("maps", "kubectl", { data: { a: "2" } }),
  ],
  "labels and annotations": [
    apply("maps", "one", { metadata: { labels: { a: "1", "example.com/b": "2" }, annotations: { c: "3" } } }),
    apply("maps", "two", { metadata: { labels: { a: "2" } } }),
    patch("maps", "three", { metadata: { labels: { d: "4" }, annotations: { c: null } } }),
    apply("maps", "one", { metadata: { labels: { a: "1" } } }),
  ],
  finalizers: [
    apply("maps", "one", { metadata: { finalizers: ["example.com/a"] } }),
    apply("maps", "two", { metadata: { finalizers: ["example.com/a", "example.com/b"] } }),
    apply("maps", "one"),
    apply("maps", "two"),
  ],
  "ports of a service": [
    apply("services", "one", service()),
    apply("services", "two", { spec: { ports: [{ name: "https", port: 443 }] } }),
    apply("services", "two", { spec: { ports: [{ name: "web", port: 80 }] } }),
    apply("services", "one", service({ ports: [{ name: "http", port: 80, targetPort: "x" }] })),
  ],
  "the selector of a service": [
    apply("services", "one", service()),
    apply("services", "two", { spec: { selector: { tier: "x" } } }),
    force("services", "two", { spec: { selector: { tier: "x" } } }),
    apply("services", "one", service()),
  ],
  "an object replaced": [
    apply("maps", "one", { data: { a: "1", b: "1" } }),
    put("maps", "two", { data: { a: "1", c: "1" } }),
    put("maps", "one", { data: { c: "2" } }),
    apply("maps", "one", { data: {} }),
  ],
  "a status": [
    create("services", "one", service()),
    patch(
      "services",
      "two",
      {
        status: {
          conditions: [
            {
              type: "B",
              status: "True",
              reason: "x",
              message: "",
              lastTransitionTime: "2020-01-01T00:00:00Z",
            },
          ],
        },
      },
      "merge",
      "/status",
    ),
    patch("services", "three", { metadata: { labels: { a: "b" } } }, "merge", "/status"),
    {
      ...apply("services", "four", {
        status: {
          conditions: [
            {
              type: "A",
              status: "True",
              reason: "x",
              message: "",
              lastTransitionTime: "2020-01-01T00:00:00Z",
            },
          ],
        },
      }),
      path: "/status",
    },
    { ...apply("services", "four", {}), path: "/status" },
  ],
  "managedFields taken away": [
    apply("maps", "one", { data: { a: "1" } }),
    patch("maps", "two", { metadata: { managedFields: [{}] } }),
    patch("maps", "two", { data: { b: "1" } }),
    apply("maps", "one", { data: { a: "2" } }),
  ],
  "managedFields written": [
    create("maps", "one", { data: { a: "1" } }),
    patch(
      "maps",
      "two",
      [{ op: "replace", path: "/metadata/managedFields/0/manager", value: "other" }],
      "json",
    ),
    apply("maps", "other", { data: { a: "2" } }),
  ],
  "nulls and empty things": [
    apply("maps", "one", { data: null }),
    apply("maps", "one", { data: {}, metadata: { labels: {} } }),
    apply("maps", "one", { data: { a: "" }, metadata: { labels: null, annotations: {} } }),
    apply("maps", "two", { data: { a: null } }),
  ],
  "a dry run": [
    apply("maps", "one", { data: { a: "1" } }),
    apply("maps", "two", { data: { a: "2" } }, "&dryRun=All"),
    apply("maps", "two", { data: { a: "2" } }, "&dryRun=All&force=true"),
  ],
  "an object that nobody owned": [
    create("maps", "one"),
    patch("maps", "two", { data: { a: "1" } }),
    apply("maps", "three", { data: { a: "2" } }),
    apply("maps", "three", { data: { a: "1", b: "1" } }),
    patch("maps", "two", { data: { c: "1" } }),
  ],
};
