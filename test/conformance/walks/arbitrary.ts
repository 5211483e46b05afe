import fc from "fast-check";
import { anyBadTemplate } from "../../sandbox/histories/arbitrary.js";
import type { Strategy, Template } from "../../sandbox/histories/operations.js";
import { type Act, type Change, type Move, type Plan, setNames, type Step, type Walk } from "./operations.js";

const of = <Type extends string>(type: Type) => ({ type: fc.constant(type) });

/** The real scheduler knows nothing of the fault `unschedulable`. */
const anyBad = anyBadTemplate.filter(({ fault }) => fault !== "unschedulable");

const anyTemplate: fc.Arbitrary<Template> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: anyBad },
  { weight: 1, arbitrary: fc.constant({ delay: 2 }) },
);

const partition = fc.integer({ min: 0, max: 4 });
const replicas = fc.integer({ min: 0, max: 4 });
const start = fc.constantFrom(0, 0, 1, 3);
const seconds = fc.constantFrom(0, 0, 0, 1);
const pick = fc.nat(11);
const propagation = fc.constantFrom("Background", "Foreground", "Orphan");
const fate = fc.constantFrom("Retain", "Delete");
const historyLimit = fc.constantFrom(10, 10, 1, 0);
const retention = fc.record({ whenScaled: fate, whenDeleted: fate });

const anyStrategy: fc.Arbitrary<Strategy> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record(
      {
        ...of("RollingUpdate"),
        partition: fc.oneof(fc.constant(0), partition),
        maxUnavailable: fc.constantFrom<(number | string)[]>(1, 2, "50%"),
      },
      { requiredKeys: ["type"] },
    ),
  },
  { weight: 1, arbitrary: fc.record(of("OnDelete")) },
);

const anyChange: fc.Arbitrary<Change> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ ...of("template"), template: anyTemplate }) },
  { weight: 2, arbitrary: fc.record({ ...of("undo"), back: fc.integer({ min: 1, max: 2 }) }) },
  { weight: 1, arbitrary: fc.record(of("restart")) },
  { weight: 4, arbitrary: fc.record({ ...of("scale"), replicas }) },
  { weight: 2, arbitrary: fc.record({ ...of("partition"), partition }) },
  { weight: 1, arbitrary: fc.record({ ...of("strategy"), strategy: anyStrategy }) },
  { weight: 1, arbitrary: fc.record({ ...of("minReadySeconds"), seconds }) },
  { weight: 2, arbitrary: fc.record({ ...of("start"), start }) },
  { weight: 2, arbitrary: fc.record({ ...of("retention"), retention }) },
  { weight: 1, arbitrary: fc.record({ ...of("history limit"), limit: historyLimit }) },
);

const anyPlan: fc.Arbitrary<Plan> = fc.record({
  policy: fc.constantFrom("OrderedReady", "OrderedReady", "Parallel"),
  claims: fc.constantFrom("none", "now", "late", "kept", "two"),
  retention,
  historyLimit,
  replicas: fc.integer({ min: 1, max: 3 }),
  start,
  minReadySeconds: seconds,
  strategy: anyStrategy,
  template: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: anyTemplate }),
});

const anyCreation = fc.record({ ...of("create"), plan: anyPlan });

const anyLimit = fc.oneof(
  fc.record({ minAvailable: fc.constantFrom<(number | string)[]>(1, 2, "50%") }),
  fc.record({ maxUnavailable: fc.constantFrom<(number | string)[]>(0, 1, "34%") }),
);

