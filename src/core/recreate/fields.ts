import { UsageError } from "../errors.js";
import { claimTemplateNames } from "../identity.js";
import type { Pod, StatefulSet } from "../model.js";
import { ownCommand, type Naming } from "../progress/naming.js";
import { enumerate } from "../words.js";

/** `--set FIELD=VALUE`, taken apart. */
export interface Assignment {
  /** Below `spec`, without a dot before it: `serviceName`, `volumeClaimTemplates[www].spec.storageClassName`. */
  field: string;
  value: string;
}

/** One change of an immutable field, or why there is none. */
export interface FieldChange {
  /** `spec.serviceName web → web-hs`. */
  words: string;
  /** Pure, and without an effect on a set that has it already. */
  change: (set: StatefulSet) => StatefulSet;
  /** Why it must not be: pods would be lost, or never come up. */
  refusal?: string;
}

/** Each one, in the order in which they are typed. Throws a UsageError also where one field gets two values. */
export function parseAssignments(texts: readonly string[]): Assignment[] {
  const assignments = texts.map(parseAssignment);
  const values = new Map<string, string>();
  for (const { field, value } of assignments) {
    if ((values.get(field) ?? value) !== value)
      throw new UsageError(`--set spec.${field} is given two values`);
    values.set(field, value);
  }
  return assignments;
}

