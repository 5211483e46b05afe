import type { StatefulSet } from "../model.js";
import { sameJson } from "../equal.js";
import { partitionOf } from "../rollout/partition.js";
import { strategyOf } from "../revision.js";

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
  const [from, to] = [before, after].map(strategyOf);
  if (from !== to) return [`update strategy ${from} → ${to}`];
  const [old, now] = [partitionOf(before), partitionOf(after)];
  return [old === now ? "another update strategy" : `partition ${old} → ${now}`];
}
