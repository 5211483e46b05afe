import type { AnyObject } from "../../../src/sandbox/port.js";
import { eventually } from "../../support/eventually.js";
import type { Side } from "../support/side.js";
import type { Wait } from "./section.js";

/** Of a machine that is busy with much else. */
export const patience = { timeout: 60_000, interval: 50 };

const clusterWide = ["persistentvolumes", "namespaces", "nodes"];

/** Waits for a state on one cluster. Throws, naming it, when it does not come. */
export async function until(side: Side, namespace: string, wait: Wait): Promise<void> {
  await eventually(
    `${side.name}: ${JSON.stringify(wait)}`,
    async () => {
      const missing = await lacking(side, namespace, wait);
      if (missing !== undefined) throw new Error(missing);
      return true;
    },
    patience,
  );
}

/** What is not so yet. */
async function lacking(side: Side, namespace: string, wait: Wait): Promise<string | undefined> {
  const { settled, get, is, events } = wait;
  if (settled !== undefined) {
    const set = await side.port.get("statefulsets", { namespace, name: settled });
    const why = unsettled(set);
    if (why !== undefined) return why;
  }
  if (get !== undefined) {
    const [resource = "", name = ""] = get.replaceAll("$NS", namespace).split("/");
    const target = { name, ...(!clusterWide.includes(resource) && { namespace }) };
    const why = differing(await side.port.get(resource, target), is);
    if (why !== undefined) return why;
  }
  return events && missingEvents(await side.port.list("events", namespace), events);
}

function unsettled(set: AnyObject | undefined): string | undefined {
  if (!set) return "there is no such set";
  const { replicas } = set["spec"];
  const { status } = set;
  return differing(set, {
    "status.observedGeneration": set.metadata.generation,
    "status.replicas": replicas,
    ...(replicas > 0 && {
      "status.availableReplicas": replicas,
      "status.updatedReplicas": replicas,
      "status.readyReplicas": replicas,
    }),
    "status.currentRevision": status?.updateRevision,
  });
}

function differing(object: AnyObject | undefined, is: Wait["is"]): string | undefined {
  if (is === "gone") return object && "it is still there";
  if (!object) return "it is not there";
  for (const [path, wanted] of Object.entries(is ?? {})) {
    const found = path
      .split(".")
      .reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], object);
    if (JSON.stringify(found ?? null) !== JSON.stringify(wanted ?? null))
      return `${path} is ${JSON.stringify(found)}`;
  }
  return undefined;
}

function missingEvents(events: AnyObject[], wanted: Record<string, number>): string | undefined {
  for (const [reason, count] of Object.entries(wanted)) {
    const names = events.filter((event) => event["reason"] === reason);
    if (names.length < count) return `${names.length} events say ${reason}`;
  }
  return undefined;
}
