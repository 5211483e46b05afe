import { UsageError } from "../errors.js";
import type { StatefulSet } from "../model.js";

type PodSpec = NonNullable<StatefulSet["spec"]["template"]["spec"]>;
export type Container = PodSpec["containers"][number];

/** A container of a pod template, and which list it is in. */
export interface TemplateContainer {
  list: "containers" | "initContainers";
  container: Container;
}

export function templateContainers(set: StatefulSet): TemplateContainer[] {
  const { containers = [], initContainers = [] } = set.spec.template.spec ?? {};
  return [
    ...containers.map((container) => ({ list: "containers", container }) as const),
    ...initContainers.map((container) => ({ list: "initContainers", container }) as const),
  ];
}

/**
 * What a strategic merge patch has to say below `spec.template` when `change` is what it has to say of each container.
 * Undefined when that is nothing for all of them.
 */
export function containersPatch(
  set: StatefulSet,
  change: (found: TemplateContainer) => object | undefined,
): object | undefined {
  const lists = (["containers", "initContainers"] as const).map((list) => {
    const found = templateContainers(set).filter((container) => container.list === list);
    const changed = found.flatMap((one) => {
      const fields = change(one);
      return fields ? [{ name: one.container.name, ...fields }] : [];
    });
    return [list, changed] as const;
  });
  const spec = Object.fromEntries(lists.filter(([, changed]) => changed.length > 0));
  return Object.keys(spec).length > 0 ? { spec } : undefined;
}

/**
 * The containers that a pattern means: `*` stands for any part of a name, and alone for the containers without the init
 * containers. Throws a UsageError where it means none.
 */
export function selectContainers(set: StatefulSet, pattern: string): TemplateContainer[] {
  const all = templateContainers(set);
  const parts = pattern.split("*").map((part) => part.replace(/[.\\+?^${}()|[\]]/g, "\\$&"));
  const form = new RegExp(`^${parts.join(".*")}$`);
  const found = all.filter(({ list, container }) =>
    pattern === "*" ? list === "containers" : form.test(container.name),
  );
  if (found.length === 0) throw unknownContainer(set, pattern);
  return found;
}

export function unknownContainer(set: StatefulSet, name: string): UsageError {
  const names = templateContainers(set).map(({ container }) => container.name);
  return new UsageError(
    `unable to find container named "${name}" in ${set.metadata.name}; it has ${names.join(", ")}`,
  );
}

/** `nginx, log`: the containers, for the title of a change. */
export function nameContainers(found: readonly TemplateContainer[]): string {
  return found.map(({ container }) => container.name).join(", ");
}
