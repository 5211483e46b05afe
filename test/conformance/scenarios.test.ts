import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { missingAssets } from "../support/control-plane/index.js";
import type { Clusters } from "./engine/run.js";
import { loadScenarios } from "./engine/scenario.js";
import { readyFor, testScenarios } from "./engine/suite.js";
import { openSides } from "./support/side.js";

const pair = inject("pair");
const folder = path.join(import.meta.dirname, "scenarios");

describe.skipIf(!pair)(`scenarios on both clusters (${pair ? "found" : missingAssets})`, () => {
  if (!pair) return;
  const sides = openSides(pair);
  let clusters: Clusters;

  beforeAll(async () => {
    clusters = await readyFor(sides);
  });

  afterAll(() => {
    for (const observer of clusters.observers) observer.stop();
    for (const side of sides) side.close();
  });

  testScenarios(folder, pair, () => clusters);

  it("that must differ are explained to the sandbox's users", () => {
    const words = (text: string) => text.replaceAll(/\s+/g, " ");
    const guide = words(readFileSync(path.join(import.meta.dirname, "../../docs/sandbox.md"), "utf8"));
    const differences = loadScenarios(folder).flatMap(([, scenarios]) =>
      scenarios.flatMap(({ differs = [] }) => differs),
    );
    for (const { why } of differences) expect(guide).toContain(words(why).trim());
  });
});
