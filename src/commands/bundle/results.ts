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
