import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classifier } from "../../../src/core/claims/classify.js";
import type { ClaimFacts, Surroundings } from "../../../src/core/claims/facts.js";
import { includable, mayCleanUp } from "../../../src/core/claims/states.js";
import { claim, owner, set } from "./build.js";

/** Few names that collide in every way: dashes, digits, one a prefix or suffix of the other. */
const names = ["web", "web-web", "web-1", "a-b", "b", "c", "b-c", "a", "1"];
const templateNames = ["www", "a", "a-b", "web", "data-1", "www-web"];
const namespaces = ["default", "other"];
const name = fc.constantFrom(...names);
const template = fc.constantFrom(...templateNames);
const namespace = fc.constantFrom(...namespaces);
const ordinal = fc.oneof(fc.nat(12), fc.constantFrom(99, 100, 101));
const labels = fc.constantFrom<Record<string, string>>({}, { app: "web" }, { app: "b" }, { app: "c" });
const claimNameOf = fc.tuple(template, name, ordinal).map((parts) => parts.join("-"));

const sets = fc.uniqueArray(
  fc
    .record({
      namespace,
      name,
      replicas: fc.nat(11),
      start: fc.constantFrom(0, 0, 3, 9),
      templates: fc.uniqueArray(template, { maxLength: 3 }),
      labels,
      deleting: fc.boolean(),
    })
    .map(({ name: called, replicas, ...fields }) => set(called, replicas, fields)),
  { maxLength: 6, selector: (one) => `${one.namespace}/${one.name}` },
);

const claims = fc.uniqueArray(
  fc
    .record({
      namespace,
      name: claimNameOf,
      labels,
      creator: fc.constantFrom("kube-controller-manager", "kubectl-create", undefined),
      owners: fc.constantFrom<ClaimFacts["owners"]>(
        [],
        [],
        [owner("Database", "x")],
        [owner("Pod", "web-3")],
      ),
    })
    .map((fields) => claim(fields.name, fields)),
  { maxLength: 12, selector: (one) => `${one.namespace}/${one.name}` },
);

const pods = fc.array(
  fc.record({
    namespace,
    name: fc.tuple(name, ordinal).map((parts) => parts.join("-")),
    claims: fc.array(claimNameOf, { maxLength: 2 }),
    uid: fc.uuid(),
  }),
  { maxLength: 4 },
);
const autoscalers = fc.option(
  fc.array(fc.record({ namespace, name, set: name, maxReplicas: fc.nat(110) }), { maxLength: 3 }),
  { nil: undefined },
);
const worlds = fc.record({ sets, pods, autoscalers, claims });
type World = Surroundings & { claims: ClaimFacts[] };

/** What safety.md forbids, written down again without the index, the order of rules or the parsing of the product. */
function mustStay(one: ClaimFacts, world: World): boolean {
  if (world.pods.some((pod) => pod.namespace === one.namespace && pod.claims.includes(one.name))) return true;
  const own = world.sets.filter((candidate) => candidate.namespace === one.namespace);
  const pairs = own.flatMap((candidate) =>
    candidate.templates.map((called) => ({ candidate, prefix: `${called}-${candidate.name}-` })),
  );
  const fitting = pairs.filter(
    ({ prefix }) => one.name.startsWith(prefix) && /^\d+$/.test(one.name.slice(prefix.length)),
  );
  if (fitting.length > 1) return true;
  if (one.owners.some(({ controller }) => controller)) return true;
  return fitting.some(({ candidate, prefix }) => {
    const number = Number(one.name.slice(prefix.length));
    return number >= candidate.start && number < candidate.end;
  });
}

function belowMaximum(one: ClaimFacts, { sets: all, autoscalers: scalers }: World): boolean {
  return all.some(({ namespace: where, name: called, templates, start, end }) => {
    if (where !== one.namespace) return false;
    const maxima = scalers?.filter((hpa) => hpa.namespace === where && hpa.set === called) ?? [];
    const maximum = Math.max(0, ...maxima.map(({ maxReplicas }) => maxReplicas));
    return templates.some((part) => {
      const prefix = `${part}-${called}-`;
      const rest = one.name.slice(prefix.length);
      if (!one.name.startsWith(prefix) || !/^\d+$/.test(rest)) return false;
      // Where they could not be read any set that runs might be scaled up.
      if (!scalers) return end > start;
      return Number(rest) >= start && Number(rest) < start + maximum;
    });
  });
}

describe("whatever the cluster looks like", () => {
  const runs = { numRuns: 20_000 };

  it("no claim that is mounted, in range, ambiguous or another controller's is ever chosen", () => {
    let chosen = 0;
    fc.assert(
      fc.property(worlds, (world) => {
        const judge = classifier(world, world.claims);
        for (const one of world.claims) {
          if (!mayCleanUp(judge(one), includable)) continue;
          chosen += 1;
          expect(mustStay(one, world)).toBe(false);
        }
      }),
      runs,
    );
    expect(chosen).toBeGreaterThan(1_000);
  });

  it("no claim that an autoscaler could bring back is chosen unless that was asked for", () => {
    const others = includable.filter((state) => state !== "autoscaled");
    fc.assert(
      fc.property(worlds, (world) => {
        const judge = classifier(world, world.claims);
        const chosen = world.claims.filter((one) => mayCleanUp(judge(one), others));
        expect(chosen.filter((one) => belowMaximum(one, world))).toEqual([]);
      }),
      runs,
    );
  });

  it("the order of sets and pods does not matter", () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const reversed = { ...world, sets: [...world.sets].reverse(), pods: [...world.pods].reverse() };
        const states = (around: World) =>
          world.claims.map((one) => classifier(around, world.claims)(one).state);
        expect(states(reversed)).toEqual(states(world));
      }),
      { numRuns: 2_000 },
    );
  });
});
