import { describe, expect, it } from "vitest";
import type { StatefulSet } from "../../../src/core/model.js";
import { applierNotes } from "../../../src/core/rollout/appliers.js";

type Entry = NonNullable<StatefulSet["metadata"]["managedFields"]>[number];

const main = {
  "f:image": {},
  "f:env": { 'k:{"name":"A"}': { ".": {}, "f:name": {}, "f:value": {} } },
  "f:resources": { "f:limits": { "f:cpu": {} } },
};
const template = { "f:spec": { "f:containers": { 'k:{"name":"main"}': { ".": {}, ...main } } } };
const fieldsV1 = {
  "f:spec": { "f:template": template, "f:updateStrategy": { "f:rollingUpdate": { "f:partition": {} } } },
};

function set(...entries: Partial<Entry>[]): StatefulSet {
  const container = {
    name: "main",
    image: "nginx:1",
    env: [{ name: "A", value: "1" }],
    resources: { limits: { cpu: "1" } },
  };
  return {
    metadata: { name: "web", managedFields: entries.map((entry) => ({ fieldsV1, ...entry })) },
    spec: {
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [container] } },
      updateStrategy: { rollingUpdate: { partition: 0 } },
    },
  } as unknown as StatefulSet;
}

const argo: Partial<Entry> = { manager: "argocd-controller", operation: "Apply" };
const of = (container: object) => ({
  spec: { template: { spec: { containers: [{ name: "main", ...container }] } } },
});
const image = of({ image: "nginx:2" });

describe("applierNotes", () => {
  it.each<[string, Partial<Entry>, boolean]>([
    ["server-side apply", { manager: "anybody", operation: "Apply" }, true],
    ["our own", { manager: "sts", operation: "Apply" }, false],
    ["client-side apply", { manager: "kubectl-client-side-apply", operation: "Update" }, true],
    ["helm", { manager: "helm", operation: "Update" }, true],
    ["a person", { manager: "kubectl-edit", operation: "Update" }, false],
    ["another field", { ...argo, fieldsV1: { "f:spec": { "f:replicas": {} } } }, false],
  ])("by %s", (_, entry, named) => {
    const note = `the image of main is applied by ${entry.manager}: its next apply puts it back`;
    expect(applierNotes(set(entry), image)).toEqual(named ? [note] : []);
  });

  it.each<[object, string]>([
    [
      of({ image: "nginx:2", resources: { limits: { cpu: null } } }),
      "the image of main and the cpu limit of main are",
    ],
    [of({ env: [{ name: "A", $patch: "delete" }], "$setElementOrder/env": [] }), "A of main is"],
    [of({ env: [{ name: "A", value: "2" }] }), "A of main is"],
    [
      { ...image, spec: { ...image.spec, updateStrategy: { rollingUpdate: { partition: 2 } } } },
      "the image of main and the partition are",
    ],
    [{ spec: { template: { $patch: "replace", spec: { containers: [] } } } }, "container main is"],
  ])("of %j names %s", (patch, fields) => {
    const [note, ...more] = applierNotes(set(argo), patch);
    expect(note).toMatch(
      new RegExp(`^${fields} applied by argocd-controller: its next apply puts (it|them) back$`),
    );
    expect(more).toEqual([]);
  });

  it.each([
    ["what stays as it is", of({ image: "nginx:1", resources: { limits: { cpu: "1" } } })],
    ["a new variable", of({ env: [{ name: "B", value: "2" }] })],
    ["annotations of the set", { metadata: { annotations: { "sts/staging": "{}" } } }],
  ])("of %s are none", (_, patch) => expect(applierNotes(set(argo), patch)).toEqual([]));
});
