import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { each, forbidden, invalid, required } from "./errors.js";
import { labels } from "./metadata.js";
import { labelValue, qualifiedName } from "./names.js";

const withValues = ["In", "NotIn"];
const withoutValues = ["Exists", "DoesNotExist"];

/** What the API asks of a `LabelSelector`. */
export function labelSelector(field: string, selector: Json): FieldError[] {
  const expressions: Json[] = selector.matchExpressions ?? [];
  return [
    ...labels(`${field}.matchLabels`, selector.matchLabels),
    ...expressions.flatMap((one, at) => requirement(`${field}.matchExpressions[${at}]`, one)),
  ];
}

function requirement(field: string, { key, operator, values = [] }: Json): FieldError[] {
  return [
    ...operatorErrors(field, operator, values),
    ...each(`${field}.key`, key, qualifiedName(key)),
    ...values.flatMap((value: string, at: number) =>
      each(`${field}.values[${at}]`, value, labelValue(value)),
    ),
  ];
}

function operatorErrors(field: string, operator: string, values: string[]): FieldError[] {
  if (withValues.includes(operator))
    return values.length > 0
      ? []
      : [required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
  if (withoutValues.includes(operator))
    return values.length === 0
      ? []
      : [forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
  return [invalid(`${field}.operator`, operator, "not a valid selector operator")];
}
