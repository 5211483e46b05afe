import type { AnyObject } from "../../port.js";
import { ageColumn, column, nameColumn, wide, type Column } from "./column.js";

/** Of role bindings, those of clusters as well. */
export const bindingColumns: readonly Column[] = [
  nameColumn,
  column("Role", ({ roleRef: { kind = "", name = "" } = {} }) => `${kind}/${name}`),
  ageColumn,
  column("Users", (binding) => subjects(binding, "User"), wide),
  column("Groups", (binding) => subjects(binding, "Group"), wide),
  column("ServiceAccounts", (binding) => subjects(binding, "ServiceAccount"), wide),
];

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
