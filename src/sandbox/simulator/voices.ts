import { EventRecorder } from "../controllers/framework/event-recorder.js";
import { SeriesRecorder } from "../controllers/framework/series-recorder.js";
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
  /** Of those that speak in `events.k8s.io/v1`, the scheduler: what it was doing. */
  action?: "Binding" | "Scheduling";
}

/** Writes an event about an object, without waiting for it. */
export type Say = (object: AnyObject, source: Source, words: Words) => void;

/** One recorder for each component that speaks. */
export function voices(port: ClusterPort, clock: Clock): Say {
  const recorders = new Map<string, EventRecorder>();
  const series = new Map<string, SeriesRecorder>();
  return (object, { component, host }, { type = "Normal", reason, message, action }) => {
    const name = [component, host].join("@");
    if (action) {
      const recorder = known(series, name, () => new SeriesRecorder(port, clock, component));
      recorder.event(object, { type, reason, message, action });
    } else {
      const recorder = known(recorders, name, () => new EventRecorder(port, clock, component, host));
      recorder.event(object, type, reason, message);
    }
  };
}

function known<Value>(all: Map<string, Value>, name: string, make: () => Value): Value {
  const value = all.get(name) ?? make();
  all.set(name, value);
  return value;
}
