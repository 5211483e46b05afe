import { isDeepStrictEqual } from "node:util";
import type { Scenario } from "./scenario.js";

type Fields = Record<string, unknown>;

/**
 * What two lists of events have to agree on. The real controller writes whole claims, and now and then meets a conflict:
 * it then says nothing of the pod that it made. From the tenth message of a reason on they are combined, and which one is
 * the tenth is left to chance.
 */
export function comparableEvents(events: string[], others: string[]): string[] {
  const both = [...events, ...others];
  const isConflict = (event: string) =>
    event.includes("FailedUpdate:") && event.includes("has been modified");
  const pods = both.filter(isConflict).flatMap((event) => /Pod (\S+) in/.exec(event)?.[1] ?? []);
  const combined = new Set(both.filter((event) => event.includes("(combined from")).map(reasonOf));
  const isLeftOut = (event: string) =>
    isConflict(event) ||
    combined.has(reasonOf(event)) ||
    pods.some((pod) => event.includes(`Create Pod ${pod} `));
  return [...new Set(events.filter((event) => !isLeftOut(event)))].sort();
}

function reasonOf(event: string): string {
  return event.split(":")[0] ?? "";
}

/** Takes out of two traces what the scenario says must differ. Throws where it does not differ any more. */
export function withoutExplained(
  differs: Scenario["differs"] = [],
  [ours, real]: [Fields, Fields],
): [Fields, Fields] {
  const pair: [Fields, Fields] = [structuredClone(ours), structuredClone(real)];
  for (const { where } of differs) {
    const taken = pair.map((trace) => takeAt(trace, where.split(".")));
    if (isDeepStrictEqual(taken[0], taken[1]))
      throw new Error(`nothing differs any more at ${where}: take it out`);
  }
  return pair;
}

function takeAt(value: unknown, [part = "", ...rest]: string[]): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  const fields = value as Fields;
  return (part === "*" ? Object.keys(fields) : [part]).flatMap((name) => {
    if (rest.length > 0) return takeAt(fields[name], rest);
    const taken = fields[name];
    Reflect.deleteProperty(fields, name);
    return [taken];
  });
}
