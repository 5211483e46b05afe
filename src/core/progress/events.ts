import type { NextStep, VerdictState } from "./verdict.js";
import type { TimedPhase } from "./timing.js";

/** The version of the event schema (docs/progress.schema.json). Fields may be added within a version, none changed. */
export const eventVersion = 1;

interface Base {
  v: typeof eventVersion;
  /** RFC 3339, by our own clock. */
  time: string;
  namespace: string;
  set: string;
}

/** What is waited for. */
export type Operation = "create" | "scale" | "rollout" | "delete" | "resize";

/** The waiting begins. */
interface StartEvent extends Base {
  type: "start";
  operation: Operation;
  title: string;
  notes: string[];
}

/** A pod came, went, or changed its state. Without `from` it is new; `to` is `Gone` when it is no more. */
export interface PodEvent extends Base {
  type: "pod";
  ordinal: number;
  pod: string;
  from?: string;
  to: string;
  /** The name of the ControllerRevision it was made from. */
  revision?: string;
  restarts?: number;
  /** What is wrong with it, in plain words. */
  message?: string;
  /** Since its ordinal began to move; where it became ready, or went. */
  seconds?: number;
}

/** A claim of the set changed its phase. */
export interface ClaimEvent extends Base {
  type: "claim";
  claim: string;
  ordinal: number;
  from?: string;
  to: string;
  /** Of a claim that is resized: the size that it has now, or why it does not grow, in plain words. */
  message?: string;
}

/** The set's own numbers changed. */
export interface SetEvent extends Base {
  type: "set";
  generation: number;
  observedGeneration: number;
  replicas: number;
  created: number;
  ready: number;
  updated: number;
}

/** The API server went out of reach, or is back. */
interface ContactEvent extends Base {
  type: "contact";
  lost: boolean;
  /** For how long. */
  seconds: number;
  message?: string;
}

/** Nothing changed for a while; this is what is waited for. */
interface HeartbeatEvent extends Base {
  type: "heartbeat";
  reason: string;
  message: string;
  /** Since the waiting began. */
  seconds: number;
}

/** Something a person should know that ends nothing. */
interface WarningEvent extends Base {
  type: "warning";
  message: string;
}

/** The set is done; from now on everything has to stay as it is for so long. */
interface SoakEvent extends Base {
  type: "soak";
  seconds: number;
}

/** Where the time of one ordinal went; seconds. */
export interface OrdinalSummary {
  ordinal: number;
  pod: string;
  outcome: "ready" | "gone" | "open";
  seconds: number;
  phases: Partial<Record<TimedPhase, number>>;
  /** When it began to move, since the waiting began. */
  from: number;
  /** What it was about, and when, since the waiting began; in between it was absent, or ready. */
  stretches: { phase: TimedPhase; from: number; to: number }[];
  /** When a container of it was seen to have restarted, since the waiting began. */
  restarts: number[];
  /** Names of the ControllerRevisions of its pods; absent where there was no pod. */
  revisionBefore?: string;
  revisionAfter?: string;
  /** As in the events of its pod, where it is neither ready nor gone. */
  state?: string;
}

/** The waiting is over. */
export interface EndEvent extends Base {
  type: "end";
  operation?: Operation;
  state: VerdictState | "Interrupted";
  reason: string;
  message: string;
  exitCode: number;
  seconds: number;
  ordinal?: number;
  ordinals: OrdinalSummary[];
  /** Of the pod that blocks. */
  log: string[];
  events: string[];
  next: NextStep[];
}

export type ProgressEvent =
  | StartEvent
  | PodEvent
  | ClaimEvent
  | SetEvent
  | ContactEvent
  | HeartbeatEvent
  | WarningEvent
  | SoakEvent
  | EndEvent;

/** An event without what all of them have. */
export type EventBody<T = ProgressEvent> = T extends Base ? Omit<T, keyof Base> : never;

/** Seconds for an event: to the millisecond. */
export function seconds(ms: number): number {
  return Math.round(ms) / 1_000;
}
