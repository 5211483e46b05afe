import type { AnyObject } from "../port.js";
import type { Admission, FieldError, SandboxKind } from "./kind.js";

/** What a row of the registry may say beyond its names; everything has a default that does nothing. */
export interface KindTraits {
  singular: string;
  shortNames: string[];
  categories: string[];
  namespaced: boolean;
  subresources: string[];
  generation: boolean;
  /** Fields at the top that only `/status` may change; `["status"]` where the kind has that subresource. */
  statusFields: string[];
  /** Defaulting of the type itself: runs on create and on update. */
  defaults(object: AnyObject, admission: Admission): void;
  /** What only a create does: the initial status, finalizers, allocations, admission plugins. */
  create(object: AnyObject, admission: Admission): void;
  /** What only an update does, after status was put back and before defaulting. */
  update(object: AnyObject, old: AnyObject, admission: Admission): void;
  /** What a write through `/status` does beyond putting everything else back. */
  statusUpdate(object: AnyObject, old: AnyObject): void;
  validate(object: AnyObject, admission: Admission): FieldError[];
  validateUpdate(object: AnyObject, old: AnyObject, admission: Admission): FieldError[];
  selectable(object: AnyObject): Record<string, string>;
}

const noErrors = (): FieldError[] => [];
const nothing = (): void => {};

/** A kind of the sandbox from its `apiVersion`, its name, its plural and what it does differently from the others. */
export function defineKind(
  apiVersion: string,
  kind: string,
  resource: string,
  traits: Partial<KindTraits> = {},
): SandboxKind {
  const [version = "", group = ""] = apiVersion.split("/").reverse();
  const subresources = traits.subresources ?? [];
  const statusFields = traits.statusFields ?? (subresources.includes("status") ? ["status"] : []);
  return {
    group,
    version,
    resource,
    kind,
    singular: traits.singular ?? kind.toLowerCase(),
    shortNames: traits.shortNames ?? [],
    categories: traits.categories ?? [],
    namespaced: traits.namespaced ?? true,
    subresources,
    generation: traits.generation ?? false,
    selectableFields: traits.selectable ?? (() => ({})),
    ...lifecycle(statusFields, traits),
  };
}

type Lifecycle = Pick<SandboxKind, "prepareCreate" | "prepareUpdate" | "prepareStatusUpdate" | "validate">;

function lifecycle(statusFields: string[], traits: Partial<KindTraits>): Lifecycle {
  const { defaults = nothing, create = nothing, update = nothing, statusUpdate = nothing } = traits;
  const { validate = noErrors, validateUpdate = noErrors } = traits;
  return {
    prepareCreate(object, admission) {
      for (const field of statusFields) delete object[field];
      defaults(object, admission);
      create(object, admission);
    },
    prepareUpdate(object, old, admission) {
      putBack(object, old, statusFields);
      update(object, old, admission);
      defaults(object, admission);
    },
    prepareStatusUpdate(object, old) {
      const own = Object.keys({ ...object, ...old }).filter((field) => !statusFields.includes(field));
      const kept = own.filter((field) => !["apiVersion", "kind", "metadata"].includes(field));
      putBack(object, old, kept);
      statusUpdate(object, old);
    },
    validate: (object, old, admission) => [
      ...(old ? validateUpdate(object, old, admission) : []),
      ...validate(object, admission),
    ],
  };
}

/** Gives `object` the values that `fields` have in `old`. */
function putBack(object: AnyObject, old: AnyObject, fields: string[]): void {
  for (const field of fields) {
    if (old[field] === undefined) delete object[field];
    else object[field] = structuredClone(old[field]);
  }
}
