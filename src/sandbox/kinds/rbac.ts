import { defineKind } from "./define.js";
import type { SandboxKind } from "./kind.js";
import { pathSegment } from "./validation/names.js";
import * as rbac from "./validation/rbac.js";

/** The kinds that say who may do what; `api/rbac.ts` judges by them. */
export function rbacKinds(): SandboxKind[] {
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const name = pathSegment;
  const traits = { name, defaults: rbac.bindingDefaults, validateUpdate: rbac.validateBindingUpdate };
  return [
    defineKind(apiVersion, "Role", "roles", { name, rule: rbac.role }),
    defineKind(apiVersion, "RoleBinding", "rolebindings", { ...traits, rule: rbac.binding }),
    defineKind(apiVersion, "ClusterRole", "clusterroles", {
      name,
      namespaced: false,
      rule: rbac.clusterRole,
    }),
    defineKind(apiVersion, "ClusterRoleBinding", "clusterrolebindings", {
      ...traits,
      namespaced: false,
      rule: rbac.clusterBinding,
    }),
  ];
}
