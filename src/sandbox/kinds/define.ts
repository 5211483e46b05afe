import type { AnyObject } from "../port.js";
import { applyStructDefaults } from "./defaults.js";
import type { Admission, FieldError, SandboxKind } from "./kind.js";
import { normalizeStruct } from "./normalize.js";
import { inOrder } from "./validation/errors.js";
import { objectMeta } from "./validation/metadata.js";
import { dnsSubdomain } from "./validation/names.js";
import type { NameRule } from "./validation/names.js";
import type { Rule } from "./validation/rules.js";

/** What a row of the registry may say beyond its names; everything has a default that does nothing. */
export interface KindTraits {
  singular: string;
  shortNames: string[];
  categories: string[];
  namespaced: boolean;
  subresources: string[];
  generation: boolean;
  versioned: boolean;
  /** Fields at the top that only `/status` may change; `["status"]` where the kind has that subresource. */
  statusFields: string[];
  /** Defaulting of the type itself: runs on create and on update. */
  defaults(object: AnyObject, admission: Admission): void;
  /** What only a create does: the initial status, finalizers, allocations, admission plugins. */
  create(object: AnyObject, admission: Admission): void;
  /** What only an update does, after status was put back and before defaulting. */
  update(object: AnyObject, old: AnyObject, admission: Admission): void;
  /** True where a create may bring a status along (nodes). */
  statusOnCreate: boolean;
  /** What a write through `/status` does beyond putting everything else back. */
  statusUpdate(object: AnyObject, old: AnyObject, admission: Admission | undefined): void;
  /** What must hold for every object of the kind. */
  rule: Rule;
  /** What must hold besides, where it takes more than the object; `old` is there on an update, to tolerate what was stored before. */
  validate(object: AnyObject, old: AnyObject | undefined, admission: Admission): FieldError[];
  /** What may not change. */
  validateUpdate(object: AnyObject, old: AnyObject, admission: Admission): FieldError[];
  /** What must hold after a write through `/status`. */
  statusRule: Rule;
  validateStatus(object: AnyObject, old: AnyObject): FieldError[];
  /** What names of the kind look like; DNS subdomains unless said otherwise. */
  name: NameRule;
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
    versioned: traits.versioned ?? false,
    selectableFields: traits.selectable ?? (() => ({})),
    ...lifecycle(kind, statusFields, traits),
  };
}

type Lifecycle = Pick<
  SandboxKind,
  "setDefaults" | "prepareCreate" | "prepareUpdate" | "prepareStatusUpdate" | "validate"
>;

function lifecycle(kind: string, statusFields: string[], traits: Partial<KindTraits>): Lifecycle {
  const { defaults = nothing, create = nothing, update = nothing, statusUpdate = nothing } = traits;
  const { name = dnsSubdomain } = traits;
  const { rule = noErrors, validate = noErrors, validateUpdate = noErrors, statusRule } = traits;
  const validateStatus = statusRule ? (object: AnyObject) => statusRule(object, "") : traits.validateStatus;
  const setDefaults = (object: AnyObject, admission: Admission): void => {
    normalizeStruct(kind, object);
    applyStructDefaults(object);
    defaults(object, admission);
  };
  return {
    setDefaults,
    prepareCreate(object, admission) {
      if (!traits.statusOnCreate) for (const field of statusFields) delete object[field];
      setDefaults(object, admission);
      create(object, admission);
      normalizeStruct(kind, object);
    },
    prepareUpdate(object, old, admission) {
      putBack(object, old, statusFields);
      // An update may leave the whole spec out.
      if (traits.update) normalizeStruct(kind, object);
      update(object, old, admission);
      setDefaults(object, admission);
    },
    prepareStatusUpdate(object, old, admission) {
      const fields = Object.keys({ ...object, ...old });
      const notStatus = fields.filter(
        (field) => !["apiVersion", "kind", "metadata", ...statusFields].includes(field),
      );
      putBack(object, old, notStatus);
      normalizeStruct(kind, object);
      statusUpdate(object, old, admission);
    },
    validate: (object, old, admission) =>
      inOrder(
        [
          ...objectMeta(object, old, name, admission),
          ...rule(object, ""),
          ...validate(object, old, admission),
          ...(old ? validateUpdate(object, old, admission) : []),
        ],
        admission.kubernetesVersion,
      ),
    ...(validateStatus && { validateStatus }),
  };
}

/** Gives `object` the values that `fields` have in `old`. */
function putBack(object: AnyObject, old: AnyObject, fields: string[]): void {
  for (const field of fields) {
    if (old[field] === undefined) delete object[field];
    else object[field] = structuredClone(old[field]);
  }
}
