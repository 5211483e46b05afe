import { isDeepStrictEqual } from "node:util";
import type { AnyObject } from "../../port.js";
import type { Admission, FieldError } from "../kind.js";
import { sinceMinor } from "../version.js";
import type { Json } from "../schema.js";
import { declared, each, invalid, oneOf, required } from "./errors.js";
import { dnsSubdomain, pathSegment } from "./names.js";
import { labelSelector } from "./selector.js";

const group = "rbac.authorization.k8s.io";

export const validateRole = ({ rules }: AnyObject): FieldError[] => rulesErrors(rules ?? [], true);

export function validateClusterRole({ rules, aggregationRule }: AnyObject): FieldError[] {
  const field = "aggregationRule.clusterRoleSelectors";
  const selectors: Json[] = aggregationRule?.clusterRoleSelectors ?? [];
  const missing = aggregationRule && selectors.length === 0;
  const text = "at least one clusterRoleSelector required if aggregationRule is non-nil";
  return [
    ...rulesErrors(rules ?? [], false),
    ...(missing ? [required(field, text)] : []),
    ...selectors.flatMap((selector, at) => labelSelector(`${field}[${at}]`, selector)),
  ];
}

function rulesErrors(rules: Json[], namespaced: boolean): FieldError[] {
  const text = "verbs must contain at least one value";
  return rules.flatMap((rule, at) => [
    ...(rule.verbs?.length ? [] : [declared(required(`rules[${at}].verbs`, text), "Required value")]),
    ...ruleErrors(`rules[${at}]`, rule, namespaced),
  ]);
}

function ruleErrors(field: string, rule: Json, namespaced: boolean): FieldError[] {
  const { nonResourceURLs: urls = [], apiGroups = [], resources = [], resourceNames = [] } = rule;
  const mixed = apiGroups.length + resources.length + resourceNames.length > 0;
  const refuse = (why: string) => [invalid(`${field}.nonResourceURLs`, urls, why)];
  if (urls.length > 0)
    return [
      ...(namespaced ? refuse("namespaced rules cannot apply to non-resource URLs") : []),
      ...(mixed ? refuse("rules cannot apply to both regular resources and non-resource URLs") : []),
    ];
  return [
    ...(apiGroups.length > 0
      ? []
      : [required(`${field}.apiGroups`, "resource rules must supply at least one api group")]),
    ...(resources.length > 0
      ? []
      : [required(`${field}.resources`, "resource rules must supply at least one resource")]),
  ];
}

/** The group of a role, and of subjects that have one, is known (pkg/apis/rbac/v1/defaults.go). */
export function bindingDefaults({ roleRef, subjects }: AnyObject): void {
  if (roleRef && !roleRef.apiGroup) roleRef.apiGroup = group;
  for (const subject of subjects ?? [])
    if (["User", "Group"].includes(subject.kind)) subject.apiGroup ||= group;
}

export const validateBinding = (binding: AnyObject): FieldError[] =>
  bindingErrors(binding, ["Role", "ClusterRole"], true);

export const validateClusterBinding = (binding: AnyObject): FieldError[] =>
  bindingErrors(binding, ["ClusterRole"], false);

function bindingErrors({ roleRef, subjects }: AnyObject, kinds: string[], namespaced: boolean): FieldError[] {
  const { apiGroup, kind, name } = roleRef;
  const all: Json[] = subjects ?? [];
  return [
    ...oneOf("roleRef.apiGroup", apiGroup, [group]),
    ...oneOf("roleRef.kind", kind, kinds),
    ...(name ? each("roleRef.name", name, pathSegment(name)) : [declared(required("roleRef.name"))]),
    ...all.flatMap((subject, at) => [
      ...(subject.name ? [] : [declared(required(`subjects[${at}].name`))]),
      ...subjectErrors(`subjects[${at}]`, subject, namespaced),
    ]),
  ];
}

function subjectErrors(field: string, subject: Json, namespaced: boolean): FieldError[] {
  const { kind, name, apiGroup = "", namespace } = subject;
  if (kind === "User" || kind === "Group") return oneOf(`${field}.apiGroup`, apiGroup, [group]);
  if (kind !== "ServiceAccount") return oneOf(`${field}.kind`, kind, ["ServiceAccount", "User", "Group"]);
  return [
    ...(name ? each(`${field}.name`, name, dnsSubdomain(name)) : []),
    ...oneOf(`${field}.apiGroup`, apiGroup, [""]),
    ...(!namespaced && !namespace ? [required(`${field}.namespace`)] : []),
  ];
}

/** A binding stays with its role. */
export function validateBindingUpdate(
  { roleRef }: AnyObject,
  old: AnyObject,
  { kubernetesVersion }: Admission,
): FieldError[] {
  if (isDeepStrictEqual(roleRef, old.roleRef)) return [];
  const { apiGroup, kind, name } = roleRef ?? {};
  const text = sinceMinor(37, kubernetesVersion) ? "field is immutable" : "cannot change roleRef";
  return [invalid("roleRef", { APIGroup: apiGroup, Kind: kind, Name: name }, text)];
}
