import type { Json } from "../schema.js";
import { duplicate, invalid, notSupported, required } from "./errors.js";
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName } from "./names.js";
import { all, defined, fields, first, given, items, type Rule } from "./rules.js";
import { labelSelector, operators, valuesByOperator } from "./selector.js";
import { fieldMust, mayNotBe, must, named, neededTo, oneOf } from "./values.js";

export const taintEffect = oneOf("NoSchedule", "PreferNoSchedule", "NoExecute");

const tolerationOperator: Rule = ({ operator = "", value = "" }: Json, path) => {
  const field = `${path}.operator`;
  if (operator === "Equal" || operator === "") {
    const wrong = labelValue(value);
    return wrong.length > 0 ? [invalid(field, value, wrong.join(";"))] : [];
  }
  if (operator === "Exists")
    return value ? [invalid(field, value, "value must be empty when `operator` is 'Exists'")] : [];
  const compares = ["Lt", "Gt"].includes(operator);
  return [notSupported(field, operator, ["Equal", "Exists", ...(compares ? ["Lt", "Gt"] : [])])];
};

export const tolerations = items(
  all(
    fields({ key: given(named(qualifiedName)) }),
    fieldMust(
      "operator",
      ({ key, operator }) => key || operator === "Exists",
      'operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ),
    fieldMust(
      "effect",
      ({ effect, tolerationSeconds }) => tolerationSeconds === undefined || effect === "NoExecute",
      "effect must be 'NoExecute' when `tolerationSeconds` is set",
    ),
    tolerationOperator,
    fields({ effect: given(taintEffect) }),
  ),
);

/** One value, no more. */
function single(detail: string): Rule {
  return (values, path) => (values?.length === 1 ? [] : [required(path, detail)]);
}

const aValue = single("must be specified single value when `operator` is 'Lt' or 'Gt'");
const aField = single("must be only one value when `operator` is 'In' or 'NotIn' for node field selector");

/** @param values what is asked of values: of preferences nothing */
function nodeTerm(values: Rule): Rule {
  return fields({
    matchExpressions: items(
      all(
        operators({ ...valuesByOperator, Gt: aValue, Lt: aValue }),
        fields({ key: named(qualifiedName), values }),
      ),
    ),
    matchFields: items(all(operators({ In: aField, NotIn: aField }), nodeField)),
  });
}

const nodeField: Rule = (one: Json, path) =>
  fields({
    key: must((key) => key === "metadata.name", "not a valid field selector key"),
    ...(one.key === "metadata.name" && { values: items(named(dnsSubdomain)) }),
  })(one, path);

/** Of a pod or of a volume: terms, of which one must hold. */
export const nodeSelector = fields({
  nodeSelectorTerms: first(
    neededTo("must have at least one node selector term"),
    items(nodeTerm(items(named(labelValue)))),
  ),
});

const weight = must((value) => value >= 1 && value <= 100, "must be in the range 1-100");

/** `matchLabelKeys` and `mismatchLabelKeys` go with a selector. */
const labelKeys: Rule = (term: Json, path) => {
  const keys = term.labelSelector
    ? items(named(qualifiedName))
    : mayNotBe("must not be specified when labelSelector is not set");
  return fields({ matchLabelKeys: keys, mismatchLabelKeys: keys })(term, path);
};

const topologyKey = neededTo("can not be empty");

const podTerm = all(
  fields({ labelSelector: given(labelSelector), namespaceSelector: given(labelSelector) }),
  // The API names no index here, and the field in the singular.
  ({ namespaces = [] }: Json, path) =>
    namespaces.flatMap((name: string) => named(dnsLabel)(name, `${path}.namespace`)),
  labelKeys,
  fields({ topologyKey: all(topologyKey, named(qualifiedName)) }),
);

const podAffinity = fields({
  requiredDuringSchedulingIgnoredDuringExecution: items(podTerm),
  preferredDuringSchedulingIgnoredDuringExecution: items(fields({ weight, podAffinityTerm: podTerm })),
});

export const affinity = fields({
  nodeAffinity: fields({
    requiredDuringSchedulingIgnoredDuringExecution: given(nodeSelector),
    preferredDuringSchedulingIgnoredDuringExecution: items(fields({ weight, preference: nodeTerm(all()) })),
  }),
  podAffinity,
  podAntiAffinity: podAffinity,
});

const positive = must((value) => value > 0, "must be greater than zero");
const nodePolicy = defined(oneOf("Honor", "Ignore"));

const minDomains: Rule = ({ minDomains: least, whenUnsatisfiable: action }: Json, path) => {
  const only = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`;
  return defined(
    positive,
    must(() => action === "DoNotSchedule", only),
  )(least, `${path}.minDomains`);
};

export const topologySpread: Rule = (list: Json[] = [], path) => {
  const last = new Map(list.map((one) => [spreadText(one), one]));
  return items(
    all(
      fields({
        maxSkew: positive,
        topologyKey,
        whenUnsatisfiable: oneOf("DoNotSchedule", "ScheduleAnyway"),
      }),
      // It is the earlier one of two that is refused.
      (one: Json, place) => {
        return last.get(spreadText(one)) !== one
          ? [duplicate(`${place}.{topologyKey, whenUnsatisfiable}`, spreadText(one))]
          : [];
      },
      minDomains,
      fields({ nodeAffinityPolicy: nodePolicy, nodeTaintsPolicy: nodePolicy }),
      labelKeys,
      fields({ labelSelector: given(labelSelector) }),
    ),
  )(list, path);
};

const spreadText = ({ topologyKey: key = "", whenUnsatisfiable: action = "" }: Json): string =>
  `{${key}, ${action}}`;
