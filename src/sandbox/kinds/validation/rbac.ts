import { isDeepStrictEqual } from "node:util";
import type { AnyObject } from "../../port.js";
import type { Admission, FieldError } from "../kind.js";
import { sinceMinor } from "../version.js";
import type { Json } from "../schema.js";
import { invalid } from "./errors.js";
import { dnsSubdomain, pathSegment } from "./names.js";
import { all, declares, fields, first, given, items, type Rule } from "./rules.js";
import { labelSelector } from "./selector.js";
import { fieldMust, named, needed, neededTo, oneOf } from "./values.js";

const group = "rbac.authorization.k8s.io";

const aggregationRule = fields({
  clusterRoleSelectors: all(
    neededTo("at least one clusterRoleSelector required if aggregationRule is non-nil"),
    items(labelSelector),
  ),
});

function rulesOf(namespaced: boolean): Rule {
  const verbs = declares(neededTo("verbs must contain at least one value"), "Required value");
  return items(
    all(fields({ verbs }), (rule: Json, path) =>
      (rule.nonResourceURLs?.length ? urlRule(namespaced) : resourceRule)(rule, path),
    ),
  );
}

const resourceRule = fields({
  apiGroups: neededTo("resource rules must supply at least one api group"),
  resources: neededTo("resource rules must supply at least one resource"),
});

function urlRule(namespaced: boolean): Rule {
  return all(
    fieldMust("nonResourceURLs", () => !namespaced, "namespaced rules cannot apply to non-resource URLs"),
    fieldMust(
      "nonResourceURLs",
      ({ apiGroups = [], resources = [], resourceNames = [] }) =>
        apiGroups.length + resources.length + resourceNames.length === 0,
      "rules cannot apply to both regular resources and non-resource URLs",
    ),
  );
}

export const role = fields({ rules: rulesOf(true) });

export const clusterRole = fields({ rules: rulesOf(false), aggregationRule: given(aggregationRule) });

/** The group of a role, and of subjects that have one, is known (pkg/apis/rbac/v1/defaults.go). */
export function bindingDefaults({ roleRef, subjects }: AnyObject): void {
  if (roleRef && !roleRef.apiGroup) roleRef.apiGroup = group;
  for (const subject of subjects ?? [])
    if (["User", "Group"].includes(subject.kind)) subject.apiGroup ||= group;
}

export const binding = bindingRules(["Role", "ClusterRole"], true);

export const clusterBinding = bindingRules(["ClusterRole"], false);

function bindingRules(kinds: string[], namespaced: boolean): Rule {
  const subject: Rule = (one: Json, path) =>
    all(fields({ name: declares(needed) }), subjectRules(one, namespaced))(one, path);
  return fields({
    roleRef: fields({
      apiGroup: oneOf(group),
      kind: oneOf(...kinds),
      name: first(declares(needed), named(pathSegment)),
    }),
    subjects: items(subject),
  });
}

function subjectRules({ kind }: Json, namespaced: boolean): Rule {
  if (kind === "User" || kind === "Group") return fields({ apiGroup: oneOf(group) });
  if (kind !== "ServiceAccount") return fields({ kind: oneOf("ServiceAccount", "User", "Group") });
  return fields({
    name: given(named(dnsSubdomain)),
    apiGroup: given(oneOf("")),
    ...(!namespaced && { namespace: needed }),
  });
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
