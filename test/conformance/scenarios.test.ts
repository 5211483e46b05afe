import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { missingAssets } from "../support/control-plane/index.js";
import { noteOutcome } from "./engine/agreement.js";
import { observe, type Observer } from "./engine/observer.js";
import { play } from "./engine/run.js";
import { loadScenarios } from "./engine/scenario.js";
import { storageClasses } from "./engine/shorthand.js";
import { onBoth, openSides } from "./support/side.js";

const pair = inject("pair");
const folder = path.join(import.meta.dirname, "scenarios");

describe.skipIf(!pair)(`scenarios on both clusters (${pair ? "found" : missingAssets})`, () => {
  if (!pair) return;
  const sides = openSides(pair);
  let observers: [Observer, Observer];
  let serial = 0;

  beforeAll(async () => {
    for (const object of storageClasses)
      await onBoth(sides, (side) => side.port.create("storageclasses", object));
    observers = await onBoth(sides, observe);
  });

  afterAll(() => {
    for (const observer of observers) observer.stop();
    for (const side of sides) side.close();
  });

  for (const [theme, scenarios] of loadScenarios(folder)) {
    const due = scenarios.filter(({ versions }) => versions?.includes(pair.kubernetesVersion) ?? true);
    // Every wait of a scenario has its own limit; how long it waits for its turn is no matter.
    describe.concurrent(theme, { timeout: 900_000 }, () => {
      it.for(due.map((scenario) => [scenario.name, scenario] as const))("%s", async ([, scenario], here) => {
        serial += 1;
        const outcome = { name: `${theme}: ${scenario.name}`, explained: scenario.differs !== undefined };
        noteOutcome(pair.directory, { ...outcome, agrees: false });
        const [ours, real] = await play({ sides, observers }, scenario, `scenario-${serial}`);
        here.expect(ours).toEqual(real);
        noteOutcome(pair.directory, { ...outcome, agrees: true });
      });
    });
  }

  it("that must differ are explained to the sandbox's users", () => {
    const words = (text: string) => text.replaceAll(/\s+/g, " ");
    const guide = words(readFileSync(path.join(import.meta.dirname, "../../docs/sandbox.md"), "utf8"));
    const differences = loadScenarios(folder).flatMap(([, scenarios]) =>
      scenarios.flatMap(({ differs = [] }) => differs),
    );
    for (const { why } of differences) expect(guide).toContain(words(why).trim());
  });
});