const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 24, arbitrary: anyChange },
  {
    weight: 3,
    arbitrary: fc.record({
      ...of("together"),
      changes: fc.uniqueArray(anyChange, { minLength: 2, maxLength: 3, selector: ({ type }) => type }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ ...of("scale twice"), by: fc.constantFrom(1, -1) }) },
  { weight: 4, arbitrary: fc.record({ ...of("delete pod"), pick, force: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ ...of("lose node"), pick }) },
  { weight: 3, arbitrary: fc.record(of("heal")) },
  { weight: 1, arbitrary: fc.record({ ...of("fail pod"), pick }) },
  { weight: 4, arbitrary: fc.record({ ...of("evict pod"), pick }) },
  { weight: 1, arbitrary: fc.record({ ...of("release pod"), pick }) },
  { weight: 1, arbitrary: fc.record(of("return pods")) },
  { weight: 1, arbitrary: fc.record({ ...of("orphan pod"), pick }) },
  { weight: 2, arbitrary: fc.record({ ...of("hold pod"), pick }) },
  { weight: 2, arbitrary: fc.record(of("free pods")) },
  { weight: 1, arbitrary: fc.record({ ...of("plant pod"), label: fc.constantFrom("own", "nobody") }) },
  { weight: 1, arbitrary: fc.record(of("plant claim")) },
  { weight: 2, arbitrary: fc.record({ ...of("create budget"), limit: anyLimit }) },
  { weight: 1, arbitrary: fc.record({ ...of("change budget"), limit: anyLimit }) },
  { weight: 1, arbitrary: fc.record(of("delete budget")) },
  { weight: 2, arbitrary: fc.record({ ...of("delete claim"), pick }) },
  { weight: 1, arbitrary: fc.record({ ...of("delete revision"), pick }) },
  {
    weight: 3,
    arbitrary: fc.record({
      ...of("delete set"),
      propagation,
    }),
  },
  // A set that is there already is refused; one that was deleted comes back.
  { weight: 4, arbitrary: anyCreation },
);

const anyMove: fc.Arbitrary<Move> = fc.record({
  // Most of what happens to one set: a history of its own.
  set: fc.constantFrom("web", "web", "web", ...setNames),
  act: anyAct,
});

/** At once only to sets that share no claim (`web` and `a-web` may): whoever comes first makes it. */
const anyStep: fc.Arbitrary<Step> = fc.uniqueArray(anyMove, {
  minLength: 1,
  maxLength: 2,
  selector: ({ set }) => set === "web-1",
});

const eviction = fc.record({ ...of("evict pod"), pick });
const deletion = fc.record({ ...of("delete pod"), pick, force: fc.boolean() });
const freeing = fc.record(of("free pods"));
const healing = fc.record(of("heal"));
const repair = fc.constantFrom<Act[]>({ type: "undo", back: 1 }, { type: "template", template: {} });

/** What follows from one another, and would seldom meet by chance. */
const anyChain: fc.Arbitrary<Act[]> = fc.oneof(
  fc.tuple(fc.record({ ...of("template"), template: anyBad }), fc.oneof(healing, repair), deletion),
  fc.tuple(fc.record({ ...of("create budget"), limit: anyLimit }), eviction, eviction),
  fc.tuple(fc.record({ ...of("lose node"), pick: fc.constant(1) }), fc.oneof(anyChange, deletion), healing),
  fc.tuple(fc.record({ ...of("release pod"), pick }), anyChange, fc.record(of("return pods"))),
  fc.tuple(fc.record({ ...of("hold pod"), pick }), fc.oneof(anyChange, deletion), anyChange, freeing),
  fc.tuple(
    fc.record({ ...of("hold pod"), pick }),
    fc.record({ ...of("delete set"), propagation: fc.constant("Foreground" as const) }),
    fc.record({ ...of("delete set"), propagation }),
    freeing,
  ),
  fc.tuple(
    fc.record({ ...of("delete claim"), pick }),
    fc.record({ ...of("delete pod"), pick, force: fc.constant(false) }),
  ),
  fc.tuple(
    fc.record({
      ...of("delete set"),
      propagation: fc.constantFrom("Background", "Foreground", "Orphan", "Orphan"),
    }),
    anyCreation,
  ),
);

const anyPassage: fc.Arbitrary<Step[]> = fc.oneof(
  { weight: 5, arbitrary: anyStep.map((step) => [step]) },
  { weight: 2, arbitrary: anyChain.map((acts) => acts.map((act): Step => [{ set: "web", act }])) },
);

/** Begins with a set, or with two at once. */
const anyBeginning: fc.Arbitrary<Step> = fc
  .tuple(anyCreation, fc.option(fc.record({ set: fc.constant("web-1" as const), act: anyCreation })))
  .map(([act, other]) => [{ set: "web", act }, ...(other ? [other] : [])]);

export const anyWalk: fc.Arbitrary<Walk> = fc
  .tuple(anyBeginning, fc.array(anyPassage, { minLength: 6, maxLength: 9, size: "max" }))
  .map(([beginning, passages]) => [beginning, ...passages.flat()]);
