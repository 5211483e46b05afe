import type { AnyObject } from "../../port.js";
import { autoscalerColumns } from "./autoscaler.js";
import { ageColumn, defaultColumns, nameColumn, type Column, type Printing } from "./column.js";
import * as core from "./core.js";
import descriptions from "./descriptions.json" with { type: "json" };
import * as network from "./network.js";
import { podColumns, rowConditions } from "./pods.js";
import { bindingColumns } from "./rbac.js";
import * as storage from "./storage.js";
import * as workloads from "./workloads.js";

/** The columns of each kind: those of the API's printers (pkg/printers/internalversion). */
const columnsOf: Readonly<Record<string, readonly Column[]>> = {
  ClusterRoleBinding: bindingColumns,
  ConfigMap: core.configMapColumns,
  ControllerRevision: workloads.revisionColumns,
  EndpointSlice: network.endpointSliceColumns,
  Endpoints: network.endpointsColumns,
  Event: core.eventColumns,
  HorizontalPodAutoscaler: autoscalerColumns,
  Lease: core.leaseColumns,
  Namespace: core.namespaceColumns,
  Node: core.nodeColumns,
  PersistentVolume: storage.volumeColumns,
  PersistentVolumeClaim: storage.claimColumns,
  Pod: podColumns,
  PodDisruptionBudget: workloads.budgetColumns,
  RoleBinding: bindingColumns,
  Scale: workloads.scaleColumns,
  Secret: core.secretColumns,
  Service: network.serviceColumns,
  ServiceAccount: [nameColumn, ageColumn],
  StatefulSet: workloads.statefulSetColumns,
  StorageClass: storage.storageClassColumns,
};

export interface TableOptions extends Omit<Printing, "listed"> {
  /** What comes with each row. */
  rowObject(object: AnyObject): object | null;
  /** False leaves the definitions of columns out, as a watch does after its first event. */
  headers: boolean;
}

/** The body of a Table (meta/v1) of one object, or of the items of a list of objects of `kind`. */
export function tableOf(kind: string, shown: AnyObject | readonly AnyObject[], options: TableOptions) {
  const columns = columnsOf[kind] ?? defaultColumns;
  const listed = isList(shown) ? shown : undefined;
  const objects = isList(shown) ? shown : [shown];
  const printing: Printing = { ...options, listed };
  const rows = objects.map((object) => {
    const conditions = kind === "Pod" ? rowConditions(object) : undefined;
    const cells = columns.map(({ cell }) => cell(object, printing));
    return { cells, ...(conditions && { conditions }), object: options.rowObject(object) };
  });
  return {
    columnDefinitions: options.headers ? columns.map((column) => definitionOf(kind, column)) : null,
    // Where the API has no printer of its own, nothing is printed as nothing.
    rows: rows.length === 0 && columns === defaultColumns ? null : rows,
  };
}

/** What the API says of columns, mostly the documentation of the field that is shown: by kind, `*` for all kinds. */
const texts: Readonly<Record<string, Readonly<Record<string, string>>>> = descriptions;

function definitionOf(kind: string, { name, type, format, priority }: Column) {
  const description = texts[kind]?.[name] ?? texts["*"]?.[name] ?? "";
  return { name, type, format, description, priority };
}

function isList(shown: AnyObject | readonly AnyObject[]): shown is readonly AnyObject[] {
  return Array.isArray(shown);
}
