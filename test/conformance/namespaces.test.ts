import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, inject, it, vi } from "vitest";
import type { AnyObject } from "../../src/sandbox/port.js";
import { missingAssets } from "../support/control-plane/index.js";
import { onBoth, openSides, type Side } from "./support/side.js";

const pair = inject("pair");
const finalizers = ["example.org/hold"];
const labels = { app: "web" };

describe.skipIf(!pair)(`namespaces on both clusters (${pair ? "found" : missingAssets})`, () => {
  if (!pair) return;
  const sides = openSides(pair);
  const name = `emptied-${randomUUID().slice(0, 8)}`;
  const free = async ({ port }: Side, resource: string, which: string) => {
    await port.patch(resource, { namespace: name, name: which }, { metadata: { finalizers: null } });
  };

  afterAll(() => {
    for (const side of sides) side.close();
  });

  it("that are deleted lose their pods first, and say what holds them", async () => {
    await onBoth(sides, (side) => fill(side, name));
    await onBoth(sides, ({ port }) => port.delete("namespaces", { name }));

    const [ours, real] = await onBoth(sides, (side) => whatIsLeft(side, name, ["pod web"]));
    expect(ours).toEqual(real);

    await onBoth(sides, (side) => free(side, "pods", "web"));
    const held = ["configmap web", "poddisruptionbudget web"];
    const [oursHeld, realHeld] = await onBoth(sides, (side) => whatIsLeft(side, name, held));
    expect(oursHeld).toEqual(realHeld);

    await onBoth(sides, (side) => free(side, "configmaps", "web"));
    await onBoth(sides, (side) => free(side, "poddisruptionbudgets", "web"));
    await onBoth(sides, ({ port }) =>
      seen(
        () => port.get("namespaces", { name }),
        (found) => !found,
      ),
    );
  });
});

async function fill({ port }: Side, namespace: string): Promise<void> {
  const containers = [{ name: "nginx", image: "nginx:1" }];
  await port.create("namespaces", { metadata: { name: namespace } });
  await port.create("configmaps", { metadata: { namespace, name: "web", finalizers } });
  await port.create("poddisruptionbudgets", {
    metadata: { namespace, name: "web", finalizers },
    spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
  });
  await port.create("pods", {
    metadata: { namespace, name: "web", labels, finalizers },
    spec: { containers },
  });
}

/** What the namespace says once exactly these objects are being deleted, and what else is there. */
async function whatIsLeft({ port }: Side, namespace: string, going: string[]): Promise<object> {
  const left = async () => {
    const lists = await Promise.all(
      ["pods", "configmaps", "poddisruptionbudgets"].map((resource) => port.list(resource, namespace)),
    );
    const named = lists.flat().map(({ kind, metadata }) => ({
      object: `${kind.toLowerCase()} ${metadata.name}`,
      isGoing: metadata.deletionTimestamp !== undefined,
    }));
    const said = await port.get("namespaces", { name: namespace });
    return { named, conditions: (said?.["status"].conditions ?? []) as AnyObject[] };
  };
  const found = await seen(left, ({ named, conditions }) => {
    const leaving = named.flatMap(({ object, isGoing }) => (isGoing ? [object] : []));
    const isSaid = conditions.length > 0 && (leaving.includes("pod web") || saysHeld(conditions));
    return isSaid && leaving.toSorted().join() === going.join();
  });
  const conditions = found.conditions.map(({ lastTransitionTime: _any, ...condition }) => condition);
  return { left: found.named, conditions };
}

function saysHeld(conditions: AnyObject[]): boolean {
  return conditions.some(({ message }) => String(message).includes("poddisruptionbudgets.policy"));
}

function seen<T>(look: () => Promise<T>, is: (found: T) => boolean): Promise<T> {
  return vi.waitFor(
    async () => {
      const found = await look();
      if (!is(found)) throw new Error(`not yet: ${JSON.stringify(found)}`);
      return found;
    },
    { timeout: 60_000, interval: 250 },
  );
}
