import * as fc from "fast-check";
import * as some from "../../support/claims-oracle/arbitrary.js";
import type { Owner, RawPod, RawScaler, RawSet, RawWorld } from "../../support/claims-oracle/index.js";

/** What others do while claims are being cleaned up. `at` picks one of what is there. */
export type Happening =
  | { what: "scale"; at: number; replicas: number }
  | { what: "make set"; set: RawSet }
  | { what: "make pod"; pod: RawPod }
  | { what: "make scaler"; scaler: RawScaler }
  | { what: "delete set" | "finish set" | "delete pod" | "delete scaler"; at: number }
  | { what: "fall silent" | "relist"; resource: string }
  | { what: "to claim"; at: number; doing: Doing };

/** `hold`: its deletion only begins. `rebind`: to a volume that is another's. */
export type Doing =
  | { verb: "mount" | "remake" | "annotate" | "rebind" | "hold" }
  | { verb: "relabel"; labels: Record<string, string> }
  | { verb: "own"; owners: Owner[] };

const here = fc.constant("default");
const at = fc.nat(5);
const resource = fc.constantFrom("statefulsets", "pods", "horizontalpodautoscalers");
const going = fc.constantFrom(
  "delete set" as const,
  "finish set" as const,
  "delete pod" as const,
  "delete scaler" as const,
);
const being = <What extends string>(what: What) => fc.constant(what);

const doing: fc.Arbitrary<Doing> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      verb: fc.constantFrom(
        "mount" as const,
        "remake" as const,
        "annotate" as const,
        "rebind" as const,
        "hold" as const,
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ verb: being("relabel"), labels: some.labels }) },
  { weight: 1, arbitrary: fc.record({ verb: being("own"), owners: some.owners }) },
);

export const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ what: being("scale"), at, replicas: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ what: being("make set"), set: some.setIn(here) }) },
  { weight: 1, arbitrary: fc.record({ what: being("make pod"), pod: some.podIn(here) }) },
  { weight: 2, arbitrary: fc.record({ what: being("make scaler"), scaler: some.scalerIn(here) }) },
  { weight: 3, arbitrary: fc.record({ what: going, at }) },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constantFrom("fall silent" as const, "relist" as const), resource }),
  },
  { weight: 8, arbitrary: fc.record({ what: being("to claim"), at, doing }) },
);

const fewSets = fc.constantFrom("web", "web", "web-web");
const fewTemplates = fc.constantFrom("www", "www", "www-web");
const leftOver = fc
  .record({
    template: fewTemplates,
    set: fewSets,
    ordinal: fc.nat(7),
    claim: some.claimIn(here),
    plain: fc.nat(4),
  })
  .map(({ template, set, ordinal, claim, plain }) => {
    const name = `${template}-${set}-${ordinal}`;
    const usual = plain > 0 && { labels: { app: "web" }, ownerReferences: [] };
    return { ...claim, metadata: { ...claim.metadata, name, ...usual } };
  });
const scaledDown = fc
  .record({
    set: some.setIn(here),
    name: fewSets,
    replicas: fc.nat(3),
    templates: fc.uniqueArray(fewTemplates, { minLength: 1 }),
  })
  .map(({ set, name, replicas, templates }) => ({
    metadata: { ...set.metadata, name, uid: `set-${name}` },
    spec: {
      ...set.spec,
      replicas,
      selector: { matchLabels: { app: "web" } },
      volumeClaimTemplates: templates.map((template) => ({ metadata: { name: template } })),
    },
  }));
const nameOf = ({ metadata }: { metadata: { name: string } }) => metadata.name;

/** Few sets that were scaled down, and what is left of them. */
export const remains: fc.Arbitrary<RawWorld> = fc.record({
  sets: fc.uniqueArray(scaledDown, { minLength: 1, maxLength: 2, selector: nameOf }),
  pods: fc.array(some.podIn(here), { maxLength: 1 }),
  claims: fc.uniqueArray(leftOver, { minLength: 1, maxLength: 6, selector: nameOf }),
  scalers: fc.array(some.scalerIn(here), { maxLength: 1 }),
});
