import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/core/errors.js";
import type { Pod, StatefulSet } from "../../../src/core/model.js";
import { fieldChange, parseAssignment, parseAssignments } from "../../../src/core/recreate/fields.js";

const set = {
  metadata: { name: "web", namespace: "default" },
  spec: {
    serviceName: "web",
    podManagementPolicy: "OrderedReady",
    volumeClaimTemplates: [{ metadata: { name: "www" }, spec: { storageClassName: "slow", novelty: 1 } }],
  },
} as unknown as StatefulSet;
const mounting = {
  metadata: { name: "web-0" },
  spec: { volumes: [{ name: "www", persistentVolumeClaim: { claimName: "www-web-0" } }] },
} as unknown as Pod;

function changed(text: string, pods: readonly Pod[] = []) {
  const found = fieldChange(parseAssignment(text), set, pods, { program: "sts" });
  const after = found.change(set);
  // Once more changes nothing.
  expect(found.change(after)).toBe(after);
  return { ...found, spec: after.spec as object };
}

describe("--set", () => {
  it.each<[string, object, string]>([
    ["spec.serviceName=web-hs", { serviceName: "web-hs" }, "spec.serviceName web → web-hs"],
    [".spec.serviceName=", { serviceName: "" }, "spec.serviceName web → none"],
    [
      "podManagementPolicy=Parallel",
      { podManagementPolicy: "Parallel" },
      "spec.podManagementPolicy OrderedReady → Parallel",
    ],
    [
      "spec.volumeClaimTemplates[www].spec.storageClassName=fast",
      {
        volumeClaimTemplates: [{ metadata: { name: "www" }, spec: { storageClassName: "fast", novelty: 1 } }],
      },
      "spec.volumeClaimTemplates[www].spec.storageClassName slow → fast",
    ],
    [
      "spec.volumeClaimTemplates[www]=null",
      { volumeClaimTemplates: [] },
      "spec.volumeClaimTemplates[www] removed",
    ],
  ])("%s", (text, spec, words) => {
    const found = changed(text);
    expect(found.spec).toEqual({ ...set.spec, ...spec });
    expect(found.words).toBe(words);
    expect(found.refusal).toBeUndefined();
  });

  it("gives a field one value", () => {
    const texts = ["spec.serviceName=a", "serviceName=a", "podManagementPolicy=Parallel"];
    expect(parseAssignments(texts)).toHaveLength(3);
    expect(() => parseAssignments([...texts, ".spec.serviceName=b"])).toThrow(
      /serviceName is given two values/,
    );
  });

  it("changes nothing where it is so already", () => {
    expect(changed("spec.serviceName=web").spec).toBe(set.spec);
    expect(changed("spec.volumeClaimTemplates[www].spec.storageClassName=slow").spec).toBe(set.spec);
  });

  it.each<[string, RegExp]>([
    ["spec.selector.matchLabels.app=x", /which pods are web's own/],
    ["spec.volumeClaimTemplates[www]=", /web-0 has a claim of template www/],
    ["spec.volumeClaimTemplates[data]={}", /it has www\), and none can be added around its pods.*#141876/],
  ])("%s is refused", (text, says) => {
    expect(changed(text, [mounting]).refusal).toMatch(says);
  });

  it.each<[string, RegExp]>([
    ["spec.replicas=3", /sts scale web --replicas=N/],
    ["spec.template.spec.x=y", /sts set image web/],
    ["spec.updateStrategy.type=OnDelete", /sts rollout stage web/],
    ["spec.persistentVolumeClaimRetentionPolicy.whenScaled=Delete", /sts pvc retention web/],
    ["spec.ordinals.start=1", /sts apply/],
    ["spec.volumeClaimTemplates[www].spec.resources.requests.storage=2Gi", /sts pvc resize web www=2Gi/],
    ["spec.volumeClaimTemplates[www].spec.accessModes=x", /only spec.storageClassName/],
    ["spec.volumeClaimTemplates=[]", /name one template/],
    ["spec.podManagementPolicy=parallel", /OrderedReady, Parallel/],
    ["spec.toString=x", /no such field/],
    ["metadata.name=db", /another name is another set/],
    ["metadata.labels.a=b", /kubectl label statefulset/],
    ["metadata.annotations.a=b", /kubectl annotate statefulset/],
    ["status.replicas=3", /only fields of spec/],
    ["serviceName", /FIELD=VALUE/],
    ["=x", /FIELD=VALUE/],
  ])("%s has another way", (text, says) => {
    const change = () => changed(text);
    expect(change).toThrow(UsageError);
    expect(change).toThrow(says);
  });
});
