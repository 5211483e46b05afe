import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { missingAssets } from "../support/control-plane/index.js";
import { type Case, outcomeOf, pages, prepare, tidy } from "./refused/replay.js";
import { onBoth, openSides } from "./support/side.js";

const pair = inject("pair");
const namespace = "refused";

describe.skipIf(!pair)(`what the API refuses (${pair ? "both clusters" : missingAssets})`, () => {
  if (!pair) return;
  const all = pages(pair.kubernetesVersion);
  const sides = openSides(pair);
  let refusals = 0;

  beforeAll(async () => {
    await onBoth(sides, (side) => side.port.create("namespaces", { metadata: { name: namespace } }));
    await onBoth(sides, prepare);
  });
  afterAll(async () => {
    await onBoth(sides, tidy);
    await onBoth(sides, (side) => side.port.delete("namespaces", { name: namespace }));
    sides.forEach((side) => side.close());
  });

  describe.each(all)("$title", ({ cases }) => {
    it.each(cases.map(named))("$base: $title", async (one) => {
      const [ours, real] = await onBoth(sides, (side) => outcomeOf(side, namespace, one));
      if (real.code >= 400) refusals++;
      if (one.what.differs) expect(ours, "no difference any more: take `differs` away").not.toEqual(real);
      else expect(ours).toEqual(real);
    });
  });

  const cases = all.flatMap((page) => page.cases);
  const explained = cases.filter(({ what }) => what.differs);
  it(`agrees on ${cases.length - explained.length} of ${cases.length} cases, and explains ${explained.length}`, () => {
    for (const { what } of explained) expect(what.differs?.length).toBeGreaterThan(20);
  });

  it("is enough to be worth its name", () => expect(refusals).toBeGreaterThan(80));
});

function named(one: Case): Case {
  return one.what.differs ? { ...one, title: `${one.title} (explained)` } : one;
}
