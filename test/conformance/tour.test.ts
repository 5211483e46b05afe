import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { missingAssets } from "../support/control-plane/index.js";
import { onBoth, openSides } from "./support/side.js";
import { compare } from "./tour/compare.js";
import { runSection, writeFiles, type Place } from "./tour/run.js";
import { readSections } from "./tour/section.js";

const pair = inject("pair");
const without = pair ? "kubectl is missing beside the control plane" : missingAssets;

describe.skipIf(!pair?.kubectl)(`a tour of kubectl (${pair?.kubectl ? "on both" : without})`, () => {
  if (!pair?.kubectl) return;
  const { directory, kubernetesVersion } = pair;
  const sides = openSides(pair);
  const sections = readSections();
  const attempts = new Map<string, number>();
  const total = { agree: 0, explained: 0, all: 0 };
  // The first command asks for all of discovery; the others find it in the cache.
  beforeAll(() => onBoth(sides, (side) => side.kubectl("default", ["api-resources"])));
  afterAll(() => {
    sides.forEach((side) => side.close());
    const { agree, explained, all } = total;
    process.stdout.write(`tour: ${agree} of ${all} commands agree, ${explained} explained\n`);
  });

  it.concurrent.each(sections)("$name: $about", { timeout: 600_000 }, async (section) => {
    // Tried again it needs another namespace: the first one may still be going.
    const attempt = attempts.get(section.name) ?? 0;
    attempts.set(section.name, attempt + 1);
    const namespace = `tour-${section.name}${attempt > 0 ? `-${attempt}` : ""}`;
    const place: Place = { namespace, directory: path.join(directory, namespace), kubernetesVersion };
    writeFiles(section, place);
    const [ours, real] = await onBoth(sides, async (side) => {
      await side.port.create("namespaces", { metadata: { name: namespace } });
      const steps = await runSection(side, section, place);
      await side.port.delete("namespaces", { name: namespace });
      return steps;
    });
    const { agree, explained, differences } = compare(ours, real);
    total.agree += agree;
    total.explained += explained;
    total.all += real.length;
    expect(differences.length, `\n${differences.join("\n")}`).toBe(0);
  });
});
