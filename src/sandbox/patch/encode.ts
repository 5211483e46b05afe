import { fieldsOf, isObject, typeInfo } from "../kinds/schema.js";

/** A tree of what a patch goes through: the fields of an object, the indexes of a list. */
export type Touched = { readonly [key: string]: unknown };

/**
 * A patched object in the API's own JSON, as its errors show it: fields in the order of the Go type, and where a patch
 * went through an object, in the order of their names (the API's patch library reads those into maps).
 */
export function encodePatched(kind: string, object: unknown, touched: Touched): string {
  return JSON.stringify(ordered(kind, object, touched));
}

/** What a JSON patch goes through on its way to `pointers`. */
export function touchedBy(pointers: readonly unknown[]): Touched {
  const root = branch();
  for (const pointer of pointers) {
    let node: Record<string, unknown> = root;
    if (typeof pointer !== "string") continue;
    for (const part of pointer.split("/").slice(1, -1)) {
      const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
      const next = isObject(node[key]) ? node[key] : branch();
      node[key] = next;
      node = next;
    }
  }
  return root;
}

/** Without a prototype: `__proto__` is a field as any other here, and no way to what all objects have. */
function branch(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}

function ordered(type: string, value: unknown, touched: unknown): unknown {
  const { shape, name, element } = typeInfo(type);
  const within = isObject(touched) ? touched : undefined;
  if (Array.isArray(value))
    return value.map((item, index) => ordered(element, item, within?.[String(index)]));
  if (!isObject(value)) return value;
  const rows = fieldsOf(shape === "struct" ? name : "");
  const given = Object.keys(value);
  const known = Object.keys(rows).filter((key) => given.includes(key));
  const inGo = [...known, ...given.filter((key) => rows[key] === undefined)];
  const keys = within || shape === "map" ? given.sort() : inGo;
  const typeOf = (key: string): string => (shape === "map" ? element : (rows[key]?.split(" ", 1)[0] ?? ""));
  return Object.fromEntries(keys.map((key) => [key, ordered(typeOf(key), value[key], within?.[key])]));
}
