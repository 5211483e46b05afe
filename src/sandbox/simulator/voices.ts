import { EventRecorder } from "../controllers/framework/event-recorder.js";
import type { AnyObject, ClusterPort } from "../port.js";
import type { Clock } from "./clock.js";

/** Who speaks: a component, on a node or on none. */
interface Source {
  component: string;
  host?: string;
}

export interface Words {
  type?: "Normal" | "Warning";
  reason: string;
  message: string;
}

/** Writes an event about an object, without waiting for it. */
export type Say = (object: AnyObject, source: Source, words: Words) => void;

/** One recorder for each component that speaks. */
export function voices(port: ClusterPort, clock: Clock): Say {
  const recorders = new Map<string, EventRecorder>();
  return (object, { component, host }, { type = "Normal", reason, message }) => {
    const name = [component, host].join("@");
    const recorder = recorders.get(name) ?? new EventRecorder(port, clock, component, host);
    recorders.set(name, recorder);
    recorder.event(object, type, reason, message);
  };
}
