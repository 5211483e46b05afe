import { describe, expect, it } from "vitest";
import { stepsTo, valueAt, withValueAt } from "../../../src/core/apply/field-path.js";

const object = {
  metadata: { labels: { app: "web", "app.kubernetes.io/name": "web", "app.kubernetes": "x" } },
  spec: {
    template: {
      spec: {
        containers: [
          { name: "side", image: "side" },
          {
            name: "main",
            image: "nginx",
            args: ["a", "b]c"],
            ports: [{ containerPort: 80 }, { containerPort: 80, protocol: "UDP" }],
          },
        ],
      },
    },
    finalizers: ["a", "b"],
  },
};
const main = '.spec.template.spec.containers[name="main"]';

describe("a path of a conflict", () => {
  it.each([
    [".metadata.labels.app", ["metadata", "labels", "app"]],
    [".metadata.labels.app.kubernetes.io/name", ["metadata", "labels", "app.kubernetes.io/name"]],
    [".metadata.labels.app.kubernetes", ["metadata", "labels", "app.kubernetes"]],
    [`${main}.image`, ["spec", "template", "spec", "containers", 1, "image"]],
    [
      `${main}.ports[containerPort=80,protocol="TCP"].containerPort`,
      ["spec", "template", "spec", "containers", 1, "ports", 0, "containerPort"],
    ],
    [
      `${main}.ports[containerPort=80,protocol="UDP"].protocol`,
      ["spec", "template", "spec", "containers", 1, "ports", 1, "protocol"],
    ],
    ['.spec.finalizers[="b"]', ["spec", "finalizers", 1]],
    [`${main}.args[="b]c"]`, ["spec", "template", "spec", "containers", 1, "args", 1]],
    ["", []],
  ])("%s", (path, steps) => {
    expect(stepsTo(object, path)).toEqual(steps);
  });

  it.each([
    [".spec.replicas"],
    ['.spec.template.spec.containers[name="other"].image'],
    [".spec[0]"],
    [".metadata.labels.ap"],
    ["nonsense"],
    [`${main}.args[`],
  ])("%s is not there", (path) => {
    expect(stepsTo(object, path)).toBeUndefined();
    expect(valueAt(object, path)).toBeUndefined();
    expect(withValueAt(object, path, 1)).toBeUndefined();
  });

  it("gives another value to a copy", () => {
    const before = structuredClone(object);
    const changed = withValueAt(object, `${main}.image`, "nginx:2");
    expect(valueAt(changed, `${main}.image`)).toBe("nginx:2");
    expect(valueAt(changed, '.spec.template.spec.containers[name="side"].image')).toBe("side");
    expect(object).toEqual(before);
    expect(JSON.stringify(withValueAt({ a: { b: {} } }, ".a.b", undefined))).toBe('{"a":{}}');
  });
});
