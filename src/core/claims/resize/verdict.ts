import { formatElapsed } from "../../duration.js";
import type { Claim, StatefulSet } from "../../model.js";
import { nameOrdinals } from "../../progress/naming.js";
import type { VerdictState } from "../../progress/verdict.js";
import { enumerate, listWords } from "../../words.js";
import { disputeOf, waitingWords, type Standing } from "./standing.js";

/** What is known at one moment of claims that were asked to grow. Times are milliseconds of our clock. */
export interface GrowthLook {
  standings: readonly Standing[];
  /** By UID. */
  claims: ReadonlyMap<string, Claim>;
  /** By the UID of the claim: how often its resizer failed since the watch began, and how it said so last. */
  failures: ReadonlyMap<string, { count: number; message: string }>;
  lastAdvance: number;
  now: number;
}

export interface GrowthLimits {
  /** When the waiting ends. */
  deadline: number;
  /** Milliseconds without an advance; undefined is no limit. */
  stallTimeout: number | undefined;
  /** Ordinals whose pods were restarted for this already. */
  restarted: ReadonlySet<number>;
}

export type GrowthVerdict =
  | { state: "Grown" }
  /** The pods of these ordinals have to be restarted, and nothing else moves any more. */
  | { state: "Restart"; ordinals: number[]; message: string }
  | { state: Exclude<VerdictState, "Done">; reason: string; message: string };

/** Resizers try again by themselves; after so many failures in a row without a better word that is taken for an answer. */
const patience = 5;

/** How long a failure waits for those of other claims, in milliseconds since anything advanced. */
export const gathering = 2_000;

function isAtWork({ growth }: Standing): boolean {
  return growth.state === "Requested" || growth.state === "Resizing";
}

/** Judges how far the claims are, first of all whether they are still ours to grow. */
export function judgeGrowth(look: GrowthLook, set: StatefulSet, limits: GrowthLimits): GrowthVerdict {
  const { standings, now, lastAdvance } = look;
  const { name } = set.metadata;
  for (const { planned } of standings) {
    const message = disputeOf(planned, look.claims.get(planned.claim.metadata.uid));
    if (message !== undefined) return { state: "Conflict", reason: "ChangedMeanwhile", message };
  }
  const open = standings.filter(({ growth }) => growth.state !== "Resized");
  if (open.length === 0) return { state: "Grown" };
  const failed = failure(open, look);
  // Others that are at it may be about to fail, too: all of it is told at once.
  const isComplete = !open.some(isAtWork) || now >= lastAdvance + gathering;
  if (failed !== undefined && isComplete) return { state: "Failed", reason: "ResizeFailed", message: failed };
  const restart = restartDue(open, name, limits.restarted);
  if (restart) return restart;
  const waiting = waitingFor(open, name);
  if (now >= limits.deadline) {
    return { state: "TimedOut", reason: "TimedOut", message: `time is up; waiting for ${waiting}` };
  }
  const { stallTimeout = Infinity } = limits;
  if (now >= lastAdvance + stallTimeout) {
    const message = `nothing advanced for ${formatElapsed(stallTimeout)}; waiting for ${waiting}`;
    return { state: "Stalled", reason: "Stalled", message };
  }
  return { state: "InProgress", reason: "Resizing", message: `waiting for ${waiting}` };
}

/** `data-web-0 (Resizing) and data-web-1 (Requested)`; of more than four the first three. */
export function waitingFor(standings: readonly Standing[], set: string): string {
  const open = standings.filter(({ growth }) => growth.state !== "Resized");
  const words = open.slice(0, open.length > 4 ? 3 : 4).map((standing) => waitingWords(standing, set));
  return listWords(open.length > 4 ? [...words, `${open.length - 3} more claims`] : words);
}

/** The claims that cannot grow, in the words of whoever tried. */
function failure(open: readonly Standing[], { failures }: GrowthLook): string | undefined {
  const texts = new Map<string, string[]>();
  for (const { planned, growth } of open) {
    const { name, uid } = planned.claim.metadata;
    const told = failures.get(uid);
    const hasGivenUp = growth.state === "ResizeFailed";
    if (!hasGivenUp && (told?.count ?? 0) < patience) continue;
    const why = (hasGivenUp ? growth.message : told?.message) ?? "no reason is given";
    const words = `cannot grow to ${planned.to}: ${why}`;
    texts.set(words, [...(texts.get(words) ?? []), name]);
  }
  return texts.size === 0
    ? undefined
    : [...texts].map(([why, names]) => `${enumerate(names)} ${why}`).join("; ");
}

/** One restart serves all claims of a pod: it waits until nothing moves by itself any more. */
function restartDue(
  open: readonly Standing[],
  set: string,
  restarted: ReadonlySet<number>,
): GrowthVerdict | undefined {
  const due = open.filter(({ needs }) => needs === "restart");
  const moving = open.some(({ needs }) => needs === "nothing");
  if (due.length === 0 || moving) return undefined;
  const ordinals = [...new Set(due.map(({ planned }) => planned.ordinal))];
  const again = due.filter(({ planned }) => restarted.has(planned.ordinal));
  const names = (some: readonly Standing[]) =>
    enumerate(some.map(({ planned }) => planned.claim.metadata.name));
  const [first] = again;
  if (first) {
    const why = first.growth.message === undefined ? "" : `: ${first.growth.message}`;
    const message = `the file system of ${names(again)} has not grown, though its pod was restarted${why}`;
    return { state: "Failed", reason: "FileSystemResizePending", message };
  }
  const message = `the volumes have grown; the file systems of ${names(due)} grow when ${nameOrdinals(set, ordinals)} restart`;
  return { state: "Restart", ordinals, message };
}
