import type { Json } from "../schema.js";
import { notAboveAll, numberOrPercent } from "./counts.js";
import { invalid } from "./errors.js";
import { all, defined, fields, first, given, type Rule } from "./rules.js";
import { labelSelector } from "./selector.js";
import { notNegative, oneOf } from "./values.js";

const count = defined(first(numberOrPercent, notAboveAll));

const exclusive: Rule = (spec: Json, path) => {
  const { minAvailable, maxUnavailable, selector = null, unhealthyPodEvictionPolicy = null } = spec;
  if (minAvailable === undefined || maxUnavailable === undefined) return [];
  const internal = {
    MinAvailable: minAvailable,
    Selector: selector,
    MaxUnavailable: maxUnavailable,
    UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy,
  };
  return [invalid(path, internal, "minAvailable and maxUnavailable cannot be both set")];
};

export const budget = fields({
  spec: all(
    exclusive,
    fields({
      minAvailable: count,
      maxUnavailable: count,
      unhealthyPodEvictionPolicy: defined(oneOf("AlwaysAllow", "IfHealthyBudget")),
      selector: given(labelSelector),
    }),
  ),
});

export const budgetStatus = fields({
  status: fields({
    disruptionsAllowed: notNegative,
    currentHealthy: notNegative,
    desiredHealthy: notNegative,
    expectedPods: notNegative,
  }),
});
