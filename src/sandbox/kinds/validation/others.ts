import { isDeepStrictEqual } from "node:util";
import type { AnyObject } from "../../port.js";
import type { Admission, FieldError } from "../kind.js";
import { sinceMinor } from "../version.js";
import { isObject } from "../schema.js";
import type { Json } from "../schema.js";
import { duplicate, each, invalid, required } from "./errors.js";
import { labelValue, qualifiedName } from "./names.js";
import { all, defined, fields, first, given, items, where, type Rule } from "./rules.js";
import { taintEffect } from "./scheduling.js";
import { mayNotBe, must, named, needed, notNegative, oneOf } from "./values.js";

export const storageClass = fields({
  provisioner: first(needed, (name: string, path) => each(path, name, qualifiedName(name.toLowerCase()))),
  reclaimPolicy: given(oneOf("Delete", "Retain")),
  parameters: (values: Json = {}, path) =>
    Object.hasOwn(values, "") ? [invalid(path, "", "field can not be empty.")] : [],
  volumeBindingMode: oneOf("Immediate", "WaitForFirstConsumer"),
  allowedTopologies: items(
    fields({ matchLabelExpressions: items(fields({ values: needed, key: named(qualifiedName) })) }),
  ),
});

/** From 1.37 the API shows these values as null, whatever they are. */
export function validateStorageClassUpdate(
  one: AnyObject,
  old: AnyObject,
  { kubernetesVersion }: Admission,
): FieldError[] {
  return ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"]
    .filter((field) => !isDeepStrictEqual(one[field], old[field]))
    .map((field) =>
      invalid(field, sinceMinor(37, kubernetesVersion) ? null : one[field], "field is immutable"),
    );
}

export function validateRevision({ data, revision }: AnyObject, old: AnyObject | undefined): FieldError[] {
  const text = data === undefined || data === null ? "data is mandatory" : "data must be a valid JSON object";
  const missing = !old && !isObject(data) ? [required("data", text)] : [];
  return [...notNegative(revision, "revision"), ...missing];
}

export function validateRevisionUpdate({ data }: AnyObject, old: AnyObject): FieldError[] {
  return isDeepStrictEqual(data, old.data) ? [] : [invalid("data", data, "field is immutable")];
}

const effectOf = (one: unknown): string => {
  const { key, effect } = one as Json;
  return `${effect} ${key}`;
};

const taint = all(
  fields({
    key: named(qualifiedName),
    value: (value: string | undefined, path) => {
      const wrong = labelValue(value ?? "");
      return wrong.length > 0 ? [invalid(path, value, wrong.join(";"))] : [];
    },
    effect: first(needed, taintEffect),
  }),
  (one: Json, path, earlier) => {
    const { key, value = "", effect } = one;
    const again = earlier?.of(effectOf).has(effectOf(one));
    const shown = { Key: key, Value: value, Effect: effect, TimeAdded: null };
    const { message, ...error } = duplicate(path, shown);
    return again ? [{ ...error, message: `${message}: taints must be unique by key and effect pair` }] : [];
  },
);

/** The API names the field so, though taints are in the spec. */
export const node: Rule = ({ spec }: AnyObject) => items(taint)(spec?.taints, "metadata.taints");

const leaseSpec = all(
  fields({
    leaseDurationSeconds: defined(must((seconds) => seconds > 0, "must be greater than 0")),
    leaseTransitions: notNegative,
  }),
  where(
    ({ strategy }) => !strategy,
    fields({ preferredHolder: mayNotBe("may only be specified if `strategy` is defined") }),
  ),
);

export const lease = fields({ spec: leaseSpec });

/** Events of core/v1: what they are about is in their own namespace. The rest is asked of those with an eventTime. */
export const event: Rule = (one: AnyObject) => {
  const { metadata, involvedObject, eventTime } = one;
  const about: string = involvedObject?.namespace ?? "";
  const own = metadata.namespace ?? "";
  const free = about === "" && (own === "default" || (eventTime ? own === "kube-system" : own === ""));
  const elsewhere = eventTime ? about === "" : about !== own;
  const field = "involvedObject.namespace";
  return [
    ...(!free && elsewhere ? [invalid(field, about, "does not match event.namespace")] : []),
    ...(eventTime ? newEvent(one, "") : []),
  ];
};

const newEvent = fields({
  reportingComponent: all(needed, named(qualifiedName)),
  reportingInstance: needed,
  action: needed,
  reason: needed,
});
