import type { PortDeleteOptions } from "../../../src/sandbox/port.js";
import type { Beginning, Operation } from "../../sandbox/histories/operations.js";

/** Sets of one namespace, with names that share prefixes: a pod `web-1`, and a set of that name. */
export const setNames = ["web", "web-1", "a-web"] as const;
export type SetName = (typeof setNames)[number];

/** Which claims the pods of a set have, by the class of their volumes; `two` of the class `now`. */
export type Claims = "none" | "now" | "late" | "kept" | "two";

interface Retention {
  whenScaled: "Retain" | "Delete";
  whenDeleted: "Retain" | "Delete";
}

type Limit = { minAvailable: number | string } | { maxUnavailable: number | string };

/** A set as it is created. */
export interface Plan extends Omit<Beginning, "flavour" | "claims" | "whenScaled"> {
  claims: Claims;
  retention: Retention;
  /** Revisions beyond the live ones. */
  historyLimit: number;
}

/** A change of the set's spec. */
export type Change =
  | Extract<
      Operation,
      {
        type:
          | "template"
          | "undo"
          | "restart"
          | "scale"
          | "partition"
          | "strategy"
          | "minReadySeconds"
          | "start";
      }
    >
  | { type: "history limit"; limit: number }
  | { type: "retention"; retention: Retention };

/** What somebody does around a set: `pick` chooses one of the objects that are there. */
export type Act =
  | Change
  | { type: "create"; plan: Plan }
  /** Several changes in one write. */
  | { type: "together"; changes: Change[] }
  /** Scales in one direction, and further in it at once. */
  | { type: "scale twice"; by: number }
  | Extract<Operation, { type: "delete pod" | "lose node" | "heal" }>
  /** What the kubelet does to a pod on a node under pressure. */
  | { type: "fail pod"; pick: number }
  | { type: "evict pod"; pick: number }
  /** Takes the pod out of the set's selector, or back into it. */
  | { type: "release pod"; pick: number }
  | { type: "return pods" }
  /** Takes the pod's owners off it. */
  | { type: "orphan pod"; pick: number }
  /** Keeps a pod Terminating once it is deleted, or lets all of them go. */
  | { type: "hold pod"; pick: number }
  | { type: "free pods" }
  /** A pod that nobody owns with the name of the set's next one, and one of these labels. */
  | { type: "plant pod"; label: "own" | "nobody" }
  | { type: "plant claim" }
  | { type: "create budget" | "change budget"; limit: Limit }
  | { type: "delete budget" }
  | { type: "delete claim"; pick: number }
  | { type: "delete revision"; pick: number }
  | { type: "delete set"; propagation: NonNullable<PortDeleteOptions["propagation"]> };

export interface Move {
  set: SetName;
  act: Act;
}

/** What is done at once, each move to another set; then everything comes to rest. */
export type Step = Move[];
export type Walk = Step[];

/** A walk as people read it, and as a test of its own could take it. */
export function wordsOf(walk: Walk): string {
  const line = (step: Step) =>
    step.map(({ set, act: { type, ...how } }) => `${set}: ${type} ${JSON.stringify(how)}`).join(" + ");
  return walk.map((step, index) => `${String(index + 1).padStart(3)}. ${line(step)}`).join("\n");
}
