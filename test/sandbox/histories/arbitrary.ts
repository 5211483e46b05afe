import fc from "fast-check";
import type { Fault } from "../../../src/sandbox/simulator/faults.js";
import type { Beginning, History, Operation, Step, Strategy, Template } from "./operations.js";
import type { Flavour } from "./world.js";

export const anyBadTemplate: fc.Arbitrary<Template> = fc.oneof(
  fc.record({ tag: fc.constantFrom("crash-loop", "image-pull", "never-ready") }),
  fc.record(
    {
      fault: fc.constantFrom<Fault[]>(
        ...(["crash-loop", "image-pull", "never-ready", "config-error"] as const),
        ...(["unschedulable", "volume-pending"] as const),
      ),
      ordinals: fc.constantFrom("0", "1-", "2", "3-", "0,4"),
    },
    { requiredKeys: ["fault"] },
  ),
);

const anyTemplate: fc.Arbitrary<Template> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 6, arbitrary: anyBadTemplate },
  { weight: 1, arbitrary: fc.record({ slow: fc.constantFrom("5s", "1m30s") }) },
  { weight: 1, arbitrary: fc.record({ delay: fc.constantFrom(2, 20) }) },
  { weight: 1, arbitrary: fc.record({ cpu: fc.constantFrom("20", "64") }) },
);

const partition = fc.integer({ min: 0, max: 6 });
const replicas = fc.integer({ min: 0, max: 5 });
const start = fc.constantFrom(0, 0, 1, 5);
const seconds = fc.constantFrom(0, 0, 3, 30);

const anyStrategy: fc.Arbitrary<Strategy> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      {
        type: fc.constant("RollingUpdate" as const),
        partition,
        maxUnavailable: fc.constantFrom<(number | string)[]>(1, 2, 3, "40%"),
      },
      { requiredKeys: ["type"] },
    ),
  },
  { weight: 1, arbitrary: fc.constant({ type: "OnDelete" as const }) },
  { weight: 1, arbitrary: fc.constant({ type: "Recreate" as const }) },
);

const anyFlavour: fc.Arbitrary<Flavour> = fc.constantFrom<Flavour[]>(
  { kubernetesVersion: "1.37" },
  { kubernetesVersion: "1.36" },
  { kubernetesVersion: "1.37", gates: { recreateStrategy: true } },
);

const anyOperation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant("template" as const), template: anyTemplate }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("undo" as const), back: fc.integer({ min: 1, max: 2 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ type: "restart" as const }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("scale" as const), replicas }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("partition" as const), partition }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("strategy" as const), strategy: anyStrategy }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("minReadySeconds" as const), seconds }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("start" as const), start }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant("delete pod" as const), pick: fc.nat(5), force: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("evict pod" as const), pick: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("lose node" as const), pick: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.constant({ type: "heal" as const }) },
);

/** A template that works, and perhaps a broken pod that is deleted after it. */
const anyRepair: fc.Arbitrary<Operation[]> = fc
  .record({
    fix: fc.constantFrom<Operation[]>({ type: "undo", back: 1 }, { type: "template", template: {} }),
    pick: fc.option(fc.nat(5)),
  })
  .map(({ fix, pick }) => (pick === null ? [fix] : [fix, { type: "delete pod", pick, force: false }]));

const wait = fc.constantFrom(0, 100, 1_000, 2_500, 10_000, 45_000, 300_000);

const anyBeginning: fc.Arbitrary<Beginning> = fc.record({
  flavour: anyFlavour,
  policy: fc.constantFrom("OrderedReady", "Parallel"),
  claims: fc.boolean(),
  whenScaled: fc.constantFrom("Retain", "Retain", "Delete"),
  replicas,
  start,
  minReadySeconds: seconds,
  strategy: anyStrategy,
  template: anyTemplate,
});

const anyStep: fc.Arbitrary<Step> = fc.record({ operation: anyOperation, wait });
const anySteps = fc.array(anyStep, { maxLength: 8 });

/** A bad release and what is done about it: what the most is asked about. */
const anyRescue: fc.Arbitrary<Step[]> = fc
  .record({ before: fc.array(anyStep, { maxLength: 3 }), bad: anyBadTemplate, wait, after: anyRepair })
  .map(({ before, bad, wait: until, after }) => [
    ...before,
    { operation: { type: "template", template: bad }, wait: until },
    ...after.map((operation) => ({ operation, wait: 0 })),
  ]);

export const anyHistory: fc.Arbitrary<History> = fc.record({
  beginning: anyBeginning,
  wait,
  steps: fc.oneof({ weight: 3, arbitrary: anySteps }, { weight: 1, arbitrary: anyRescue }),
  salt: fc.nat(),
});

/**
 * Histories of an OrderedReady set that end in a template that works, which has to get past whatever was there before.
 * With a partition: a set that has the type RollingUpdate and no `rollingUpdate` gets a pod back at its current revision
 * as long as its index is below `status.currentReplicas` (`newVersionedStatefulSetPod`), so that deleting it is in vain.
 */
export const anyFix: fc.Arbitrary<History> = anyHistory.map(({ beginning, steps, ...rest }) => ({
  ...rest,
  beginning: { ...beginning, policy: "OrderedReady", strategy: { type: "RollingUpdate", partition: 0 } },
  steps: [
    ...steps.filter(({ operation }) => isOfTemplate(operation)),
    { operation: { type: "template", template: {} }, wait: 0 },
  ],
}));

function isOfTemplate({ type }: Operation): boolean {
  return ["template", "undo", "restart", "delete pod", "evict pod", "heal"].includes(type);
}
