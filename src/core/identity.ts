import type { StatefulSet } from "./model.js";

/** A name of the form `<set>-<ordinal>`. */
export interface PodIdentity {
  set: string;
  ordinal: number;
}

export function podName(set: string, ordinal: number): string {
  return `${set}-${ordinal}`;
}

/**
 * Splits a pod's name at its last `-<digits>`, as the StatefulSet controller does (`getParentNameAndOrdinal`).
 * Undefined for a name that no set gives: none or no number at its end, or a number written otherwise (`web-01`).
 */
export function parsePodName(name: string): PodIdentity | undefined {
  const [, set, digits] = /^(.+)-(\d+)$/.exec(name) ?? [];
  if (set === undefined || digits === undefined) return undefined;
  const ordinal = Number(digits);
  return Number.isSafeInteger(ordinal) && String(ordinal) === digits ? { set, ordinal } : undefined;
}

/** The name of the claim that the set's `volumeClaimTemplates` entry `template` gives to one ordinal. */
export function claimName(template: string, set: string, ordinal: number): string {
  return `${template}-${set}-${ordinal}`;
}

/** Names of the set's claim templates, in the manifest's order. */
export function claimTemplateNames(set: StatefulSet): string[] {
  return (set.spec.volumeClaimTemplates ?? []).flatMap(({ metadata }) => metadata?.name ?? []);
}

/** The ordinals that a set wants, and how many of them a rolling update leaves alone. */
export interface OrdinalRange {
  /** Lowest ordinal: `spec.ordinals.start`. */
  start: number;
  /** One past the highest ordinal; equal to `start` at zero replicas. */
  end: number;
  replicas: number;
  /** `updateStrategy.rollingUpdate.partition`, an index counted from `start`; 0 where there is none. */
  partition: number;
  /**
   * The lowest ordinal that a rolling update moves: `start + partition`, at most `end`. The field's documentation says
   * ordinal and means index (kubernetes/kubernetes#128529).
   */
  firstUpdated: number;
}

export function ordinalRange(set: StatefulSet): OrdinalRange {
  const start = set.spec.ordinals?.start ?? 0;
  const replicas = set.spec.replicas ?? 1;
  const end = start + replicas;
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  return { start, end, replicas, partition, firstUpdated: Math.min(end, start + partition) };
}

export function inRange({ start, end }: Pick<OrdinalRange, "start" | "end">, ordinal: number): boolean {
  return ordinal >= start && ordinal < end;
}

/** The name a pod is found by through the headless Service: without `clusterDomain` the form that pods can resolve. */
export function dnsName(pod: string, service: string, namespace: string, clusterDomain?: string): string {
  return [pod, service, namespace, "svc", ...(clusterDomain ? [clusterDomain] : [])].join(".");
}
