import { defineKind } from "./define.js";
import type { SandboxKind } from "./kind.js";
import { pathSegment } from "./validation/names.js";
import * as rbac from "./validation/rbac.js";

/** The kinds that say who may do what; `api/rbac.ts` judges by them. */
export function rbacKinds(): SandboxKind[] {
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const name = pathSegment;
  const binding = { name, defaults: rbac.bindingDefaults, validateUpdate: rbac.validateBindingUpdate };
  return [
    defineKind(apiVersion, "Role", "roles", { name, validate: rbac.validateRole }),
    defineKind(apiVersion, "RoleBinding", "rolebindings", { ...binding, validate: rbac.validateBinding }),
    defineKind(apiVersion, "ClusterRole", "clusterroles", {
      name,
      namespaced: false,
      validate: rbac.validateClusterRole,
    }),
    defineKind(apiVersion, "ClusterRoleBinding", "clusterrolebindings", {
      ...binding,
      namespaced: false,
      validate: rbac.validateClusterBinding,
    }),
  ];
}
