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
  const saved = parsed<StatefulSet>(data["original.json"]);
  const wanted = parsed<Manifest>(data["wanted.json"]);
  const pods = parsed<Record<string, string>>(data["pods.json"]);
  const holder = parsed<Holder>(data["holder.json"]);
  if (!saved || !wanted || !pods || !holder || recordName(saved.metadata?.name) !== metadata.name) {
    return undefined;
  }
  // Who may write ConfigMaps here must not reach into another namespace, or change more than a recreation does.
  if (saved.metadata.namespace !== metadata.namespace || !differsAsMadeAnew(saved, wanted)) return undefined;
  const { purpose = "", again = "" } = data;
  const { name, uid, resourceVersion } = metadata;
  return { saved, wanted, purpose, again, pods, holder, record: { name, uid, resourceVersion } };
}

function parsed<T>(text: string | undefined): (Partial<T> & T) | undefined {
  try {
    const value = JSON.parse(text ?? "") as T | null;
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What a recreation is for; everything else of a spec can be changed without one, and stays. */
export const remade = ["serviceName", "podManagementPolicy", "volumeClaimTemplates"] as const;

/** Whether two sets are one but for what a recreation changes, with the same pods. */
export function differsAsMadeAnew(saved: StatefulSet, wanted: Manifest): boolean {
  const rest = (set: { metadata: { name: string; namespace?: string | undefined } }): string => {
    const { name, namespace } = set.metadata;
    const spec = { ...(set as { spec?: object }).spec } as Record<string, unknown>;
    for (const field of remade) delete spec[field];
    const fields = Object.keys(spec)
      .sort()
      .map((field) => [field, spec[field]]);
    return JSON.stringify([name, namespace, fields]);
  };
  return rest(saved) === rest(wanted);
}
