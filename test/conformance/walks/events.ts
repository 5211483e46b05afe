import { isDeepStrictEqual } from "node:util";
import type { AnyObject } from "../../../src/sandbox/port.js";
import type { Place } from "./rest.js";

/** What the controller of sets said, by the object it is about: reasons, and of what failed the message, too. */
export type Said = Record<string, string[]>;

/** What the disruption controller says is of the moment in which it looks: of a budget without pods, of pods without owners. */
const speaker = "statefulset-controller";

/**
 * The real controller reads from caches: whether it meets a claim before that is gone, or writes a claim's owners on top
 * of a version that has passed, is left to chance.
 */
const byChance = [/is being deleted/, /Operation cannot be fulfilled/];

/** It also settles a claim's owners once more where it did not see the claim yet: said by the sandbox, it must be said here. */
const maySayMore = "SuccessfulUpdate";

/** A recorder lets 25 events pass for an object, more only slowly: which ones of many are kept is left to chance. */
const kept = 20;
/** Milliseconds that a recorder may lag behind. */
const patience = 5_000;

/** What it said on both sides, once it is the same or nothing more comes. */
export async function eventsOf(places: readonly [Place, Place]): Promise<[ours: Said, real: Said]> {
  for (const started = Date.now(); ;) {
    const [ours, real] = await Promise.all([read(places[0]), read(places[1])]);
    const tooMany = [...ours, ...real].flatMap(([about, { count }]) => (count > kept ? [about] : []));
    const isKnown = (about: string, reason: string) =>
      reason !== maySayMore || ours.get(about)?.reasons.has(reason);
    const said = (all: Map<string, Told>): Said =>
      Object.fromEntries(
        [...all].flatMap(([about, told]) => {
          const reasons = [...told.reasons].filter((reason) => isKnown(about, reason));
          return tooMany.includes(about) || reasons.length === 0 ? [] : [[about, reasons.toSorted()]];
        }),
      );
    if (isDeepStrictEqual(said(ours), said(real)) || Date.now() - started > patience)
      return [said(ours), said(real)];
    await places[1].observer.change(places[1].namespace, 200);
  }
}

interface Told {
  reasons: Set<string>;
  count: number;
}

async function read({ namespace, port }: Place): Promise<Map<string, Told>> {
  const told = new Map<string, Told>();
  for (const event of await port.list("events", namespace)) {
    if (event["source"]?.component !== speaker) continue;
    const about = `${event["involvedObject"].kind} ${event["involvedObject"].name}`;
    const { reasons, count } = told.get(about) ?? { reasons: new Set<string>(), count: 0 };
    const text = textOf(event);
    if (!byChance.some((chance) => chance.test(text))) reasons.add(text);
    told.set(about, { reasons, count: count + Number(event["count"] ?? 1) });
  }
  return told;
}

function textOf({ type, reason, message }: AnyObject): string {
  return type === "Warning"
    ? `${reason}: ${String(message).replace(/^\(combined from similar events\): /, "")}`
    : reason;
}
