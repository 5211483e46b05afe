import type { Fault } from "../../../src/sandbox/simulator/faults.js";
import type { Flavour } from "./world.js";

/** A pod template, as far as the simulated machines care. */
export interface Template {
  /** An image with a tag that makes it fail. */
  tag?: "crash-loop" | "image-pull" | "never-ready";
  /** On the first container, at these ordinals; everywhere when left out. */
  fault?: Fault;
  ordinals?: string;
  slow?: string;
  /** `initialDelaySeconds` of a readiness probe. */
  delay?: number;
  cpu?: string;
}

/** The parts of a set's spec that may change. */
interface Shape {
  replicas: number;
  start: number;
  minReadySeconds: number;
  strategy: Strategy;
}

export type Strategy =
  | { type: "RollingUpdate"; partition?: number; maxUnavailable?: number | string }
  | { type: "OnDelete" }
  | { type: "Recreate" };

export interface Beginning extends Shape {
  flavour: Flavour;
  policy: "OrderedReady" | "Parallel";
  claims: boolean;
  whenScaled: "Retain" | "Delete";
  template: Template;
}

/** What somebody does to the set, or to one of its pods: `pick` chooses one of those that are there. */
export type Operation =
  | { type: "template"; template: Template }
  /** The template from so many templates before. */
  | { type: "undo"; back: number }
  | { type: "restart" }
  | { type: "scale"; replicas: number }
  | { type: "partition"; partition: number }
  | { type: "strategy"; strategy: Strategy }
  | { type: "minReadySeconds"; seconds: number }
  | { type: "start"; start: number }
  | { type: "delete pod"; pick: number; force: boolean }
  | { type: "evict pod"; pick: number }
  | { type: "lose node"; pick: number }
  /** Takes the fault off all pods that are there, as when somebody mends what they need. */
  | { type: "heal" };

export interface Step {
  operation: Operation;
  /** Simulated milliseconds until the next one. */
  wait: number;
}

export interface History {
  beginning: Beginning;
  wait: number;
  steps: Step[];
  /** Decides in which order a follower learns of what happens. */
  salt: number;
}
