import { isDeepStrictEqual } from "node:util";
import type { AnyObject } from "../../port.js";
import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { each, forbidden, invalid, notNegative, notSupported, oneOf, required } from "./errors.js";
import { configKey, qualifiedName } from "./names.js";

export function validateStorageClass(one: AnyObject): FieldError[] {
  return [
    ...(one.provisioner
      ? each("provisioner", one.provisioner, qualifiedName(one.provisioner.toLowerCase()))
      : [required("provisioner")]),
    ...oneOf("reclaimPolicy", one.reclaimPolicy, ["Delete", "Retain"]),
    ...oneOf("volumeBindingMode", one.volumeBindingMode, ["Immediate", "WaitForFirstConsumer"]),
  ];
}

/** The API shows these values as null, whatever they are. */
export function validateStorageClassUpdate(one: AnyObject, old: AnyObject): FieldError[] {
  return ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"]
    .filter((field) => !isDeepStrictEqual(one[field], old[field]))
    .map((field) => invalid(field, null, "field is immutable"));
}

/** Config maps and secrets: keys that can be file names. */
export function validateKeys({ data = {}, binaryData = {} }: AnyObject): FieldError[] {
  const keys = (field: string, values: Json): FieldError[] =>
    Object.keys(values).flatMap((key) => each(`${field}[${key}]`, key, configKey(key)));
  return [...keys("data", data), ...keys("binaryData", binaryData)];
}

export function validateKeysUpdate(one: AnyObject, old: AnyObject): FieldError[] {
  if (!old.immutable) return [];
  const text = "field is immutable when `immutable` is set";
  const changed = ["data", "binaryData"].filter((field) => !isDeepStrictEqual(one[field], old[field]));
  return [...(one.immutable ? [] : ["immutable"]), ...changed].map((field) => forbidden(field, text));
}

export function validateSecretUpdate(one: AnyObject, old: AnyObject): FieldError[] {
  const type = one.type === old.type ? [] : [invalid("type", one.type, "field is immutable")];
  return [...type, ...validateKeysUpdate(one, old)];
}

export function validateAutoscaler({ spec }: AnyObject): FieldError[] {
  const { minReplicas, maxReplicas, scaleTargetRef: target } = spec;
  const below = maxReplicas < minReplicas;
  return [
    ...(minReplicas < 1
      ? [invalid("spec.minReplicas", minReplicas, "must be greater than or equal to 1")]
      : []),
    ...(below
      ? [invalid("spec.maxReplicas", maxReplicas, "must be greater than or equal to `minReplicas`")]
      : []),
    ...(maxReplicas < 1 ? [required("spec.maxReplicas")] : []),
    ...(target.kind ? [] : [required("spec.scaleTargetRef.kind")]),
    ...(target.name ? [] : [required("spec.scaleTargetRef.name")]),
    ...(target.apiVersion
      ? []
      : [invalid("spec.scaleTargetRef.apiVersion", "", "apiVersion must specify API group")]),
  ];
}

export function validateRevision({ data, revision }: AnyObject, old: AnyObject | undefined): FieldError[] {
  const missing = !old && !data ? [required("data", "data is mandatory")] : [];
  return [...notNegative("revision", revision), ...missing];
}

export function validateRevisionUpdate({ data }: AnyObject, old: AnyObject): FieldError[] {
  return isDeepStrictEqual(data, old.data) ? [] : [invalid("data", data, "field is immutable")];
}

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/** The API names the field so, though taints are in the spec. */
export function validateNode({ spec }: AnyObject): FieldError[] {
  const taints: Json[] = spec?.taints ?? [];
  return taints.flatMap(({ key, effect }, at) => [
    ...each(`metadata.taints[${at}].key`, key, qualifiedName(key)),
    ...(effects.includes(effect) ? [] : [notSupported(`metadata.taints[${at}].effect`, effect, effects)]),
  ]);
}

/** A binding stays with its role. */
export function validateBindingUpdate({ roleRef }: AnyObject, old: AnyObject): FieldError[] {
  if (isDeepStrictEqual(roleRef, old.roleRef)) return [];
  const { apiGroup, kind, name } = roleRef ?? {};
  return [invalid("roleRef", { APIGroup: apiGroup, Kind: kind, Name: name }, "field is immutable")];
}
