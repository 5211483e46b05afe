import type { Scope } from "../../cluster/cluster.js";
import type { StatefulSet } from "../../core/model.js";
import { sortKeys } from "../../view/output-keys.js";
import { formatDocument, listOf, type OutputFormat } from "../../view/output.js";
import type { SetColumns } from "../../view/table-sets.js";

/** What is asked for, without how to reach the cluster. */
export interface GetOptions {
  names: string[];
  scope: Scope;
  output: OutputFormat;
  columns: SetColumns;
  headers: boolean;
  ignoreNotFound: boolean;
  managedFields: boolean;
  sortBy: string | undefined;
  watch: "no" | "after" | "only";
}

/** Sets in a format for programs: as the server has them, with sorted keys. */
export function formatSets(options: GetOptions, sets: readonly StatefulSet[], asList: boolean): string {
  const documents = sets.map((set) => documentOf(set, options));
  const [first] = documents;
  return formatDocument(options.output, asList || !first ? listOf(documents) : first, options.headers);
}

/** Items of a list come without their kind, and managedFields are for those who ask, as in kubectl. */
function documentOf({ metadata, ...set }: StatefulSet, { managedFields, output }: GetOptions): unknown {
  const { managedFields: fields, ...shown } = metadata;
  const keep = managedFields || (output.type !== "json" && output.type !== "yaml");
  const kind = { apiVersion: "apps/v1", kind: "StatefulSet" };
  return sortKeys({
    ...kind,
    ...set,
    metadata: keep ? { ...shown, ...(fields && { managedFields: fields }) } : shown,
  });
}