/** Throws a UsageError where the text is no assignment to a field of the spec. */
export function parseAssignment(text: string): Assignment {
  const [, path, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (path === undefined || value === undefined) {
    throw new UsageError(`--set "${text}" is not FIELD=VALUE: write for example spec.serviceName=web-hs`);
  }
  const field = path
    .trim()
    .replace(/^\./, "")
    .replace(/^spec\./, "");
  if (/^(metadata|status|kind|apiVersion)\b/.test(field)) throw new UsageError(notInSpec(field));
  return { field, value };
}

function notInSpec(field: string): string {
  if (field === "metadata.name") {
    return "--set metadata.name: the pods and claims are named after the set, so another name is another set";
  }
  const [, what] = /^metadata\.(label|annotat)/.exec(field) ?? [];
  if (what) {
    const verb = what === "label" ? "label" : "annotate";
    return `--set ${field}: needs no new set: kubectl ${verb} statefulset`;
  }
  return `--set ${field}: only fields of spec can be set`;
}

/** What one assignment does to a set with these pods. Throws a UsageError for what is changed in another way, or not at all. */
export function fieldChange(
  { field, value }: Assignment,
  set: StatefulSet,
  pods: readonly Pod[],
  naming: Naming,
): FieldChange {
  const { name } = set.metadata;
  const [top = ""] = /^[^.[]*/.exec(field) ?? [];
  if (top === "volumeClaimTemplates") return templateChange({ field, value }, set, pods, naming);
  if (top === "selector") {
    return {
      words: "spec.selector",
      change: (same) => same,
      refusal: `spec.selector says which pods are ${name}'s own, and those that run would match another one no longer: the new set would make all of them again beside them, under names that are taken`,
    };
  }
  if (field === "serviceName" || field === "podManagementPolicy") {
    checkValue(field, value);
    const before = set.spec[field];
    return {
      words: `spec.${field} ${before || "none"} → ${value || "none"}`,
      change: (found) =>
        found.spec[field] === value ? found : { ...found, spec: { ...found.spec, [field]: value } },
    };
  }
  const way = mutable.get(top);
  if (!way) throw new UsageError(`--set spec.${field}: a StatefulSet has no such field`);
  throw new UsageError(`--set spec.${field}: needs no new set: ${way(name, naming)}`);
}

function checkValue(field: "serviceName" | "podManagementPolicy", value: string): void {
  if (field === "serviceName" || ["OrderedReady", "Parallel"].includes(value)) return;
  throw new UsageError(`--set spec.${field}: "${value}" is not one of OrderedReady, Parallel`);
}

/** Fields that can be changed on the set that is there, and by which command. */
const mutable: ReadonlyMap<string, (set: string, naming: Naming) => string> = new Map([
  ["replicas", (set, naming) => ownCommand(naming, `scale ${set} --replicas=N`)],
  [
    "template",
    (set, naming) => `${ownCommand(naming, `set image ${set} CONTAINER=IMAGE`)}, or ${byApply(set, naming)}`,
  ],
  [
    "updateStrategy",
    (set, naming) => `${ownCommand(naming, `rollout stage ${set}`)}, or ${byApply(set, naming)}`,
  ],
  [
    "persistentVolumeClaimRetentionPolicy",
    (set, naming) => ownCommand(naming, `pvc retention ${set} scaled=… deleted=…`),
  ],
  ["minReadySeconds", byApply],
  ["revisionHistoryLimit", byApply],
  ["ordinals", byApply],
]);

function byApply(_set: string, naming: Naming): string {
  return ownCommand(naming, "apply -f FILE");
}

type Template = NonNullable<StatefulSet["spec"]["volumeClaimTemplates"]>[number];

function templateChange(
  { field, value }: Assignment,
  set: StatefulSet,
  pods: readonly Pod[],
  naming: Naming,
): FieldChange {
  const [, name, rest = ""] = /^volumeClaimTemplates\[([^\]]+)\](?:\.(.+))?$/.exec(field) ?? [];
  if (name === undefined) {
    throw new UsageError(
      `--set spec.${field}: name one template and its field: spec.volumeClaimTemplates[NAME].spec.storageClassName=CLASS`,
    );
  }
  if (!claimTemplateNames(set).includes(name)) return added(name, set);
  if (rest === "" && ["", "null"].includes(value)) return removed(name, set, pods, naming);
  if (/^spec\.resources\.requests(\.|\[)/.test(rest)) {
    const resize = ownCommand(naming, `pvc resize ${set.metadata.name} ${name}=${value}`);
    throw new UsageError(`--set spec.${field}: ${resize} grows the template and the claims that are there`);
  }
  if (rest !== "spec.storageClassName") {
    throw new UsageError(
      `--set spec.${field}: of a claim template only spec.storageClassName can be set, and NAME=null takes it away`,
    );
  }
  const before = set.spec.volumeClaimTemplates?.find((one) => one.metadata?.name === name);
  return {
    words: `spec.${field} ${before?.spec?.storageClassName ?? "none"} → ${value}`,
    change: (found) =>
      withTemplates(found, (template) =>
        template.metadata?.name !== name || template.spec?.storageClassName === value
          ? template
          : { ...template, spec: { ...template.spec, storageClassName: value } },
      ),
  };
}

/** kubernetes/kubernetes#141876. */
function added(template: string, set: StatefulSet): FieldChange {
  const has = claimTemplateNames(set);
  return {
    words: `spec.volumeClaimTemplates[${template}] added`,
    change: (same) => same,
    refusal:
      `${set.metadata.name} has no claim template ${template}${has.length > 0 ? ` (it has ${enumerate(has)})` : ""}, and none can be added around its pods: ` +
      "they lack the volume, and the controller would try for ever to add it (kubernetes#141876)",
  };
}

function removed(template: string, set: StatefulSet, pods: readonly Pod[], naming: Naming): FieldChange {
  const start = `${template}-${set.metadata.name}-`;
  const mounting = pods.filter(({ spec }) =>
    spec.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName.startsWith(start)),
  );
  return {
    words: `spec.volumeClaimTemplates[${template}] removed`,
    change: (found) => withTemplates(found, (one) => (one.metadata?.name === template ? undefined : one)),
    ...(mounting.length > 0 && {
      refusal:
        `${enumerate(mounting.map(({ metadata }) => metadata.name))} ${mounting.length > 1 ? "have" : "has"} a claim of template ${template}: a set without it would keep that, and make the next pods without their data; ` +
        `${ownCommand(naming, `scale ${set.metadata.name} --replicas=0`)} comes first`,
    }),
  };
}

function withTemplates(set: StatefulSet, change: (template: Template) => Template | undefined): StatefulSet {
  const before = set.spec.volumeClaimTemplates ?? [];
  const after = before.flatMap((template) => change(template) ?? []);
  const isSame =
    after.length === before.length && after.every((template, index) => template === before[index]);
  return isSame ? set : { ...set, spec: { ...set.spec, volumeClaimTemplates: after } };
}
