import type { AnyObject } from "../../port.js";
import { ageColumn, column, nameColumn, nameColumnWith, whole, wide, type Column } from "./column.js";

interface Container {
  name: string;
  image?: string;
}

const containersOf = ({ spec }: AnyObject): Container[] => spec?.template?.spec?.containers ?? [];

export const statefulSetColumns: readonly Column[] = [
  nameColumn,
  column(
    "Ready",
    "Number of the pod with ready state",
    ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
  ),
  ageColumn,
  column(
    "Containers",
    "Names of each container in the template.",
    (set) =>
      containersOf(set)
        .map(({ name }) => name)
        .join(","),
    wide,
  ),
  column(
    "Images",
    "Images referenced by each container in the template.",
    (set) =>
      containersOf(set)
        .map(({ image = "" }) => image)
        .join(","),
    wide,
  ),
];

export const revisionColumns: readonly Column[] = [
  nameColumn,
  column("Controller", "Controller of the object", controllerOf),
  column(
    "Revision",
    "Revision indicates the revision of the state represented by Data.",
    ({ revision }) => revision ?? 0,
  ),
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
  column("Min Available", "The minimum number of pods that must be available.", ({ spec }) =>
    orNone(spec?.minAvailable),
  ),
  column("Max Unavailable", "The maximum number of pods that may be unavailable.", ({ spec }) =>
    orNone(spec?.maxUnavailable),
  ),
  column(
    "Allowed Disruptions",
    "Calculated number of pods that may be disrupted at this time.",
    ({ status }) => status?.disruptionsAllowed ?? 0,
    whole,
  ),
  ageColumn,
];

export const scaleColumns: readonly Column[] = [
  nameColumnWith({ format: "" }),
  column(
    "Desired",
    "replicas is the desired number of instances for the scaled object.",
    ({ spec }) => spec?.replicas ?? 0,
    whole,
  ),
  column(
    "Available",
    "replicas is the actual number of observed instances of the scaled object.",
    ({ status }) => status?.replicas ?? 0,
    whole,
  ),
  ageColumn,
];
