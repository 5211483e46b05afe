import { describe, expect, it } from "vitest";
import type { AnyObject } from "../../../src/sandbox/port.js";
import { containerFault, podFault, slowness } from "../../../src/sandbox/simulator/faults.js";

function pod(name: string, annotations: Record<string, string>, image = "nginx"): AnyObject {
  const metadata = { name, uid: "1", resourceVersion: "1", creationTimestamp: "", annotations };
  const containers = [
    { name: "main", image },
    { name: "side", image: "side:1" },
  ];
  return { apiVersion: "v1", kind: "Pod", metadata, spec: { containers } };
}

describe("podFault", () => {
  it("is none without the annotation, and for a word that is no fault", () => {
    expect(podFault(pod("web-0", {}))).toBeUndefined();
    expect(podFault(pod("web-0", { "sandbox/fault": "earthquake" }))).toBeUndefined();
  });

  it.each([
    ["3-", [3, 4, 5, 6, 50]],
    ["0,2-4", [0, 2, 3, 4]],
    [" 1 , 5 - 6 ", [1, 5, 6]],
    ["", []],
    ["x", []],
  ])("falls on the ordinals of %j only", (ordinals, hit) => {
    const annotations = { "sandbox/fault": "crash-loop", "sandbox/fault-ordinals": ordinals };
    const all = [0, 1, 2, 3, 4, 5, 6, 50];
    expect(all.filter((ordinal) => podFault(pod(`web-${ordinal}`, annotations)))).toEqual(hit);
  });

  it("narrows nothing but pods with an ordinal", () => {
    const annotations = { "sandbox/fault": "crash-loop", "sandbox/fault-ordinals": "0-" };
    expect(podFault(pod("lonely", annotations))).toBeUndefined();
  });
});

describe("containerFault", () => {
  it("gives the pod's fault to its first container", () => {
    const faulty = pod("web-0", { "sandbox/fault": "config-error" });
    expect(containerFault(faulty, { name: "main", image: "nginx" })).toBe("config-error");
    expect(containerFault(faulty, { name: "side", image: "side:1" })).toBeUndefined();
  });

  it.each([
    ["nginx:crash-loop", "crash-loop"],
    ["nginx:crash-once", "crash-once"],
    ["registry.local:5000/nginx:image-pull", "image-pull"],
    ["nginx:never-ready@sha256:0123", "never-ready"],
    ["nginx:unschedulable", undefined],
    ["registry.local:5000/crash-loop", undefined],
    ["crash-loop", undefined],
  ])("reads the tag of %s", (image, fault) => {
    expect(containerFault(pod("web-0", {}), { name: "main", image })).toBe(fault);
  });
});

describe("slowness", () => {
  it.each([
    ["5s", 5_000],
    ["1m30s", 90_000],
    ["250ms", 250],
    ["0.5h", 1_800_000],
    ["soon", 0],
  ])("%s is %i ms", (text, milliseconds) => {
    expect(slowness(pod("web-0", { "sandbox/slow": text }))).toBe(milliseconds);
  });
});
