import { afterAll, describe, expect, inject, it } from "vitest";
import { missingAssets } from "../support/control-plane/index.js";
import { onBoth, openSides } from "./support/side.js";

const pair = inject("pair");

describe.skipIf(!pair)(`both clusters (${pair ? "found" : missingAssets})`, () => {
  if (!pair) return;
  const sides = openSides(pair);
  afterAll(() => sides.forEach((side) => side.close()));

  it("are of the same release", async () => {
    const versions = await onBoth(sides, async (side) => (await side.request({ path: "/version" })).body);
    for (const { major, minor } of versions) expect(`${major}.${minor}`).toBe(pair.kubernetesVersion);
  });

  it("answer kubectl", async () => {
    const [ours, real] = await onBoth(sides, (side) =>
      side.kubectl("default", ["get", "namespaces", "-o", "name"]),
    );
    expect(ours.code).toBe(0);
    expect(real.code).toBe(0);
    expect(ours.stdout).toContain("namespace/default\n");
    expect(real.stdout).toContain("namespace/default\n");
  });
});
