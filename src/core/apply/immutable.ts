import type { StatefulSet } from "../model.js";
import { isMapping } from "../manifest/shape.js";
import { compareQuantities } from "../quantity.js";

type Spec = StatefulSet["spec"];

/** A field that the API lets nobody change on a set that exists. */
export interface ImmutableChange {
  /** Below `spec`: `serviceName`. */
  field: string;
  /** `web → web-hs`; empty where the values are too long for a line. */
  change: string;
  /** Why that is, in plain words. */
  reason: string;
  /** What has to go for the change to be made. */
  way: Way;
  /** What `sts` can do of it around the pods; undefined where it is no command of ours. */
  means: Means | undefined;
}

/** Arguments of `sts recreate NAME --set …` and `sts pvc resize NAME …`. */
interface Means {
  /** `spec.serviceName=web-hs`. */
  sets: string[];
  /** `www=2Gi`. */
  sizes: string[];
}

/**
 * - `orphan`: the set alone; pods and claims stay, and the new set takes them over.
 * - `grow`: as `orphan`, and the claims that exist are grown by hand.
 * - `pods`: the set and its pods; the claims stay.
 */
export type Way = "orphan" | "grow" | "pods";

interface Cause {
  message?: string;
  field?: string;
}

/**
 * The immutable fields that an update was refused for; empty when it was refused for something else. From 1.37 on the
 * API names each (kubernetes/kubernetes#138080); before, it says which fields may change, and the others are compared.
 */
export function immutableChanges(causes: readonly Cause[], live: Spec, wanted: Spec): ImmutableChange[] {
  const fields = causes.flatMap(({ field = "", message = "" }) => {
    if (message.endsWith("field is immutable")) return [field.replace(/^spec\./, "")];
    const [, mutable] = formerText.exec(message) ?? [];
    return mutable === undefined ? [] : otherFields(mutable, live, wanted);
  });
  return [...new Set(fields)].map((field) => {
    const [before, after] = [live, wanted].map((spec) => spec[field as "serviceName"] as unknown);
    const templates = field === "volumeClaimTemplates" ? templateChange(before, after) : undefined;
    const { reason, way } = rules[field] ?? { reason: "the API lets nobody change it", way: "pods" };
    const change = between(before, after);
    const value = text(after);
    const sets = [`spec.${field}=${value}`];
    const means = way === "orphan" && value !== undefined ? { sets, sizes: [] } : undefined;
    return { field, reason, ...(templates ?? { way, change, means }) };
  });
}

/** Whether an update was refused for immutable fields only. */
export function isAllImmutable(causes: readonly Cause[]): boolean {
  return causes.every(
    ({ message = "" }) => message.endsWith("field is immutable") || formerText.test(message),
  );
}

/** Up to 1.36; the list of fields differs from release to release. */
const formerText = /updates to statefulset spec for fields other than (.*) are forbidden/;

const rules: Record<string, { reason: string; way: Way }> = {
  serviceName: { reason: "the DNS names of its pods are made of it", way: "orphan" },
  podManagementPolicy: {
    reason: "the order in which its pods come and go is fixed when it is made",
    way: "orphan",
  },
  volumeClaimTemplates: { reason: "claims that exist would not follow it", way: "orphan" },
  selector: { reason: "it says which pods are the set's own", way: "pods" },
};

function otherFields(mutable: string, live: Spec, wanted: Spec): string[] {
  const names = new Set([...mutable.matchAll(/'([^']+)'/g)].map(([, name]) => name));
  return Object.entries(wanted)
    .filter(([name, value]) => !names.has(name) && !includes(live[name as "serviceName"], value))
    .map(([name]) => name);
}

/** Whether an object has all that a manifest asks for; what it has beside that are the server's defaults. */
export function includes(live: unknown, wanted: unknown): boolean {
  if (wanted === null || wanted === undefined) return true;
  if (Array.isArray(wanted)) {
    const items = Array.isArray(live) ? live : [];
    return wanted.length === items.length && wanted.every((item, index) => includes(items[index], item));
  }
  if (isMapping(wanted)) {
    const found = isMapping(live) ? live : {};
    return Object.entries(wanted).every(([name, value]) => includes(found[name], value));
  }
  return live === wanted || isSameQuantity(live, wanted);
}

function isSameQuantity(left: unknown, right: unknown): boolean {
  try {
    return compareQuantities(String(left), String(right)) === 0;
  } catch {
    return false;
  }
}

function between(before: unknown, after: unknown): string {
  const [old, now] = [before, after].map((value) => (isMapping(value) ? labelText(value) : text(value)));
  return old !== undefined && now !== undefined ? `${old || "none"} → ${now || "none"}` : "";
}

function text(value: unknown): string | undefined {
  return value === undefined || typeof value === "string" ? (value ?? "") : undefined;
}

/** `app=web,tier=db` of a selector. */
function labelText({ matchLabels }: Record<string, unknown>): string | undefined {
  if (!isMapping(matchLabels)) return undefined;
  return Object.entries(matchLabels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(",");
}

type Template = NonNullable<Spec["volumeClaimTemplates"]>[number];

/** What differs between two lists of claim templates. Pods that a new set takes over lack a template that is added. */
function templateChange(before: unknown, after: unknown): Pick<ImmutableChange, "change" | "way" | "means"> {
  const [old, now] = [byName(before), byName(after)];
  const added = [...now.keys()].filter((name) => !old.has(name));
  const removed = [...old.keys()].filter((name) => !now.has(name));
  const pairs = [...now].flatMap(([name, wanted]) => {
    const live = old.get(name);
    return live ? [{ name, live, wanted }] : [];
  });
  const resized = pairs.filter(({ live, wanted }) => !isSameQuantity(sizeOf(live), sizeOf(wanted)));
  const parts = [
    ...resized.map(({ name, live, wanted }) => `${name} ${sizeOf(live)} → ${sizeOf(wanted)}`),
    ...(added.length > 0 ? [`added ${added.join(", ")}`] : []),
    ...(removed.length > 0 ? [`removed ${removed.join(", ")}`] : []),
  ];
  const way = added.length > 0 ? "pods" : resized.length > 0 ? "grow" : "orphan";
  return { change: parts.join(", "), way, means: templateMeans(pairs, removed) };
}

function templateMeans(
  pairs: readonly { name: string; live: Template; wanted: Template }[],
  removed: readonly string[],
): Means | undefined {
  const field = (name: string): string => `spec.volumeClaimTemplates[${name}]`;
  const means: Means = { sets: removed.map((name) => `${field(name)}=null`), sizes: [] };
  for (const { name, live, wanted } of pairs) {
    const storageClassName = wanted.spec?.storageClassName;
    const [from, to] = [sizeOf(live), sizeOf(wanted)];
    if (!isSameQuantity(from, to)) {
      if (!from || !to || compareQuantities(from, to) > 0) return undefined;
      means.sizes.push(`${name}=${to}`);
    }
    if (storageClassName !== undefined && storageClassName !== live.spec?.storageClassName) {
      means.sets.push(`${field(name)}.spec.storageClassName=${storageClassName}`);
    }
    const rest = { ...wanted, spec: { ...wanted.spec, storageClassName: null, resources: null } };
    if (!includes(live, rest)) return undefined;
  }
  return means;
}

function byName(list: unknown): Map<string, Template> {
  const templates = (list ?? []) as Template[];
  return new Map(templates.map((template) => [template.metadata?.name ?? "", template]));
}

function sizeOf({ spec }: Template): string {
  return spec?.resources?.requests?.["storage"] ?? "";
}
