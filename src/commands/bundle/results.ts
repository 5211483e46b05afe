import type { Cluster } from "../../cluster/cluster.js";
import { kinds } from "../../core/kinds.js";
import { isStatefulSet } from "../../core/manifest/bundle.js";
import type { KubeObject } from "../../core/model.js";
import { sortKeys } from "../../view/output-keys.js";
import { formatDocument, listOf, resourceName, type OutputFormat } from "../../view/output.js";

interface Shown {
  apiVersion?: string;
  kind?: string;
  metadata: { name: string };
  [field: string]: unknown;
}

/** `service/nginx created (dry run)`, the line for one object. */
export function resultLine(object: Shown, action: string, suffix = ""): string {
  return `${resourceName(object)} ${action}${suffix}\n`;
}

/** All objects as `-o` asks: YAML documents one after the other, anything else as one document. */
export function formatObjects(format: OutputFormat, objects: readonly Shown[]): string {
  const clean = objects.map(withoutManagedFields).map(inServerOrder);
  if (format.type === "yaml") return clean.map((object) => formatDocument(format, object)).join("---\n");
  const [first] = clean;
  return formatDocument(format, clean.length === 1 && first ? first : listOf(clean));
}

/** What a server sent has its keys sorted, as kubectl prints it; what was written keeps the writer's order. */
function inServerOrder(object: Shown): Shown {
  return "uid" in object.metadata ? (sortKeys(object) as Shown) : object;
}

function withoutManagedFields(object: Shown): Shown {
  const { managedFields: _fields, ...metadata } = object.metadata as Shown["metadata"] & {
    managedFields?: unknown;
  };
  return { ...object, metadata };
}

/** The objects for `-o` after a wait: sets as they are by then, others as the server answered. */
export function readAgain(cluster: Cluster, objects: readonly KubeObject[]): Promise<KubeObject[]> {
  return Promise.all(
    objects.map(async (object) => {
      const { apiVersion = "", kind = "", metadata } = object;
      if (!isStatefulSet({ apiVersion, kind })) return object;
      const { name, namespace } = metadata;
      return (await cluster.get(kinds.statefulSet, { name, namespace })) as unknown as KubeObject;
    }),
  );
}
