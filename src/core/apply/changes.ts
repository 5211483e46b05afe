import type { StatefulSet } from "../model.js";
import { isMapping } from "../manifest/shape.js";
import { sameJson } from "../progress/equal.js";
import { partitionOf } from "../rollout/partition.js";

/** What changes between two states of a set, in a few words each: `main → nginx:2`, `2 → 3 replicas`. */
export function changesOf(before: StatefulSet, after: StatefulSet, withStrategy = true): string[] {
  const images = imageChanges(before, after);
  const others = ["replicas", "template", "updateStrategy"];
  const fields = Object.keys({ ...before.spec, ...after.spec }).filter((field) => !others.includes(field));
  const differ = (field: string): boolean =>
    !sameJson(before.spec[field as "replicas"], after.spec[field as "replicas"]);
  const { replicas: from = 1 } = before.spec;
  const { replicas: to = 1 } = after.spec;
  return [
    ...images,
    ...(images.length === 0 && differ("template") ? ["another template"] : []),
    ...(from === to ? [] : [`${from} → ${to} replicas`]),
    ...(withStrategy ? strategyChanges(before, after) : []),
    ...fields.filter(differ).map((field) => `another ${field}`),
  ];
}

function imageChanges(before: StatefulSet, after: StatefulSet): string[] {
  const images = (set: StatefulSet) => {
    const { containers = [], initContainers = [] } = set.spec.template.spec ?? {};
    return [...initContainers, ...containers].map(({ name, image }) => [name, image] as const);
  };
  const old = new Map(images(before));
  return images(after)
    .filter(([name, image]) => old.get(name) !== image)
    .map(([name, image]) => `${name} → ${image}`);
}

function strategyChanges(before: StatefulSet, after: StatefulSet): string[] {
  if (sameJson(before.spec.updateStrategy, after.spec.updateStrategy)) return [];
  const [from, to] = [before, after].map(({ spec }) => spec.updateStrategy?.type ?? "RollingUpdate");
  if (from !== to) return [`update strategy ${from} → ${to}`];
  const [old, now] = [partitionOf(before), partitionOf(after)];
  return [old === now ? "another update strategy" : `partition ${old} → ${now}`];
}

/**
 * Fields of a set's manifest that are not in the server's answer: a server that does not know a field, or has its
 * feature turned off, drops it without a word (as `rollingUpdate.maxUnavailable` is up to 1.36).
 */
export function droppedFields(wanted: unknown, answer: unknown, path = "spec"): string[] {
  if (!isMapping(wanted) || !isMapping(answer)) return [];
  return Object.entries(wanted).flatMap(([name, value]) => {
    if (isEmpty(value)) return [];
    const inner = `${path}.${name}`;
    return answer[name] === undefined ? [inner] : droppedFields(value, answer[name], inner);
  });
}

/** What Go leaves out of JSON, whoever wrote it. */
function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return (
    [null, undefined, "", 0, false].includes(value as null) ||
    (isMapping(value) && Object.values(value).every(isEmpty))
  );
}
