import type { FieldWrite } from "../patch/managed-fields.js";
import type { ApiGates } from "../kinds/kind.js";
import type { AnyObject } from "../port.js";

/** What the write path takes from outside, so that tests decide about it. */
export interface Environment {
  /** Milliseconds since the epoch. */
  now(): number;
  /** A number from 0 up to 1, for generated names. */
  random(): number;
  newUid(): string;
  /** `1.37` */
  kubernetesVersion: string;
  /** Feature gates of the API that differ from the version's defaults. */
  gates?: Partial<ApiGates> | undefined;
  /** Writes `metadata.managedFields` of `next`; `old` is undefined for a create. Left out, nobody keeps them. */
  trackFields?: (old: AnyObject | undefined, next: AnyObject, write: FieldWrite) => void;
}

/** A time as objects have it: RFC 3339 in whole seconds. */
export function timestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}
