import type { AnyObject } from "../../port.js";
import { ageColumn, column, nameColumn, wide, type Column } from "./column.js";

export const roleBindingColumns = bindingColumns(
  "roleBinding",
  "roleRef can reference a Role in the current namespace or a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error.",
);
export const clusterRoleBindingColumns = bindingColumns(
  "clusterRoleBinding",
  "roleRef can only reference a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error.",
);

function bindingColumns(of: string, roleRef: string): readonly Column[] {
  return [
    nameColumn,
    column("Role", roleRef, ({ roleRef: { kind = "", name = "" } = {} }) => `${kind}/${name}`),
    ageColumn,
    column("Users", `Users in the ${of}`, (binding) => subjects(binding, "User"), wide),
    column("Groups", `Groups in the ${of}`, (binding) => subjects(binding, "Group"), wide),
    column(
      "ServiceAccounts",
      `ServiceAccounts in the ${of}`,
      (binding) => subjects(binding, "ServiceAccount"),
      wide,
    ),
  ];
}

interface Subject {
  kind: string;
  name: string;
  namespace?: string;
}

function subjects(binding: AnyObject, wanted: string): string {
  const all: Subject[] = binding["subjects"] ?? [];
  return all
    .filter(({ kind }) => kind === wanted)
    .map(({ kind, name, namespace = "" }) => (kind === "ServiceAccount" ? `${namespace}/${name}` : name))
    .join(", ");
}
