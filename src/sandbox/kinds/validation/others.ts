import { isDeepStrictEqual } from "node:util";
import type { AnyObject } from "../../port.js";
import type { Admission, FieldError } from "../kind.js";
import { sinceMinor } from "../version.js";
import { isObject } from "../schema.js";
import type { Json } from "../schema.js";
import { duplicate, each, forbidden, invalid, notNegative, oneOf, required } from "./errors.js";
import { labelValue, qualifiedName } from "./names.js";
import { taintEffect } from "./scheduling.js";

export function validateStorageClass(one: AnyObject): FieldError[] {
  return [
    ...(one.provisioner
      ? each("provisioner", one.provisioner, qualifiedName(one.provisioner.toLowerCase()))
      : [required("provisioner")]),
    ...(one.reclaimPolicy ? oneOf("reclaimPolicy", one.reclaimPolicy, ["Delete", "Retain"]) : []),
    ...(Object.hasOwn(one.parameters ?? {}, "")
      ? [invalid("parameters", "", "field can not be empty.")]
      : []),
    ...oneOf("volumeBindingMode", one.volumeBindingMode, ["Immediate", "WaitForFirstConsumer"]),
    ...topologies(one.allowedTopologies ?? []),
  ];
}

function topologies(list: Json[]): FieldError[] {
  return list.flatMap(({ matchLabelExpressions: terms = [] }, at) =>
    terms.flatMap(({ key, values }: Json, nth: number) => {
      const field = `allowedTopologies[${at}].matchLabelExpressions[${nth}]`;
      return [
        ...(values?.length ? [] : [required(`${field}.values`)]),
        ...each(`${field}.key`, key, qualifiedName(key)),
      ];
    }),
  );
}

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
  return [...notNegative("revision", revision), ...missing];
}

export function validateRevisionUpdate({ data }: AnyObject, old: AnyObject): FieldError[] {
  return isDeepStrictEqual(data, old.data) ? [] : [invalid("data", data, "field is immutable")];
}

/** The API names the field so, though taints are in the spec. */
export function validateNode({ spec }: AnyObject): FieldError[] {
  const taints: Json[] = spec?.taints ?? [];
  return taints.flatMap((taint, at) => {
    const { key, value = "", effect } = taint;
    const field = `metadata.taints[${at}]`;
    const wrong = labelValue(value);
    const again = taints.slice(0, at).some((other) => other.key === key && other.effect === effect);
    const unique = "taints must be unique by key and effect pair";
    const { message, ...error } = duplicate(field, {
      Key: key,
      Value: value,
      Effect: effect,
      TimeAdded: null,
    });
    return [
      ...each(`${field}.key`, key, qualifiedName(key)),
      ...(wrong.length > 0 ? [invalid(`${field}.value`, value, wrong.join(";"))] : []),
      ...(effect ? taintEffect(`${field}.effect`, effect) : [required(`${field}.effect`)]),
      ...(again ? [{ ...error, message: `${message}: ${unique}` }] : []),
    ];
  });
}

export function validateLease({ spec }: AnyObject): FieldError[] {
  const { leaseDurationSeconds: duration, leaseTransitions: transitions, strategy, preferredHolder } = spec;
  const field = "spec.leaseDurationSeconds";
  const alone = preferredHolder && !strategy;
  return [
    ...(duration <= 0 ? [invalid(field, duration, "must be greater than 0")] : []),
    ...notNegative("spec.leaseTransitions", transitions),
    ...(alone ? [forbidden("spec.preferredHolder", "may only be specified if `strategy` is defined")] : []),
  ];
}

/** Events of core/v1: what they are about is in their own namespace. The rest is asked of those with an eventTime. */
export function validateEvent(event: AnyObject): FieldError[] {
  const { metadata, involvedObject, eventTime, reportingComponent = "" } = event;
  const about: string = involvedObject?.namespace ?? "";
  const own = metadata.namespace ?? "";
  const free = about === "" && (own === "default" || (eventTime ? own === "kube-system" : own === ""));
  const elsewhere = eventTime ? about === "" : about !== own;
  const field = "involvedObject.namespace";
  const needed = ["reportingInstance", "action", "reason"] as const;
  return [
    ...(!free && elsewhere ? [invalid(field, about, "does not match event.namespace")] : []),
    ...(eventTime
      ? [
          ...(reportingComponent ? [] : [required("reportingComponent")]),
          ...each("reportingComponent", reportingComponent, qualifiedName(reportingComponent)),
          ...needed.filter((name) => !event[name]).map((name) => required(name)),
        ]
      : []),
  ];
}
