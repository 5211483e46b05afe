import { defineKind } from "./define.js";
import type { SandboxKind } from "./kind.js";

/** The kinds that say who may do what; `api/rbac.ts` judges by them. */
export function rbacKinds(): SandboxKind[] {
  const apiVersion = "rbac.authorization.k8s.io/v1";
  return [
    defineKind(apiVersion, "Role", "roles"),
    defineKind(apiVersion, "RoleBinding", "rolebindings"),
    defineKind(apiVersion, "ClusterRole", "clusterroles", { namespaced: false }),
    defineKind(apiVersion, "ClusterRoleBinding", "clusterrolebindings", { namespaced: false }),
  ];
}
