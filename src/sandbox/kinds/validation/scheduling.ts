import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { duplicate, each, forbidden, invalid, notSupported, oneOf, required } from "./errors.js";
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName } from "./names.js";
import { labelSelector } from "./selector.js";

const keyless = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';

export function tolerations(field: string, list: Json[] = []): FieldError[] {
  return list.flatMap((toleration, at) => {
    const place = `${field}[${at}]`;
    const { key, operator, effect = "", tolerationSeconds } = toleration;
    const timed = tolerationSeconds !== undefined && effect !== "NoExecute";
    const when = "effect must be 'NoExecute' when `tolerationSeconds` is set";
    return [
      ...(key ? each(`${place}.key`, key, qualifiedName(key)) : []),
      ...(!key && operator !== "Exists" ? [invalid(`${place}.operator`, operator ?? "", keyless)] : []),
      ...(timed ? [invalid(`${place}.effect`, effect, when)] : []),
      ...tolerationOperator(`${place}.operator`, toleration),
      ...(effect ? taintEffect(`${place}.effect`, effect) : []),
    ];
  });
}

function tolerationOperator(field: string, { operator = "", value = "" }: Json): FieldError[] {
  if (operator === "Equal" || operator === "") {
    const wrong = labelValue(value);
    return wrong.length > 0 ? [invalid(field, value, wrong.join(";"))] : [];
  }
  if (operator === "Exists")
    return value ? [invalid(field, value, "value must be empty when `operator` is 'Exists'")] : [];
  const compares = ["Lt", "Gt"].includes(operator);
  return [notSupported(field, operator, ["Equal", "Exists", ...(compares ? ["Lt", "Gt"] : [])])];
}

export function taintEffect(field: string, effect: string): FieldError[] {
  return oneOf(field, effect, ["NoSchedule", "PreferNoSchedule", "NoExecute"]);
}

const must = "requiredDuringSchedulingIgnoredDuringExecution";
const preferred = "preferredDuringSchedulingIgnoredDuringExecution";

export function affinity(field: string, value: Json = {}): FieldError[] {
  return [
    ...(value.nodeAffinity ? nodeAffinity(`${field}.nodeAffinity`, value.nodeAffinity) : []),
    ...["podAffinity", "podAntiAffinity"].flatMap((kind) =>
      podAffinity(`${field}.${kind}`, value[kind] ?? {}),
    ),
  ];
}

function nodeAffinity(field: string, value: Json): FieldError[] {
  const wishes: Json[] = value[preferred] ?? [];
  return [
    ...(value[must] ? nodeSelector(`${field}.${must}`, value[must]) : []),
    ...wishes.flatMap(({ weight, preference }, at) => [
      ...weightErrors(`${field}.${preferred}[${at}]`, weight),
      ...nodeTerm(`${field}.${preferred}[${at}].preference`, preference, false),
    ]),
  ];
}

/** Of a pod or of a volume: terms, of which one must hold. */
export function nodeSelector(field: string, { nodeSelectorTerms: terms }: Json): FieldError[] {
  const place = `${field}.nodeSelectorTerms`;
  if (!terms?.length) return [required(place, "must have at least one node selector term")];
  return terms.flatMap((term: Json, at: number) => nodeTerm(`${place}[${at}]`, term, true));
}

function nodeTerm(field: string, { matchExpressions = [], matchFields = [] }: Json, strict: boolean) {
  return [
    ...matchExpressions.flatMap((one: Json, at: number) =>
      nodeRequirement(`${field}.matchExpressions[${at}]`, one, strict),
    ),
    ...matchFields.flatMap((one: Json, at: number) => nodeField(`${field}.matchFields[${at}]`, one)),
  ] as FieldError[];
}

/** @param strict false where values that are no labels are let through (preferences) */
function nodeRequirement(field: string, { key, operator, values = [] }: Json, strict: boolean): FieldError[] {
  return [
    ...nodeOperator(field, operator, values),
    ...each(`${field}.key`, key, qualifiedName(key)),
    ...(strict
      ? values.flatMap((value: string, at: number) =>
          each(`${field}.values[${at}]`, value, labelValue(value)),
        )
      : []),
  ];
}

