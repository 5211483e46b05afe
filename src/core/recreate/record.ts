import { includes } from "../apply/immutable.js";
import { sameJson } from "../equal.js";
import { manifestOf } from "./manifest.js";
import type { ConfigMap, Manifest, StatefulSet } from "../model.js";
import type { Holder } from "../rollout/staging.js";

/** A recreation that has begun: all that is needed to bring it to its end, by any `sts` on any machine. */
export interface Interrupted {
  /** The set as the server last sent it, raw. */
  saved: StatefulSet;
  /** What is created in its place. */
  wanted: Manifest;
  /** `resize of data to 2Gi`. */
  purpose: string;
  /** The command that goes on. */
  again: string;
  /** The pods that the new set has to take over: name → UID. */
  pods: Readonly<Record<string, string>>;
  /** The process that is at work on it, or was. */
  holder: Holder;
  /** The ConfigMap that keeps all this. */
  record: { name: string; uid: string; resourceVersion: string };
}

/** What has not been written yet. */
export type Recreating = Omit<Interrupted, "record">;

/** Where the recreation of a set is kept while it is under way; one per set, so that two at once meet. */
export function recordName(set: string): string {
  return `sts-recreate-${set}`;
}

/** What tells our ConfigMaps from others that have such a name. */
const label = { "sts/record": "recreate" } as const;

export function toConfigMap({ saved, wanted, purpose, again, pods, holder }: Recreating): Manifest {
  const { name, namespace } = saved.metadata;
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: recordName(name),
      ...(namespace !== undefined && { namespace }),
      labels: label,
      annotations: {
        "sts/about": `StatefulSet ${name} is being made anew (${purpose}); "${again}" goes on, this ConfigMap is needed for it`,
      },
    },
    data: {
      "original.json": JSON.stringify(saved),
      "wanted.json": JSON.stringify(wanted),
      "pods.json": JSON.stringify(pods),
      "holder.json": JSON.stringify(holder),
      purpose,
      again,
    },
  };
}

/** Reads what `toConfigMap` gave. Undefined for any other ConfigMap: they are anybody's to write. */
export function fromConfigMap({ metadata, data = {} }: ConfigMap): Interrupted | undefined {
  if (metadata.labels?.["sts/record"] !== label["sts/record"]) return undefined;
  const saved = parsed(data["original.json"]) as StatefulSet | undefined;
  const wanted = parsed(data["wanted.json"]) as Manifest | undefined;
  const pods = parsed(data["pods.json"]) as Record<string, string> | undefined;
  const holder = parsed(data["holder.json"]) as Holder | undefined;
  if (!saved?.metadata || !wanted || !pods || !isHolder(holder)) return undefined;
  if (recordName(saved.metadata.name) !== metadata.name) return undefined;
  // Who may write ConfigMaps here must not reach into another namespace, or change more than a recreation does.
  if (saved.metadata.namespace !== metadata.namespace || !differsAsMadeAnew(saved, wanted)) return undefined;
  const { purpose = "", again = "" } = data;
  const { name, uid, resourceVersion } = metadata;
  return { saved, wanted, purpose, again, pods, holder, record: { name, uid, resourceVersion } };
}

function isHolder(found: Holder | undefined): found is Holder {
  const { who, host, since, pid } = (found ?? {}) as Partial<Holder>;
  return [who, host, since].every((text) => typeof text === "string") && Number.isInteger(pid);
}

function parsed(text: string | undefined): object | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What a recreation is for; everything else of a set can be changed without one, and stays. */
const remade: readonly string[] = ["serviceName", "podManagementPolicy", "volumeClaimTemplates"];

/** Whether a set has what a recreation is for, whoever made it and whatever else of it was changed since. */
export function isRemade({ spec }: StatefulSet, wanted: Manifest): boolean {
  const [now, then] = [spec, wanted["spec"]] as { [field: string]: unknown }[];
  return remade.every((field) => includes(now?.[field], then?.[field]));
}

/** Whether a manifest is that of the set but for what a recreation changes. */
export function differsAsMadeAnew(saved: StatefulSet, wanted: Manifest): boolean {
  const rest = (manifest: Manifest): object => {
    const spec = Object.entries((manifest["spec"] ?? {}) as object);
    return { ...manifest, spec: Object.fromEntries(spec.filter(([field]) => !remade.includes(field))) };
  };
  return sameJson(rest(manifestOf(saved)), rest(wanted));
}
