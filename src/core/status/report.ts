import type { Includable } from "../claims/states.js";
import type { RowTone } from "../progress/board.js";
import type { VerdictState } from "../progress/verdict.js";

/** A ControllerRevision of a set. */
export interface RevisionReport {
  /** `web-6d9f8` */
  name: string;
  /** Its number in the history; null when revisions could not be read. */
  revision: number | null;
}

export interface ServiceReport {
  name: string;
  /** Null when Services could not be read. */
  exists: boolean | null;
  headless: boolean;
  /** Addresses of pods behind it; null when they could not be read. */
  endpoints: number | null;
  readyEndpoints: number | null;
}

export interface ClaimReport {
  name: string;
  /** What the volume has, or what is asked for as long as there is none. */
  size: string;
  /** `Bound`, `Pending`, `Lost`, `Terminating`; `Missing` for one that is not there yet. */
  phase: string;
}

/** Claims that no pod has now, and that may be wanted again. */
export interface HeldClaims {
  state: Includable;
  claims: string[];
}

/** One ordinal that is wanted or has a pod. */
export interface PodReport {
  ordinal: number;
  name: string;
  /** False for a pod on its way out. */
  wanted: boolean;
  state: string;
  tone: RowTone;
  /** Ready and all containers: `1/1`; null without a pod. */
  ready: string | null;
  revision: (RevisionReport & { role: "current" | "update" | "both" | "other" }) | null;
  restarts: number;
  createdAt: string | null;
  node: string | null;
  claims: ClaimReport[];
  /** Null for a set without a Service. */
  dns: string | null;
}

/** All that `sts status` shows of a set; what `-o json` prints. */
export interface StatusReport {
  v: 1;
  namespace: string;
  name: string;
  images: string[];
  replicas: number;
  ready: number;
  available: number;
  updated: number;
  podManagementPolicy: string;
  strategy: {
    type: string;
    partition: number | null;
    maxUnavailable: number | string | null;
    /** What the partition means: `web-3 and web-4`; null without a partition. */
    updatedByPartition: string | null;
    heldByPartition: string | null;
    /** What a staging or a pause of ours says: `staged: step 1 of 3`, `paused`; null without one. */
    hold: string | null;
  };
  revisions: { current: RevisionReport | null; update: RevisionReport | null };
  service: ServiceReport | null;
  claimTemplates: { name: string; size: string }[];
  /** Claims that no pod has or is to have: what `pvc cleanup` takes. */
  leftOverClaims: string[];
  /** Those that it takes only when their state is included. */
  heldClaims: HeldClaims[];
  verdict: { state: VerdictState; reason: string; message: string; ordinal: number | null };
  /** Commands that a person may want next. */
  next: string[];
  pods: PodReport[];
}
