import { invalid } from "./errors.js";
import { labels } from "./metadata.js";
import { labelValue, qualifiedName } from "./names.js";
import { all, below, fields, items, type Rule } from "./rules.js";
import { mayNotBe, named, neededTo } from "./values.js";

const listed = neededTo("must be specified when `operator` is 'In' or 'NotIn'");
const none = mayNotBe("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");

/** Which values go with the operators that every selector knows. */
export const valuesByOperator = { In: listed, NotIn: listed, Exists: none, DoesNotExist: none };

/** An operator, and what its values must be. */
export function operators(known: Readonly<Record<string, Rule>>): Rule {
  return ({ operator, values }, path) =>
    Object.hasOwn(known, operator)
      ? (known[operator]?.(values, below(path, "values")) ?? [])
      : [invalid(below(path, "operator"), operator, "not a valid selector operator")];
}

/** What the API asks of a `LabelSelector`. */
export const labelSelector: Rule = fields({
  matchLabels: labels,
  matchExpressions: items(
    all(operators(valuesByOperator), fields({ key: named(qualifiedName), values: items(named(labelValue)) })),
  ),
});
