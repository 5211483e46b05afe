import type { AnyObject } from "../../port.js";
import type { Admission, FieldError } from "../kind.js";
import { sinceMinor } from "../version.js";
import type { Json } from "../schema.js";
import { declared, each, forbidden, invalid, notSupported, oneOf, required } from "./errors.js";
import { pathSegment } from "./names.js";

/** From 1.37 none are wanted where a metric of an object says so (HPAScaleToZero). */
export function validateAutoscaler(
  { spec }: AnyObject,
  _old: AnyObject | undefined,
  { kubernetesVersion }: Admission,
): FieldError[] {
  const { minReplicas, maxReplicas, scaleTargetRef: target, behavior = {} } = spec;
  const reference = (name: string) => {
    const field = `spec.scaleTargetRef.${name}`;
    return target[name] ? each(field, target[name], pathSegment(target[name])) : [required(field)];
  };
  const least = (field: string, value: number) =>
    value < 1 ? [declared(invalid(field, value, "must be greater than or equal to 1"))] : [];
  const most = "spec.maxReplicas";
  return [
    ...(minReplicas === 0 && sinceMinor(37, kubernetesVersion) ? [] : least("spec.minReplicas", minReplicas)),
    ...(maxReplicas === 0
      ? [declared(required(most, "must be set and greater than 0"), "Required value")]
      : least(most, maxReplicas)),
    ...(maxReplicas < minReplicas
      ? [invalid(most, maxReplicas, "must be greater than or equal to `minReplicas`")]
      : []),
    ...["kind", "name"].flatMap(reference),
    ...apiVersion("spec.scaleTargetRef.apiVersion", target.apiVersion ?? ""),
    ...(minReplicas === 0 ? toZero("spec.metrics", spec.metrics ?? []) : []),
    ...["scaleUp", "scaleDown"].flatMap((name) => scalingRules(`spec.behavior.${name}`, behavior[name])),
  ];
}

function toZero(field: string, metrics: Json[]): FieldError[] {
  const text = "must specify at least one Object or External metric to support scaling to zero replicas";
  return metrics.some(({ type }) => ["Object", "External"].includes(type)) ? [] : [forbidden(field, text)];
}

function apiVersion(field: string, value: string): FieldError[] {
  const slashes = value.split("/").length - 1;
  if (slashes === 1 && !value.startsWith("/")) return [];
  const why = slashes > 1 ? `unexpected GroupVersion string: ${value}` : "apiVersion must specify API group";
  return [invalid(field, value, why)];
}

const longestWindow = 3600;
const longestPeriod = 1800;

function scalingRules(field: string, rules: Json | undefined): FieldError[] {
  if (!rules) return [];
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [] } = rules;
  const place = `${field}.stabilizationWindowSeconds`;
  return [
    ...(window < 0 ? [invalid(place, window, "must be greater than or equal to zero")] : []),
    ...(window > longestWindow
      ? [invalid(place, window, `must be less than or equal to ${longestWindow}`)]
      : []),
    ...(selectPolicy === undefined
      ? []
      : oneOf(`${field}.selectPolicy`, selectPolicy, ["Disabled", "Max", "Min"])),
    ...(policies.length > 0 ? [] : [required(`${field}.policies`, "must specify at least one Policy")]),
    ...policies.flatMap((policy: Json, at: number) => scalingPolicy(`${field}.policies[${at}]`, policy)),
  ];
}

function scalingPolicy(field: string, { type, value, periodSeconds: period }: Json): FieldError[] {
  const place = `${field}.periodSeconds`;
  const types = ["Percent", "Pods"];
  return [
    ...(types.includes(type) ? [] : [notSupported(`${field}.type`, type, types)]),
    ...(value > 0 ? [] : [invalid(`${field}.value`, value, "must be greater than zero")]),
    ...(period > 0 ? [] : [invalid(place, period, "must be greater than zero")]),
    ...(period > longestPeriod
      ? [invalid(place, period, `must be less than or equal to ${longestPeriod}`)]
      : []),
  ];
}
