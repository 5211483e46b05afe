import { describe, expect, it } from "vitest";
import type { AnyObject } from "../../../src/sandbox/port.js";
import { misfit } from "../../../src/sandbox/simulator/fit.js";
import type { Room } from "../../../src/sandbox/simulator/together.js";

const web = { app: "web" };
const alike = { topologyKey: "host", labelSelector: { matchLabels: web } };

function pod(spec: object = {}, labels: object = web, namespace = "one"): AnyObject {
  const containers = [{ name: "nginx", image: "nginx" }];
  return {
    kind: "Pod",
    metadata: { name: "web-0", namespace, labels },
    spec: { containers, ...spec },
  } as unknown as AnyObject;
}

function node(name: string, spec: object = {}): AnyObject {
  const status = { allocatable: { cpu: "4", memory: "8Gi", pods: "10" } };
  return { kind: "Node", metadata: { name, labels: { host: name } }, spec, status } as unknown as AnyObject;
}

function company(which: string, term: object = alike): object {
  return { affinity: { [which]: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } };
}

/** What stands against the first of the rooms. */
function against(wanted: AnyObject, rooms: [Room, ...Room[]]): string[] | undefined {
  const labelsOf = (name: string): Record<string, string> => (name === "two" ? { team: "b" } : {});
  return misfit(wanted, rooms[0].node, rooms[0].pods, { rooms, labelsOf })?.reasons;
}

const empty: Room = { node: node("a"), pods: [] };
const full: Room = { node: node("b"), pods: [pod()] };

describe("what stands against a node", () => {
  it("is that it is cordoned or tainted, unless the pod tolerates that", () => {
    const tainted = node("a", { taints: [{ key: "for", value: "db", effect: "NoSchedule" }] });
    const tolerations = [{ key: "for", value: "db", effect: "NoSchedule" }];
    const cordoned = node("a", { unschedulable: true });
    expect(against(pod(), [{ node: cordoned, pods: [] }])).toEqual(["node(s) were unschedulable"]);
    expect(
      against(pod({ tolerations: [{ operator: "Exists" }] }), [{ node: cordoned, pods: [] }]),
    ).toBeUndefined();
    expect(against(pod(), [{ node: tainted, pods: [] }])).toEqual(["node(s) had untolerated taint(s)"]);
    expect(against(pod({ tolerations }), [{ node: tainted, pods: [] }])).toBeUndefined();
  });

  it("is a topology that it has no label of, be it called as what all objects have", () => {
    const spread = { ...alike, topologyKey: "constructor", maxSkew: 1, whenUnsatisfiable: "DoNotSchedule" };
    expect(against(pod({ topologySpreadConstraints: [spread] }), [empty])).toEqual([
      "node(s) didn't match pod topology spread constraints (missing required label)",
    ]);
  });

  it("is a spread that counts the nodes which its own policies count", () => {
    const tainted: Room = { node: node("c", { taints: [{ key: "x", effect: "NoSchedule" }] }), pods: [] };
    const one = { ...alike, maxSkew: 1, whenUnsatisfiable: "DoNotSchedule" };
    const honors = { ...one, labelSelector: { matchLabels: { app: "none" } }, nodeTaintsPolicy: "Honor" };
    expect(
      against(pod({ topologySpreadConstraints: [one, honors] }), [
        full,
        { ...full, node: node("d") },
        tainted,
      ]),
    ).toEqual(["node(s) didn't match pod topology spread constraints"]);
  });

  it("is what init containers request, where they want more than the others together", () => {
    const small = { name: "nginx", resources: { requests: { cpu: "3" } } };
    const asked = (initContainers: object[]) => pod({ containers: [small], initContainers });
    const large = { name: "first", resources: { requests: { cpu: "5" } } };
    expect(against(asked([small, small]), [empty])).toBeUndefined();
    expect(against(asked([large]), [empty])).toEqual(["Insufficient cpu"]);
    expect(against(asked([{ ...small, restartPolicy: "Always" }]), [empty])).toEqual(["Insufficient cpu"]);
  });

  it("is a port that another pod has there", () => {
    const wanted = pod({ containers: [{ name: "nginx", ports: [{ containerPort: 80, hostPort: 80 }] }] });
    const reasons = ["node(s) didn't have free ports for the requested pod ports"];
    expect(against(wanted, [{ ...empty, pods: [wanted] }])).toEqual(reasons);
    expect(against(wanted, [full])).toBeUndefined();
  });

  it("is the company that a pod wants, or does not want", () => {
    const [close, apart] = [pod(company("podAffinity")), pod(company("podAntiAffinity"))];
    expect(against(close, [empty, full])).toEqual(["node(s) didn't match pod affinity rules"]);
    expect(against(close, [full, empty])).toBeUndefined();
    expect(against(close, [empty])).toBeUndefined();
    expect(against(apart, [full, empty])).toEqual(["node(s) didn't match pod anti-affinity rules"]);
    expect(against(apart, [empty, full])).toBeUndefined();
    expect(against(pod(), [{ ...empty, pods: [apart] }])).toEqual([
      "node(s) didn't satisfy existing pods anti-affinity rules",
    ]);
  });

  it("is company in other namespaces, where a term names or selects these", () => {
    const elsewhere = pod({}, web, "two");
    const apart = (where: object) => pod(company("podAntiAffinity", { ...alike, ...where }));
    const other: [Room] = [{ ...empty, pods: [elsewhere] }];
    const crowded = ["node(s) didn't match pod anti-affinity rules"];
    expect(against(apart({}), other)).toBeUndefined();
    expect(against(apart({ namespaces: ["two"] }), other)).toEqual(crowded);
    expect(against(apart({ namespaceSelector: {} }), other)).toEqual(crowded);
    expect(against(apart({ namespaceSelector: { matchLabels: { team: "b" } } }), other)).toEqual(crowded);
    expect(against(apart({ namespaceSelector: { matchLabels: { team: "a" } } }), other)).toBeUndefined();
    expect(against(apart({ namespaceSelector: { matchLabels: { team: "b" } } }), [full])).toBeUndefined();
  });

  it("is that pods would not be spread", () => {
    const spread = (topologyKey: string, constraint: object = {}, spec: object = {}) =>
      pod({
        ...spec,
        topologySpreadConstraints: [
          { ...alike, topologyKey, maxSkew: 1, whenUnsatisfiable: "DoNotSchedule", ...constraint },
        ],
      });
    const reason = "node(s) didn't match pod topology spread constraints";
    expect(against(spread("host"), [full, empty])).toEqual([reason]);
    expect(against(spread("host"), [empty, full])).toBeUndefined();
    expect(against(spread("rack"), [empty])).toEqual([`${reason} (missing required label)`]);
    expect(against(spread("host", { minDomains: 2 }), [full])).toEqual([reason]);
    const onB = { nodeSelector: { host: "b" } };
    expect(against(spread("host", {}, onB), [full, empty])).toBeUndefined();
    expect(against(spread("host", { nodeAffinityPolicy: "Ignore" }, onB), [full, empty])).toEqual([reason]);
    const tainted = { node: node("a", { taints: [{ key: "for", effect: "NoSchedule" }] }), pods: [] };
    expect(against(spread("host"), [full, tainted])).toEqual([reason]);
    expect(against(spread("host", { nodeTaintsPolicy: "Honor" }), [full, tainted])).toBeUndefined();
  });
});
