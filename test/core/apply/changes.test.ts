import { describe, expect, it } from "vitest";
import { changesOf } from "../../../src/core/apply/changes.js";
import type { StatefulSet } from "../../../src/core/model.js";

interface Parts {
  image?: string;
  env?: string;
  replicas?: number;
  partition?: number;
  type?: string;
  minReadySeconds?: number;
}

function set({
  image = "nginx:1",
  env,
  replicas = 3,
  partition = 0,
  type = "RollingUpdate",
  ...more
}: Parts = {}) {
  const container = { name: "main", image, ...(env && { env: [{ name: "A", value: env }] }) };
  const rollingUpdate = type === "RollingUpdate" ? { partition } : undefined;
  return {
    metadata: { name: "web" },
    spec: {
      replicas,
      template: { spec: { containers: [container] } },
      updateStrategy: { type, rollingUpdate },
      ...more,
    },
  } as unknown as StatefulSet;
}

describe("changesOf", () => {
  it.each<[Parts, string[]]>([
    [{}, []],
    [{ image: "nginx:2" }, ["main → nginx:2"]],
    [{ env: "b" }, ["another template"]],
    [{ image: "nginx:2", env: "b", replicas: 5 }, ["main → nginx:2", "3 → 5 replicas"]],
    [{ partition: 2 }, ["partition 0 → 2"]],
    [{ type: "OnDelete" }, ["update strategy RollingUpdate → OnDelete"]],
    [{ minReadySeconds: 10 }, ["another minReadySeconds"]],
  ])("%o", (parts, words) => {
    expect(changesOf(set(), set(parts))).toEqual(words);
  });

  it("leaves the strategy out where it is told in another way", () => {
    expect(changesOf(set(), set({ image: "nginx:2", partition: 2 }), false)).toEqual(["main → nginx:2"]);
  });
});
