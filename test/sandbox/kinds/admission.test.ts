import { describe, expect, it } from "vitest";
import { qosClass } from "../../../src/sandbox/kinds/pod.js";
import { defaultClass } from "../../../src/sandbox/kinds/storage.js";
import type { AnyObject } from "../../../src/sandbox/port.js";
import { admission, answerTo, type Case, kindOf } from "./replay.js";

function storageClass(name: string, created: string, marked = true): AnyObject {
  const annotations = { "storageclass.kubernetes.io/is-default-class": String(marked) };
  const metadata = { name, uid: name, resourceVersion: "1", creationTimestamp: created, annotations };
  return { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata };
}

const classes = [
  storageClass("old", "2025-01-01T00:00:00Z"),
  storageClass("b-new", "2026-01-01T00:00:00Z"),
  storageClass("a-new", "2026-01-01T00:00:00Z"),
  storageClass("other", "2026-06-01T00:00:00Z", false),
];

describe("a claim", () => {
  const server = { ...admission, list: (resource: string) => (resource === "storageclasses" ? classes : []) };

  it("gets the newest default class, the first by name of several", () => {
    expect(
      answerTo("claim", { set: { "/spec/storageClassName": null } }, server).object?.spec.storageClassName,
    ).toBe("a-new");
    expect(defaultClass([...classes].reverse())).toBe("a-new");
  });

  it("gets none where it asks for none, and none where there is none", () => {
    expect(
      answerTo("claim", { set: { "/spec/storageClassName": "" } }, server).object?.spec.storageClassName,
    ).toBe("");
    const { object } = answerTo("claim", { set: { "/spec/storageClassName": null } });
    expect(object?.spec).not.toHaveProperty("storageClassName");
  });
});

describe("a service", () => {
  it("gets addresses and node ports that nobody has", () => {
    const taken = { clusterIPs: ["10.0.0.11", "10.0.0.12"], ports: [{ nodePort: 30000 }] };
    const service = { ...storageClass("x", ""), kind: "Service", spec: taken };
    const server = { ...admission, list: (resource: string) => (resource === "services" ? [service] : []) };
    const set = { "/spec/clusterIP": null, "/spec/type": "NodePort" };
    expect(answerTo("service", { set }, server).object?.spec).toMatchObject({
      clusterIP: "10.0.0.13",
      clusterIPs: ["10.0.0.13"],
      ports: [{ nodePort: 30001 }],
    });
  });

  it("gets a node port when its type asks for one later", () => {
    const { object } = answerTo("service", {
      set: { "/spec/clusterIP": null },
      update: { "/spec/type": "NodePort" },
    });
    expect(object?.spec.ports).toMatchObject([{ port: 80, nodePort: 30000 }]);
  });
});

describe("a pod", () => {
  it.each([
    ["BestEffort", {}],
    ["BestEffort", { requests: { cpu: "0" } }],
    ["Burstable", { requests: { cpu: "1" } }],
    ["Burstable", { limits: { cpu: "1" } }],
    ["Burstable", { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "2", memory: "1Gi" } }],
    ["Guaranteed", { requests: { cpu: "1000m", memory: "1Gi" }, limits: { cpu: "1", memory: "1024Mi" } }],
    ["Guaranteed", { limits: { cpu: "1", memory: "1Gi" } }],
  ])("is %s with %j", (expected, resources) => {
    expect(qosClass({ containers: [{ name: "a", resources }] })).toBe(expected);
  });
});

describe("a volume", () => {
  it("notes when its phase changed, and only then", () => {
    const { object } = answerTo("volume", {});
    const volume = object as AnyObject;
    const later = { ...admission, now: () => "2026-02-02T00:00:00Z" };
    const bound = structuredClone(volume);
    bound.status.phase = "Bound";
    kindOf(bound).prepareStatusUpdate(bound, volume, later);
    expect(bound.status.lastPhaseTransitionTime).toBe("2026-02-02T00:00:00Z");
    const again = structuredClone(bound);
    kindOf(again).prepareStatusUpdate(again, bound, { ...admission, now: () => "2026-03-03T00:00:00Z" });
    expect(again.status.lastPhaseTransitionTime).toBe("2026-02-02T00:00:00Z");
  });
});

