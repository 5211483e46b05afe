import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { onBoth, type Side } from "../support/side.js";
import { comparableEvents, withoutExplained } from "./compare.js";
import type { Observer } from "./observer.js";
import { inNamespace, type Scenario, type Step, verbOf } from "./scenario.js";
import { ending, eventsOf, snapshot } from "./snapshot.js";
import { NeverSeen, Stage } from "./stage.js";
import { perform } from "./steps.js";
import { create } from "./writes.js";

type Trace = Record<string, unknown>;

/** Milliseconds that two clusters at rest have until they are alike; one may still be writing what the other has written. */
const patience = 6_000;

/** Both clusters, the sandbox first, each with its observer. */
export interface Clusters {
  sides: readonly [Side, Side];
  observers: readonly [Observer, Observer];
}

/** Plays a scenario on both clusters, step by step: the traces that must be equal, the sandbox's first. */
export async function play(
  { sides, observers }: Clusters,
  written: Scenario,
  namespace: string,
): Promise<[sandbox: Trace, real: Trace]> {
  const scenario = inNamespace(written, namespace);
  await onBoth(sides, (side) => side.port.create("namespaces", { metadata: { name: namespace } }));
  const stages: [Stage, Stage] = [
    new Stage(sides[0], observers[0], namespace, scenario),
    new Stage(sides[1], observers[1], namespace, scenario),
  ];
  try {
    for (const object of scenario.given ?? []) await prepare(stages, object);
    const traces: [Trace, Trace] = [{}, {}];
    for (const [index, step] of scenario.steps.entries()) {
      const label = `${index + 1} ${verbOf(step)[0]}`;
      if (!(await take(stages, step, label, traces))) break;
    }
    return withoutExplained(scenario.differs, traces);
  } finally {
    await Promise.all(stages.map((stage) => stage.clear()));
  }
}

async function prepare(stages: [Stage, Stage], object: Record<string, unknown>): Promise<void> {
  for (const { code, message } of await both(stages, (stage) => create(stage, object)))
    if (code >= 400) throw new Error(`what is given was refused: ${message}`);
}

/** False when one of the two did not come to what the step waits for. */
async function take(
  stages: [Stage, Stage],
  step: Step,
  label: string,
  traces: [Trace, Trace],
): Promise<boolean> {
  const [verb] = verbOf(step);
  const results = await both(stages, (stage) => perform(stage, step).catch(neverSeen));
  const failed = results.some((result) => "never" in result);
  if (failed && isDeepStrictEqual(results[0], results[1]))
    throw new Error(`step ${label}: both clusters have ${JSON.stringify(results[0])}`);
  const isLast = stages[0].scenario.steps.at(-1) === step;
  const compared = verb === "rest" || verb === "stuck";
  const seen =
    failed || isLast ? await settled(stages, last) : compared ? await settled(stages, now) : [{}, {}];
  for (const [index, trace] of traces.entries()) trace[label] = { ...results[index], ...seen[index] };
  return !failed;
}

function neverSeen(error: unknown): { never: string } {
  if (error instanceof NeverSeen) return { never: error.message };
  throw error;
}

/** What both clusters are like, as soon as they are alike; else what they are like in the end. */
async function settled(
  stages: [Stage, Stage],
  look: (stages: [Stage, Stage]) => Promise<[Trace, Trace]>,
): Promise<[Trace, Trace]> {
  const started = Date.now();
  for (let attempt = 1; ; attempt += 1) {
    const seen = await look(stages);
    const [ours, real] = seen;
    if (isDeepStrictEqual(ours, real) || Date.now() - started > patience) return seen;
    await sleep(100 * attempt);
  }
}

function now(stages: [Stage, Stage]): Promise<[Trace, Trace]> {
  return both(stages, snapshot);
}

async function last(stages: [Stage, Stage]): Promise<[Trace, Trace]> {
  const [ends, events] = await Promise.all([both(stages, ending), both(stages, eventsOf)]);
  const [ours, real] = events;
  return [
    { ...ends[0], events: { ...ours, controller: comparableEvents(ours.controller, real.controller) } },
    { ...ends[1], events: { ...real, controller: comparableEvents(real.controller, ours.controller) } },
  ];
}

async function both<T>(stages: [Stage, Stage], act: (stage: Stage) => Promise<T>): Promise<[T, T]> {
  return Promise.all([act(stages[0]), act(stages[1])]);
}
