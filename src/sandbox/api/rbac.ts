import type { AnyObject } from "../port.js";
import type { Resources } from "../store/resources.js";
import { forbidden, type StatusError } from "../store/status.js";
import type { RequestInfo, ResourcePath, User } from "./request.js";

/** PolicyRule of rbac.authorization.k8s.io/v1. */
interface Rule {
  verbs?: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}

/** What a user wants to do. */
export type Attributes = Pick<RequestInfo, "verb" | "path"> & {
  resource?: Omit<ResourcePath, "version" | "deeper">;
};

const discoveryPaths = [
  "/api",
  "/api/*",
  "/apis",
  "/apis/*",
  "/openapi",
  "/openapi/*",
  "/healthz",
  "/livez",
  "/readyz",
];
const versionPaths = ["/version", "/version/"];
const publicPaths = ["/healthz", "/livez", "/readyz", ...versionPaths];

/** What everybody may do, as the default roles of the API have it (system:discovery, system:basic-user, …). */
const everybody: Rule[] = [{ verbs: ["get"], nonResourceURLs: publicPaths }];
const authenticated: Rule[] = [
  { verbs: ["get"], nonResourceURLs: [...discoveryPaths, ...versionPaths] },
  {
    verbs: ["create"],
    apiGroups: ["authorization.k8s.io"],
    resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
  },
  { verbs: ["create"], apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"] },
];

/** True when the roles that are bound to a user (and to its groups) allow what it wants. */
export function isAllowed(resources: Resources, user: User, attributes: Attributes): boolean {
  if (user.groups.includes("system:masters")) return true;
  return rulesFor(resources, user, attributes.resource?.namespace ?? "").some((rule) =>
    covers(rule, attributes),
  );
}

/** All that somebody may do in a namespace. */
export function rulesFor(resources: Resources, user: User, namespace: string): Rule[] {
  const known = user.groups.includes("system:authenticated");
  return [...everybody, ...(known ? authenticated : []), ...boundRules(resources, user, namespace)];
}

/** The API's 403 for it. */
export function refusal(user: User, { verb, path, resource }: Attributes): StatusError {
  const who = `User "${user.name}" cannot ${verb}`;
  if (!resource) return forbidden(undefined, "", `${who} path "${path}"`);
  const { group, namespace, name, subresource } = resource;
  const what = subresource ? `${resource.resource}/${subresource}` : resource.resource;
  const where = namespace ? `in the namespace "${namespace}"` : "at the cluster scope";
  return forbidden(resource, name, `${who} resource "${what}" in API group "${group}" ${where}`);
}

function* boundRules(resources: Resources, user: User, namespace: string): Generator<Rule> {
  for (const binding of resources.list(resources.kind("clusterrolebindings"))) {
    if (isSubject(binding, user)) yield* roleRules(resources, binding, undefined);
  }
  if (!namespace) return;
  for (const binding of resources.list(resources.kind("rolebindings"), namespace)) {
    if (isSubject(binding, user)) yield* roleRules(resources, binding, namespace);
  }
}

function isSubject({ subjects }: AnyObject, user: User): boolean {
  return ((subjects as AnyObject[] | undefined) ?? []).some(({ kind, name, namespace }) => {
    if (kind === "User") return name === user.name;
    if (kind === "Group") return user.groups.includes(String(name));
    return kind === "ServiceAccount" && user.name === `system:serviceaccount:${namespace}:${name}`;
  });
}

function roleRules(resources: Resources, { roleRef }: AnyObject, namespace: string | undefined): Rule[] {
  const cluster = roleRef?.kind === "ClusterRole";
  const kind = resources.kind(cluster ? "clusterroles" : "roles");
  const role = resources.find(kind, { name: String(roleRef?.name), ...(!cluster && { namespace }) });
  return (role?.["rules"] as Rule[] | undefined) ?? [];
}

function covers(rule: Rule, { verb, path, resource }: Attributes): boolean {
  if (!has(rule.verbs, verb)) return false;
  if (!resource) return (rule.nonResourceURLs ?? []).some((pattern) => matchesPath(pattern, path));
  const { group, resource: plain, subresource, name } = resource;
  if (!has(rule.apiGroups, group)) return false;
  const full = subresource ? `${plain}/${subresource}` : plain;
  const anyParent = subresource !== "" && rule.resources?.includes(`*/${subresource}`);
  if (!has(rule.resources, full) && !anyParent) return false;
  return !rule.resourceNames?.length || rule.resourceNames.includes(name);
}

function has(list: string[] | undefined, wanted: string): boolean {
  return list?.includes("*") || list?.includes(wanted) || false;
}

function matchesPath(pattern: string, path: string): boolean {
  if (pattern === path || pattern === "*") return true;
  return pattern.endsWith("*") && path.startsWith(pattern.slice(0, -1));
}
