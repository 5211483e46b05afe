import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { missingAssets } from "../support/control-plane/index.js";
import { onBoth, openSides } from "./support/side.js";
import { anyWalk } from "./walks/arbitrary.js";
import { Observer } from "./walks/observer.js";
import { clear, go, gone, type WalkContext } from "./walks/walk.js";

/** How many; `STS_WALKS=200` for a night. */
const count = Number(process.env["STS_WALKS"] ?? 20);
/** The same ones in every usual run; others by `STS_WALKS_SEED`. */
const seed = Number(process.env["STS_WALKS_SEED"] ?? 1);
/** Only this one of them. */
const only = process.env["STS_WALKS_ONLY"];
const walks = fc.sample(anyWalk, { seed, numRuns: count });

const classes = {
  now: {},
  late: { volumeBindingMode: "WaitForFirstConsumer" },
  kept: { reclaimPolicy: "Retain" },
};

vi.setConfig({ maxConcurrency: 4, testTimeout: 240_000 });
const pair = inject("pair");

describe.skipIf(!pair)(`random walks on both clusters (${pair ? "found" : missingAssets})`, () => {
  if (!pair) return;
  const sides = openSides(pair);
  const run = randomUUID().slice(0, 8);
  const prefix = `walks-${run}`;
  const observers: Observer[] = [];
  const begun: WalkContext[] = [];

  beforeAll(async () => {
    for (const { port } of sides) observers.push(await Observer.start(port));
    for (const [name, fields] of Object.entries(classes)) {
      const metadata = { name: `${prefix}-${name}` };
      await onBoth(sides, ({ port }) =>
        port.create("storageclasses", { metadata, provisioner: "example.org/disk", ...fields }),
      );
    }
  });

  afterAll(async () => {
    await Promise.all(begun.map(gone));
    for (const name of Object.keys(classes))
      await onBoth(sides, ({ port }) => port.delete("storageclasses", { name: `${prefix}-${name}` }));
    for (const each of [...observers]) each.stop();
    for (const side of sides) side.close();
  });

  const numbered = walks.map((walk, index) => ({ walk, number: index + 1 }));
  const asked = numbered.filter(({ number }) => only === undefined || number === Number(only));
  it.concurrent.each(asked)("walk $number of seed " + seed, async ({ walk, number }) => {
    const [ours, real] = observers;
    if (!ours || !real) throw new Error("two sides are to be compared");
    const namespace = `walk-${number}-${randomUUID().slice(0, 8)}`;
    const context: WalkContext = { sides, observers: [ours, real], namespace, prefix };
    begun.push(context);
    try {
      for await (const step of go(walk, context)) {
        expect(step.ours, `STS_WALKS_SEED=${seed}, the last of\n${step.done}\n`).toEqual(step.real);
        expect(step.real.underWay, `does not come to rest after\n${step.done}\n`).toEqual([]);
      }
    } finally {
      await clear(context);
    }
  });
});
