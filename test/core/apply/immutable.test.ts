import { describe, expect, it } from "vitest";
import { immutableChanges, includes, isAllImmutable } from "../../../src/core/apply/immutable.js";
import type { StatefulSet } from "../../../src/core/model.js";

type Spec = StatefulSet["spec"];

const former = {
  field: "spec",
  message:
    "Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', " +
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
};
const immutable = (field: string) => ({
  field: `spec.${field}`,
  message: 'Invalid value: "x": field is immutable',
});
const template = (name: string, storage: string) => ({
  metadata: { name },
  spec: { resources: { requests: { storage } } },
});
const spec = (more: object = {}): Spec =>
  ({
    serviceName: "web",
    replicas: 3,
    selector: { matchLabels: { app: "web" } },
    podManagementPolicy: "OrderedReady",
    volumeClaimTemplates: [
      {
        ...template("www", "1Gi"),
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        status: { phase: "Pending" },
      },
    ],
    template: {},
    ...more,
  }) as Spec;

describe("immutableChanges", () => {
  const inClass = (storageClassName: string) => {
    const wanted = template("www", "1Gi");
    return { ...wanted, spec: { ...wanted.spec, storageClassName } };
  };
  it.each<[string, object, string[], string[]]>([
    ["serviceName", { serviceName: "web-hs" }, ["spec.serviceName=web-hs"], []],
    ["podManagementPolicy", { podManagementPolicy: "Parallel" }, ["spec.podManagementPolicy=Parallel"], []],
    ["volumeClaimTemplates", { volumeClaimTemplates: [template("www", "2Gi")] }, [], ["www=2Gi"]],
    ["volumeClaimTemplates", { volumeClaimTemplates: [] }, ["spec.volumeClaimTemplates[www]=null"], []],
    [
      "volumeClaimTemplates",
      { volumeClaimTemplates: [inClass("fast")] },
      ["spec.volumeClaimTemplates[www].spec.storageClassName=fast"],
      [],
    ],
  ])("knows what sts can do of %s: %o", (field, changed, sets, sizes) => {
    const [change] = immutableChanges([immutable(field)], spec(), spec(changed));
    expect(change?.means).toEqual({ sets, sizes });
  });

  it.each<[string, object]>([
    ["a claim that shrinks", { volumeClaimTemplates: [template("www", "512Mi")] }],
    [
      "a template that changes otherwise",
      {
        volumeClaimTemplates: [{ ...template("www", "2Gi"), metadata: { name: "www", labels: { a: "b" } } }],
      },
    ],
  ])("knows none of %s", (_what, changed) => {
    const [change] = immutableChanges([immutable("volumeClaimTemplates")], spec(), spec(changed));
    expect(change?.means).toBeUndefined();
  });

  it.each<[string, object, string, string]>([
    ["serviceName", { serviceName: "web-hs" }, "web → web-hs", "orphan"],
    ["podManagementPolicy", { podManagementPolicy: "Parallel" }, "OrderedReady → Parallel", "orphan"],
    ["selector", { selector: { matchLabels: { app: "x", b: "c" } } }, "app=web → app=x,b=c", "pods"],
    ["volumeClaimTemplates", { volumeClaimTemplates: [template("www", "2Gi")] }, "www 1Gi → 2Gi", "grow"],
    [
      "volumeClaimTemplates",
      { volumeClaimTemplates: [template("www", "1024Mi"), template("more", "1Gi")] },
      "added more",
      "pods",
    ],
    ["volumeClaimTemplates", { volumeClaimTemplates: [] }, "removed www", "orphan"],
  ])("%s in both texts of the API: %o", (field, changed, change, way) => {
    const wanted = spec(changed);
    for (const causes of [[immutable(field)], [former]]) {
      expect(immutableChanges(causes, spec(), wanted)).toMatchObject([{ field, change, way }]);
      expect(isAllImmutable(causes)).toBe(true);
    }
  });

  it("finds all of them, and nothing where the server refused something else", () => {
    const wanted = spec({ serviceName: "x", podManagementPolicy: "Parallel", replicas: 5 });
    const fields = immutableChanges([former], spec(), wanted).map(({ field }) => field);
    expect(fields).toEqual(["serviceName", "podManagementPolicy"]);
    const other = {
      field: "spec.replicas",
      message: "Invalid value: -1: must be greater than or equal to 0",
    };
    expect(immutableChanges([other], spec(), wanted)).toEqual([]);
    expect(isAllImmutable([immutable("serviceName"), other])).toBe(false);
  });
});

it("includes takes defaults and other forms of an amount for the same", () => {
  const live = { a: { b: 1, c: "x" }, list: [{ name: "n", extra: true }], size: "1Gi" };
  expect(includes(live, { a: { b: 1 }, list: [{ name: "n" }], size: "1024Mi", gone: null })).toBe(true);
  expect(includes(live, { a: { b: 2 } })).toBe(false);
  expect(includes(live, { list: [] })).toBe(false);
  expect(includes(live, { size: "2Gi" })).toBe(false);
  expect(includes(live, { more: { a: 1 } })).toBe(false);
});
