import type { AnyObject } from "../../port.js";
import type { Admission, FieldError } from "../kind.js";
import { sinceMinor } from "../version.js";
import type { Json } from "../schema.js";
import { forbidden } from "./errors.js";
import { pathSegment } from "./names.js";
import { all, declares, defined, fields, first, given, items, where, type Rule } from "./rules.js";
import { fieldMust, must, named, needed, neededTo, oneOf } from "./values.js";

/** From 1.37 none are wanted where a metric of an object says so (HPAScaleToZero). */
export function validateAutoscaler(
  { spec }: AnyObject,
  _old: AnyObject | undefined,
  { kubernetesVersion }: Admission,
): FieldError[] {
  const toZero = sinceMinor(37, kubernetesVersion);
  return all(
    fields({
      minReplicas: toZero ? where((least) => least !== 0, atLeastOne) : atLeastOne,
      maxReplicas: first(declares(neededTo("must be set and greater than 0"), "Required value"), atLeastOne),
    }),
    fieldMust(
      "maxReplicas",
      ({ minReplicas, maxReplicas }) => maxReplicas >= minReplicas,
      "must be greater than or equal to `minReplicas`",
    ),
    fields({
      scaleTargetRef: fields({ kind: targetPart, name: targetPart, apiVersion: targetVersion }),
      ...(spec.minReplicas === 0 && { metrics: beyondPods }),
      behavior: fields({ scaleUp: given(scalingRules), scaleDown: given(scalingRules) }),
    }),
  )(spec, "spec");
}

const atLeastOne = declares(must((count) => !(count < 1), "must be greater than or equal to 1"));

const targetPart = first(needed, named(pathSegment));

const targetVersion: Rule = (version: string | undefined, path) => {
  const value = version ?? "";
  const slashes = value.split("/").length - 1;
  return first(
    must(() => slashes < 2, `unexpected GroupVersion string: ${value}`),
    must(() => slashes === 1 && !value.startsWith("/"), "apiVersion must specify API group"),
  )(value, path);
};

/** Metrics that are there without a pod. */
const beyondPods: Rule = (metrics: Json[] = [], path) => {
  const text = "must specify at least one Object or External metric to support scaling to zero replicas";
  return metrics.some(({ type }) => ["Object", "External"].includes(type)) ? [] : [forbidden(path, text)];
};

const positive = must((value) => value > 0, "must be greater than zero");

function atMost(seconds: number): Rule {
  return must((value) => value <= seconds, `must be less than or equal to ${seconds}`);
}

const scalingRules = fields({
  stabilizationWindowSeconds: defined(
    must((value) => value >= 0, "must be greater than or equal to zero"),
    atMost(3600),
  ),
  selectPolicy: defined(oneOf("Disabled", "Max", "Min")),
  policies: all(
    neededTo("must specify at least one Policy"),
    items(
      fields({
        type: oneOf("Percent", "Pods"),
        value: positive,
        periodSeconds: all(positive, atMost(1800)),
      }),
    ),
  ),
});
