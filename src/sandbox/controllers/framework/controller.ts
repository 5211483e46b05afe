import type { AnyObject } from "../../port.js";
import type { Clock } from "../../simulator/clock.js";
import type { Gates } from "../gates.js";
import { EventRecorder } from "./event-recorder.js";
import type { Resource, Resources } from "./resource.js";
import { WorkQueue } from "./work-queue.js";

/** A control loop: started when all caches have their first list. */
export interface Controller {
  start(): void;
  stop(): void;
}

/** What every controller is made from. */
export interface ControllerContext {
  clock: Clock;
  /** How many times faster than life the waits of objects are (`minReadySeconds`). */
  speed: number;
  gates: Gates;
  resources: Resources;
  onError?: ((error: unknown, key: string) => void) | undefined;
}

/** A recorder that signs its events with the controller's name: `statefulset-controller`. */
export function recorderOf({ resources, clock }: ControllerContext, component: string): EventRecorder {
  return new EventRecorder(resources.port, clock, component);
}

export function queueOf(
  { clock, onError }: ControllerContext,
  sync: (key: string) => Promise<void>,
  workers = 5,
): WorkQueue {
  return new WorkQueue(sync, { clock, workers, onError });
}

/** Feeds a queue with what changes of a resource make necessary; the state before a change counts as well. */
export function enqueueFrom(
  queue: WorkQueue,
  resource: Resource,
  keysOf: (object: AnyObject, deleted: boolean) => Iterable<string>,
): void {
  resource.onChange(({ object, old, deleted }) => {
    for (const key of keysOf(object, deleted)) queue.add(key);
    if (old && old !== object) for (const key of keysOf(old, deleted)) queue.add(key);
  });
}