describe("a write of the status", () => {
  it("changes nothing else, and a plain write no status", () => {
    const { object } = answerTo("set", {});
    const set = object as AnyObject;
    const kind = kindOf(set);
    const next = structuredClone(set);
    next.spec.replicas = 7;
    next.status.replicas = 3;
    const plain = structuredClone(next);
    kind.prepareStatusUpdate(next, set);
    expect(next).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 3 } });
    kind.prepareUpdate(plain, set, admission);
    expect(plain).toMatchObject({ spec: { replicas: 7 }, status: { replicas: 0 } });
  });
});

describe("what nobody would write", () => {
  const causesOf = (base: string, what: Case) =>
    answerTo(base, what).causes?.map(({ field, message }) => `${field}: ${message}`);

  it("is refused: init containers and no others", () => {
    const initContainers = [{ name: "a", image: "nginx" }];
    for (const nothing of [null, []]) {
      const set = { "/spec/containers": nothing, "/spec/initContainers": initContainers };
      expect(causesOf("pod", { set })).toEqual(["spec.containers: Required value"]);
    }
  });

  it("is a claim that no longer asks for any size", () => {
    const status = { "/status/phase": "Bound", "/status/capacity": { storage: "1Gi" } };
    const causes = causesOf("claim", { status, update: { "/spec/resources": null } });
    expect(causes?.[0]).toBe("spec.resources[storage]: Required value");
    expect(causes?.[1]).toMatch(/^spec: Forbidden: spec is immutable after creation/);
    expect(causes?.slice(2)).toEqual([
      "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity",
    ]);
  });

  it.each(["constructor", "toString", "__proto__"])("is a name that all objects have: %s", (name) => {
    expect(answerTo("secret", { set: { "/type": name } }).object?.["type"]).toBe(name);
    expect(answerTo("pod", { set: { "/spec/priorityClassName": name } })).toMatchObject({
      code: 403,
      message: expect.stringContaining(`no PriorityClass with name ${name} was found`) as string,
    });
    const valueFrom = { resourceFieldRef: { resource: name, divisor: "3" } };
    expect(causesOf("pod", { set: { "/spec/containers/0/env": [{ name: "A", valueFrom }] } })).toEqual([
      expect.stringContaining("resourceFieldRef.resource: Unsupported value") as string,
    ]);
  });

  it("is two taints of one key and effect, and none of two", () => {
    const taint = (key: string, effect: string) => ({ key, effect });
    const taints = [taint("a", "NoSchedule"), taint("b", "NoSchedule"), taint("a", "NoExecute")];
    expect(causesOf("node", { set: { "/spec": { taints } } })).toBeUndefined();
    const causes = causesOf("node", { set: { "/spec": { taints: [...taints, taint("b", "NoSchedule")] } } });
    expect(causes).toEqual([expect.stringMatching(/^metadata.taints\[3\]: Duplicate value/) as string]);
  });

  it("is a list of tens of thousands, which is looked through once", () => {
    const many = (what: (at: number) => object) => Array.from({ length: 20_000 }, (_, at) => what(at));
    const ports = many((at) => ({ name: `p${at}`, containerPort: at + 1 }));
    const topologySpreadConstraints = many((at) => ({
      maxSkew: 1,
      topologyKey: `k${at}`,
      whenUnsatisfiable: "DoNotSchedule",
      labelSelector: {},
    }));
    const set = { "/spec/containers/0/ports": [...ports, { name: "p7", containerPort: 7 }] };
    expect(causesOf("pod", { set })).toEqual(['spec.containers[0].ports[20000].name: Duplicate value: "p7"']);
    const spread = { set: { "/spec/topologySpreadConstraints": topologySpreadConstraints } };
    expect(causesOf("pod", spread)).toBeUndefined();
  }, 10_000);
});
