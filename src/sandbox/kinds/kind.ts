import type { AnyObject } from "../port.js";

/** One field that the API refuses, as `field.Error` of apimachinery prints it. */
export interface FieldError {
  /** `FieldValueInvalid`, `FieldValueRequired`, `FieldValueForbidden`, `FieldValueNotSupported`, `FieldValueDuplicate` … */
  reason: string;
  /** `spec.template.spec.containers[0].name` */
  field: string;
  /** Without the field: `Invalid value: -1: must be greater than or equal to 0`. */
  message: string;
  /** The message of the API's declarative rules, where one of them finds the same (see `declared`). */
  declared?: string;
}

/** The feature gates that decide what the API takes. */
export interface ApiGates {
  /** MaxUnavailableStatefulSet: `rollingUpdate.maxUnavailable` is kept; on from 1.37 (#139466). */
  maxUnavailable: boolean;
  /** StatefulSetRecreateStrategy: `updateStrategy.type: Recreate` is taken; alpha in 1.37, so off (KEP-3541). */
  recreateStrategy: boolean;
}

/** What admission and defaulting may look at. */
export interface Admission {
  now(): string;
  newUid(): string;
  list(resource: string, namespace?: string): AnyObject[];
  /** `1.37` or `1.36`: decides on feature gates and texts. */
  kubernetesVersion: string;
  /** Feature gates that differ from the version's defaults. */
  gates?: Partial<ApiGates> | undefined;
}

/**
 * A kind that the sandbox serves: a row of the table in `registry.ts`. The API server does everything that is the same
 * for all kinds (metadata, resourceVersions, generations, finalizers, conflicts); a kind says what is its own.
 */
export interface SandboxKind {
  group: string;
  version: string;
  resource: string;
  singular: string;
  kind: string;
  shortNames: string[];
  /** `all`, as in `kubectl get all`. */
  categories: string[];
  namespaced: boolean;
  /** Subresources served beside the object itself: `status`, `scale`, `binding`, `eviction`, `log`. */
  subresources: string[];
  /** True where a PUT without a resourceVersion is refused (no AllowUnconditionalUpdate). */
  versioned: boolean;
  /** True where the API counts `metadata.generation` up on a change of spec. */
  generation: boolean;
  /**
   * Defaulting alone, without admission, allocations and a first status. A create's managedFields are told from an
   * object in this state: what is added later belongs to nobody.
   */
  setDefaults(object: AnyObject, admission: Admission): void;
  /** Sets in place what the API server defaults (also what it drops: fields behind a disabled gate, a status on create) and what admission adds. */
  prepareCreate(object: AnyObject, admission: Admission): void;
  /** The same on update; what may not be changed by this path (status) is put back from `old`. */
  prepareUpdate(object: AnyObject, old: AnyObject, admission: Admission): void;
  /** On an update through `/status`: everything but status is put back from `old`. */
  prepareStatusUpdate(object: AnyObject, old: AnyObject, admission?: Admission): void;
  /** The API's validation of a create (`old` undefined) or an update, after defaulting; empty when valid. */
  validate(object: AnyObject, old: AnyObject | undefined, admission: Admission): FieldError[];
  /** The API's validation of a write through `/status`; absent where it accepts anything. */
  validateStatus?(object: AnyObject, old: AnyObject): FieldError[];
  /** Fields that a field selector may name beside `metadata.name` and `metadata.namespace`. */
  selectableFields(object: AnyObject): Record<string, string>;
}
