import type { AnyObject } from "../../port.js";
import type { FieldError } from "../kind.js";
import { each, invalid, notNegative, oneOf } from "./errors.js";
import { percentage } from "./names.js";
import { labelSelector } from "./selector.js";

/** A number of pods or a percentage of them, neither below zero nor above all. */
function countOrPercent(field: string, value: unknown): FieldError[] {
  if (value === undefined) return [];
  if (typeof value === "number") return notNegative(field, value);
  const text = String(value);
  const wrong = percentage(text);
  if (wrong.length > 0) return each(field, text, wrong);
  return Number.parseInt(text, 10) > 100 ? [invalid(field, text, "must not be greater than 100%")] : [];
}

export function validateBudget({ spec }: AnyObject): FieldError[] {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy } = spec;
  const policies = ["AlwaysAllow", "IfHealthyBudget"];
  const both = minAvailable !== undefined && maxUnavailable !== undefined;
  const internal = {
    MinAvailable: minAvailable,
    Selector: selector ?? null,
    MaxUnavailable: maxUnavailable,
    UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy ?? null,
  };
  return [
    ...(both ? [invalid("spec", internal, "minAvailable and maxUnavailable cannot be both set")] : []),
    ...countOrPercent("spec.minAvailable", minAvailable),
    ...countOrPercent("spec.maxUnavailable", maxUnavailable),
    ...(unhealthyPodEvictionPolicy === undefined
      ? []
      : oneOf("spec.unhealthyPodEvictionPolicy", unhealthyPodEvictionPolicy, policies)),
    ...(selector ? labelSelector("spec.selector", selector) : []),
  ];
}

const counters = ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"];

export function validateBudgetStatus({ status }: AnyObject): FieldError[] {
  return counters.flatMap((name) => notNegative(`status.${name}`, status[name]));
}
