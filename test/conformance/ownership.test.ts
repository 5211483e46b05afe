import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { missingAssets } from "../support/control-plane/index.js";
import { ofSets } from "./ownership/sets.js";
import { ofSettings } from "./ownership/settings.js";
import { namespace, start, type Step } from "./ownership/steps.js";
import { ofTemplates } from "./ownership/templates.js";
import { onBoth, openSides, type Side } from "./support/side.js";

const pair = inject("pair");

/** Who owns what, as it is seen in the object: without times, which no two clusters have the same. */
interface Seen {
  code: number;
  message?: unknown;
  causes?: unknown;
  spec?: unknown;
  metadata?: unknown;
  data?: unknown;
  owners?: unknown;
}

/** The entries of managedFields that clients made: what controllers write comes when it comes. */
// oxlint-disable-next-line no-explicit-any -- an object of whatever kind
function ownersOf(object: any): unknown[] {
  const entries: { manager: string; time: string }[] = object?.metadata?.managedFields ?? [];
  const clients = entries.filter(({ manager }) => !manager.startsWith("kube-"));
  // Of the same second or not: that is chance.
  return sorted(clients.map(({ time: _time, ...entry }) => entry));
}

async function play(side: Side, name: string, step: Step): Promise<Seen> {
  const { method = "PATCH", type, body, query = "", path = "" } = step;
  const answer = await side.request({
    method,
    path: `${step.collection}${method === "POST" ? "" : `/${name}`}${path}?${query}`,
    headers: type ? { "Content-Type": type } : {},
    body: body === undefined ? undefined : JSON.stringify(named(body, name)),
  });
  const { code, body: found } = answer;
  if (code >= 400) {
    const { message, details } = found as { message: string; details?: { causes?: object[] } };
    return {
      code,
      message: sorted(message.split(/\n(?=conflicts with)|(?<=conflicts): /)),
      causes: sorted(details?.causes),
    };
  }
  const read = await side.request({ path: `${step.collection}/${name}` });
  if (read.code >= 400) return { code };
  const { spec, data, metadata } = read.body;
  const { labels, annotations, finalizers, ownerReferences } = metadata;
  const { clusterIP: _ip, clusterIPs: _ips, ...rest } = spec ?? {};
  return {
    code,
    spec: rest,
    data,
    metadata: { labels, annotations, finalizers, ownerReferences },
    owners: ownersOf(read.body),
  };
}

/** In an order of its own: Go goes through managers as it likes. */
function sorted<T>(list: readonly T[] = []): T[] {
  return [...list].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}

function named(body: object, name: string): object {
  return JSON.parse(JSON.stringify(body).replaceAll("NAME", name)) as object;
}

describe.skipIf(!pair)(`ownership of fields (${pair ? "found" : missingAssets})`, () => {
  if (!pair) return;
  const sides = openSides(pair);
  beforeAll(async () => void (await onBoth(sides, start)));
  afterAll(async () => {
    await onBoth(sides, (side) => side.port.delete("namespaces", { name: namespace }));
    sides.forEach((side) => side.close());
  });

  it.concurrent.each(Object.entries({ ...ofSettings, ...ofSets, ...ofTemplates }))(
    "%s",
    async (what, steps) => {
      const name = what
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, "-")
        .slice(0, 50)
        .replace(/-+$/, "");
      const [ours, real] = await onBoth(sides, async (side) => {
        const seen: Seen[] = [];
        // One after another: what the second manager finds is what the first one left.
        for (const step of steps) seen.push(await play(side, name, step));
        return seen;
      });
      expect(ours).toEqual(real);
    },
  );
});
