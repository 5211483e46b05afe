import type { AnyObject } from "../../port.js";
import { ageColumn, column, nameColumn, nameColumnWith, whole, wide, type Column } from "./column.js";

interface Container {
  name: string;
  image?: string;
}

const containersOf = ({ spec }: AnyObject): Container[] => spec?.template?.spec?.containers ?? [];

export const statefulSetColumns: readonly Column[] = [
  nameColumn,
  column("Ready", ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`),
  ageColumn,
  column(
    "Containers",
    (set) =>
      containersOf(set)
        .map(({ name }) => name)
        .join(","),
    wide,
  ),
  column(
    "Images",
    (set) =>
      containersOf(set)
        .map(({ image = "" }) => image)
        .join(","),
    wide,
  ),
];

export const revisionColumns: readonly Column[] = [
  nameColumn,
  column("Controller", controllerOf),
  column("Revision", ({ revision }) => revision ?? 0),
  ageColumn,
];

/** `statefulset.apps/web` */
function controllerOf({ metadata }: AnyObject): string {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  if (!owner) return "<none>";
  const [, group = ""] = owner.apiVersion.split("/").reverse();
  return `${owner.kind}${group && `.${group}`}`.toLowerCase() + `/${owner.name}`;
}

const orNone = (value: unknown) => (value === undefined ? "N/A" : String(value));

export const budgetColumns: readonly Column[] = [
  nameColumn,
  column("Min Available", ({ spec }) => orNone(spec?.minAvailable)),
  column("Max Unavailable", ({ spec }) => orNone(spec?.maxUnavailable)),
  column("Allowed Disruptions", ({ status }) => status?.disruptionsAllowed ?? 0, whole),
  ageColumn,
];

export const scaleColumns: readonly Column[] = [
  nameColumnWith({ format: "" }),
  column("Desired", ({ spec }) => spec?.replicas ?? 0, whole),
  column("Available", ({ status }) => status?.replicas ?? 0, whole),
  ageColumn,
];
