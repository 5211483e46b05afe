import { describe, expect, it } from "vitest";
import type { StatefulSet } from "../../../src/core/model.js";
import {
  describeResourceChange,
  parseResourceChange,
  resourceNotes,
  resourcesPatch,
} from "../../../src/core/rollout/resources.js";

const set = {
  metadata: { name: "web" },
  spec: {
    template: {
      spec: {
        containers: [
          {
            name: "nginx",
            resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "1" } },
          },
          { name: "log" },
        ],
        initContainers: [{ name: "init" }],
      },
    },
  },
} as unknown as StatefulSet;

/** `cpu=1 | memory=1Gi`: requests, then limits. */
function parse(text: string) {
  const [requests = "", limits = ""] = text.split("|").map((part) => part.trim());
  return parseResourceChange(requests ? [requests] : [], limits ? [limits] : []);
}

describe("resourcesPatch", () => {
  it.each<[string, string, object]>([
    ["cpu=250m | ", "nginx", { containers: [{ name: "nginx", resources: { requests: { cpu: "250m" } } }] }],
    [" | cpu=0", "nginx", { containers: [{ name: "nginx", resources: { limits: { cpu: null } } }] }],
    [
      "cpu=0.5,memory=0 | cpu=1000m,memory=2Gi",
      "nginx",
      {
        containers: [{ name: "nginx", resources: { requests: { memory: null }, limits: { memory: "2Gi" } } }],
      },
    ],
    ["cpu=500m | ", "*", { containers: [{ name: "log", resources: { requests: { cpu: "500m" } } }] }],
    [
      "cpu=1 | cpu=1",
      "init",
      { initContainers: [{ name: "init", resources: { requests: { cpu: "1" }, limits: { cpu: "1" } } }] },
    ],
  ])("%s of %s", (text, pattern, spec) => {
    expect(resourcesPatch(set, pattern, parse(text))).toEqual({ spec });
  });

  it.each(["cpu=0.5 | cpu=1000m", "memory=1024Mi |", "| memory=0", "| nvidia.com/gpu=0"])(
    "is nothing where %s is so already",
    (text) => expect(resourcesPatch(set, "nginx", parse(text))).toBeUndefined(),
  );
});

describe("parseResourceChange refuses", () => {
  it.each([
    [" | ", "--requests or --limits is needed"],
    ["cpu | ", '--requests: "cpu" is not RESOURCE=QUANTITY'],
    [" | memory=1GB", '--limits: "1GB" is not a quantity'],
    ["cpu=-1 | ", '--requests: "cpu=-1" is below zero'],
    ["cpu=1,cpu=2 | ", "gives cpu twice"],
    ["cpu=2 | cpu=1", '--requests: "cpu=2" is more than its limit 1'],
  ])("%s", (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  it("but takes a request without a limit that is removed", () => {
    expect(parse("cpu=2 | cpu=0").limits.get("cpu")).toBe("0");
  });
});

describe("what is said of a change", () => {
  it.each([
    ["cpu=1,memory=0 | cpu=0", "requests cpu=1, no memory; limits no cpu"],
    [" | cpu=1", "limits cpu=1"],
  ])("%s", (text, words) => expect(describeResourceChange(parse(text))).toBe(words));

  it("names the limit that becomes the request", () => {
    expect(resourceNotes(set, "*", parse("cpu=0,memory=0 | "))).toEqual([
      "without a request, nginx requests its limit of cpu, 1",
    ]);
    expect(resourceNotes(set, "*", parse("cpu=0 | cpu=0"))).toEqual([]);
    expect(resourceNotes(set, "log", parse("cpu=0 | "))).toEqual([]);
  });
});
