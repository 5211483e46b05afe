/** Objects as the API has them, with what the rules of clean-up look at. */

export interface Meta {
  name: string;
  namespace?: string | undefined;
  uid: string;
  labels?: Record<string, string> | undefined;
  ownerReferences?: Owner[] | undefined;
  managedFields?: { manager?: string; subresource?: string; fieldsV1?: object }[] | undefined;
  deletionTimestamp?: string | undefined;
}

export interface Owner {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
}

export interface RawSet {
  metadata: Meta;
  spec: {
    replicas?: number;
    ordinals?: { start?: number };
    selector?: { matchLabels?: Record<string, string> };
    volumeClaimTemplates?: { metadata: { name: string } }[];
  };
}

export interface RawPod {
  metadata: Meta;
  spec: {
    volumes?: { name: string; persistentVolumeClaim?: { claimName: string }; ephemeral?: object }[];
  };
}

export interface RawScaler {
  metadata: Meta;
  spec: { scaleTargetRef: { apiVersion?: string; kind: string; name: string }; maxReplicas: number };
}

export interface RawClaim {
  metadata: Meta;
  spec: { volumeName?: string };
}

export interface RawWorld {
  sets: readonly RawSet[];
  pods: readonly RawPod[];
  claims: readonly RawClaim[];
  /** Undefined: may not be read. */
  scalers: readonly RawScaler[] | undefined;
}

export interface Asked {
  /** `--include`. */
  included: readonly string[];
  /** `--set` and `--template`: deleted sets that were named. */
  gone?: readonly { set: string; template: string }[];
}