function nodeOperator(field: string, operator: string, values: string[]): FieldError[] {
  const none = values.length === 0;
  const place = `${field}.values`;
  if (["In", "NotIn"].includes(operator))
    return none ? [required(place, "must be specified when `operator` is 'In' or 'NotIn'")] : [];
  if (["Exists", "DoesNotExist"].includes(operator))
    return none
      ? []
      : [forbidden(place, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
  if (["Gt", "Lt"].includes(operator))
    return values.length === 1
      ? []
      : [required(place, "must be specified single value when `operator` is 'Lt' or 'Gt'")];
  return [invalid(`${field}.operator`, operator, "not a valid selector operator")];
}

function nodeField(field: string, { key, operator, values = [] }: Json): FieldError[] {
  const one = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
  const known = ["In", "NotIn"].includes(operator);
  return [
    ...(known && values.length !== 1 ? [required(`${field}.values`, one)] : []),
    ...(known ? [] : [invalid(`${field}.operator`, operator, "not a valid selector operator")]),
    ...(key === "metadata.name"
      ? values.flatMap((value: string, at: number) =>
          each(`${field}.values[${at}]`, value, dnsSubdomain(value)),
        )
      : [invalid(`${field}.key`, key, "not a valid field selector key")]),
  ];
}

function weightErrors(field: string, weight: number): FieldError[] {
  return weight < 1 || weight > 100 ? [invalid(`${field}.weight`, weight, "must be in the range 1-100")] : [];
}

function podAffinity(field: string, value: Json): FieldError[] {
  const terms: Json[] = value[must] ?? [];
  const wishes: Json[] = value[preferred] ?? [];
  return [
    ...terms.flatMap((term, at) => podTerm(`${field}.${must}[${at}]`, term)),
    ...wishes.flatMap(({ weight, podAffinityTerm }, at) => [
      ...weightErrors(`${field}.${preferred}[${at}]`, weight),
      ...podTerm(`${field}.${preferred}[${at}].podAffinityTerm`, podAffinityTerm),
    ]),
  ];
}

function podTerm(field: string, term: Json): FieldError[] {
  const { namespaces = [], topologyKey = "" } = term;
  return [
    ...["labelSelector", "namespaceSelector"].flatMap((name) =>
      term[name] ? labelSelector(`${field}.${name}`, term[name]) : [],
    ),
    ...namespaces.flatMap((name: string) => each(`${field}.namespace`, name, dnsLabel(name))),
    ...labelKeys(field, term),
    ...(topologyKey ? [] : [required(`${field}.topologyKey`, "can not be empty")]),
    ...each(`${field}.topologyKey`, topologyKey, qualifiedName(topologyKey)),
  ];
}

/** `matchLabelKeys` and `mismatchLabelKeys` go with a selector. */
function labelKeys(field: string, term: Json): FieldError[] {
  return ["matchLabelKeys", "mismatchLabelKeys"].flatMap((name) => {
    const keys: string[] = term[name] ?? [];
    const place = `${field}.${name}`;
    if (keys.length > 0 && !term.labelSelector)
      return [forbidden(place, "must not be specified when labelSelector is not set")];
    return keys.flatMap((key, at) => each(`${place}[${at}]`, key, qualifiedName(key)));
  });
}

export function topologySpread(field: string, list: Json[] = []): FieldError[] {
  return list.flatMap((constraint, at) => {
    const place = `${field}[${at}]`;
    const { maxSkew, topologyKey = "", whenUnsatisfiable: action = "", minDomains } = constraint;
    const again = list
      .slice(at + 1)
      .some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === action);
    const only = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`;
    return [
      ...(maxSkew > 0 ? [] : [invalid(`${place}.maxSkew`, maxSkew, "must be greater than zero")]),
      ...(topologyKey ? [] : [required(`${place}.topologyKey`, "can not be empty")]),
      ...oneOf(`${place}.whenUnsatisfiable`, action, ["DoNotSchedule", "ScheduleAnyway"]),
      ...(again
        ? [duplicate(`${place}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${action}}`)]
        : []),
      ...(minDomains <= 0 ? [invalid(`${place}.minDomains`, minDomains, "must be greater than zero")] : []),
      ...(minDomains !== undefined && action !== "DoNotSchedule"
        ? [invalid(`${place}.minDomains`, minDomains, only)]
        : []),
      ...["nodeAffinityPolicy", "nodeTaintsPolicy"].flatMap((name) =>
        constraint[name] === undefined
          ? []
          : oneOf(`${place}.${name}`, constraint[name], ["Honor", "Ignore"]),
      ),
      ...labelKeys(place, constraint),
      ...(constraint.labelSelector ? labelSelector(`${place}.labelSelector`, constraint.labelSelector) : []),
    ];
  });
}
