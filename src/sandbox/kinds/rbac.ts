import { defineKind } from "./define.js";
import type { SandboxKind } from "./kind.js";
import { pathSegment } from "./validation/names.js";
import { validateBindingUpdate } from "./validation/others.js";

/** The kinds that say who may do what; `api/rbac.ts` judges by them. */
export function rbacKinds(): SandboxKind[] {
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const binding = { name: pathSegment, validateUpdate: validateBindingUpdate };
  return [
    defineKind(apiVersion, "Role", "roles", { name: pathSegment }),
    defineKind(apiVersion, "RoleBinding", "rolebindings", binding),
    defineKind(apiVersion, "ClusterRole", "clusterroles", { name: pathSegment, namespaced: false }),
    defineKind(apiVersion, "ClusterRoleBinding", "clusterrolebindings", { ...binding, namespaced: false }),
  ];
}
