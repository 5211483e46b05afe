import type { AnyObject } from "../../../src/sandbox/port.js";
import { onBoth, type Side } from "../support/side.js";
import { eventsOf, type Said } from "./events.js";
import { Hand } from "./hand.js";
import type { Observer } from "./observer.js";
import { type SetName, setNames, type Step, type Walk, wordsOf } from "./operations.js";
import { type Place, rest } from "./rest.js";
import { stateOf } from "./state.js";
import { orderOf } from "./trace.js";

export interface WalkContext {
  sides: readonly [Side, Side];
  /** Of the sides, in their order. */
  observers: readonly [Observer, Observer];
  namespace: string;
  /** Names of classes begin so. */
  prefix: string;
}

/** What both sides are compared by after a step. */
export interface Picture {
  answers: string[];
  order: Record<string, string[]>;
  underWay: string[];
  state: ReturnType<typeof stateOf>;
  /** After the last step. */
  events?: Said;
}

/** Goes a walk on both sides and gives what came of each step: of the sandbox, and of the real one. */
export async function* go(
  walk: Walk,
  { sides, observers, namespace, prefix }: WalkContext,
): AsyncGenerator<{ done: string; ours: Picture; real: Picture }> {
  const placeOf = (side: Side, observer: Observer): Place => ({ namespace, port: side.port, observer });
  const places = [placeOf(sides[0], observers[0]), placeOf(sides[1], observers[1])] as const;
  const handOf = ({ port, observer }: Place) =>
    new Hand(port, namespace, prefix, () => observer.view(namespace));
  const hands = [handOf(places[0]), handOf(places[1])] as const;
  await onBoth(sides, ({ port }) => prepare(port, namespace));
  for (const [index, step] of walk.entries()) {
    const before = places.map(({ observer }) => observer.trace(namespace).length);
    const ordered = orderedSets(places[1].observer.view(namespace).statefulsets, step);
    const [ours, real] = await Promise.all([take(hands[0], step), take(hands[1], step)]);
    const underWay = await rest(places);
    const picture = ({ observer }: Place, answers: string[], from = 0): Picture => ({
      answers,
      order: orderOf(observer.trace(namespace).slice(from), (set) => ordered.has(set)),
      underWay,
      state: stateOf(observer.view(namespace)),
    });
    const isLast = index === walk.length - 1;
    const [said, reallySaid] = isLast ? await eventsOf(places) : [];
    yield {
      done: wordsOf(walk.slice(0, index + 1)),
      ours: { ...picture(places[0], ours, before[0]), ...(said && { events: said }) },
      real: { ...picture(places[1], real, before[1]), ...(reallySaid && { events: reallySaid }) },
    };
  }
}

async function prepare(port: Side["port"], namespace: string): Promise<void> {
  await port.create("namespaces", { metadata: { name: namespace } });
  for (const name of setNames) {
    const spec = { clusterIP: "None", selector: { app: name }, ports: [{ port: 80 }] };
    await port.create("services", { metadata: { namespace, name }, spec });
  }
}

async function take(hand: Hand, step: Step): Promise<string[]> {
  const answers: string[] = [];
  for (const move of step) answers.push(await hand.do(move));
  return answers;
}

/** The sets that work in order throughout the step. */
function orderedSets(sets: AnyObject[], step: Step): Set<SetName> {
  const isOrdered = (name: SetName): boolean => {
    const act = step.find(({ set }) => set === name)?.act;
    if (act?.type === "delete set") return false;
    const set = sets.find(({ metadata }) => metadata.name === name);
    if (set) return set["spec"].podManagementPolicy !== "Parallel" && !set.metadata.deletionTimestamp;
    return act?.type === "create" && act.plan.policy !== "Parallel";
  };
  return new Set(setNames.filter(isOrdered));
}

/** Ends a walk. Its namespace goes in its own time. */
export async function clear({ sides, observers, namespace }: WalkContext): Promise<void> {
  await onBoth(sides, async ({ port }) => {
    const observer = observers[sides[0].port === port ? 0 : 1];
    for (const { metadata } of observer.view(namespace).pods) {
      // A lost node gives none of its pods back, nor does a finalizer.
      const healed = { metadata: { annotations: { "sandbox/fault": null }, finalizers: null } };
      await port.patch("pods", metadata, healed).catch(() => undefined);
    }
    await port.delete("namespaces", { name: namespace });
  });
}

/** Waits until a walk that was cleared has left nothing behind. */
export async function gone({ sides, observers, namespace }: WalkContext): Promise<void> {
  await onBoth(sides, async ({ port }) => {
    const observer = observers[sides[0].port === port ? 0 : 1];
    while ((await port.get("namespaces", { name: namespace })) !== undefined)
      await observer.change(namespace, 500);
    for (const { metadata } of observer.view(namespace).persistentvolumes)
      await port.delete("persistentvolumes", metadata).catch(() => undefined);
  });
}
