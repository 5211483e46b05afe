import { isObject } from "../kinds/schema.js";
import type { Json } from "../kinds/schema.js";

const separator = "\u0000";

/** Where a field is: `f:spec`, `k:{"name":"nginx"}` (an element of a list by its keys), `v:"a"` (by its value). */
export type FieldPath = readonly string[];

/** A set of fields, as `fieldsV1` of an entry of managedFields writes it. */
export class FieldSet {
  readonly #paths: Set<string>;
  /** The same as `toFieldsV1` makes it, where it is known. */
  #tree: Json | undefined;

  constructor(paths: Iterable<string> = []) {
    this.#paths = new Set(paths);
  }

  /** @param path as `inside` puts it together. */
  add(path: string): void {
    this.#tree = undefined;
    this.#paths.add(path);
  }

  has(path: string): boolean {
    return this.#paths.has(path);
  }

  /** What is inside `part`, from there on. */
  below(part: string): FieldSet {
    const head = part + separator;
    const inner = [...this.#paths].filter((path) => path.startsWith(head));
    return new FieldSet(inner.map((path) => path.slice(head.length)));
  }

  get size(): number {
    return this.#paths.size;
  }

  /** In the order in which the API names them: of what is inside a field first what is whole, then what has parts. */
  paths(): FieldPath[] {
    return [...this.#paths].map((path) => path.split(separator)).sort(byDepth);
  }

  union(other: FieldSet): FieldSet {
    if (other.minus(this).size === 0) return this.#same();
    return new FieldSet([...this.#paths, ...other.#paths]);
  }

  minus(other: FieldSet): FieldSet {
    return this.filter((path) => !other.#paths.has(path));
  }

  intersection(other: FieldSet): FieldSet {
    return this.filter((path) => other.#paths.has(path));
  }

  /** Without the fields that `hidden` names, nor what is inside them. */
  without(hidden: readonly FieldPath[]): FieldSet {
    const prefixes = hidden.map((path) => path.join(separator));
    return this.filter((path) => !prefixes.some((one) => path === one || path.startsWith(one + separator)));
  }

  /** True when a field inside `path`, or itself, is in the set. */
  touches(path: FieldPath): boolean {
    const own = path.join(separator);
    for (const one of this.#paths) if (one === own || one.startsWith(own + separator)) return true;
    return false;
  }

  equals(other: FieldSet): boolean {
    return this.size === other.size && this.minus(other).size === 0;
  }

  filter(keep: (path: string) => boolean): FieldSet {
    const kept = [...this.#paths].filter(keep);
    return kept.length === this.size ? this.#same() : new FieldSet(kept);
  }

  /** A set of its own, that need not be written anew. */
  #same(): FieldSet {
    const set = new FieldSet(this.#paths);
    set.#tree = this.#tree;
    return set;
  }

  toFieldsV1(): Json {
    if (this.#tree) return this.#tree;
    const root: Json = {};
    for (const path of [...this.#paths].sort()) {
      let node = root;
      let prefix = "";
      for (const part of path.split(separator)) {
        // A member that has members inside says so by ".".
        if (prefix !== "" && this.#paths.has(prefix)) node["."] = {};
        prefix = inside(prefix, part);
        node = node[part] ??= {};
      }
    }
    return root;
  }

  static fromFieldsV1(tree: unknown): FieldSet {
    const set = new FieldSet();
    const walk = (node: Json, path: string): void => {
      const parts = Object.keys(node);
      if (path !== "" && (parts.length === 0 || "." in node)) set.#paths.add(path);
      for (const part of parts)
        if (part !== "." && isObject(node[part])) walk(node[part], inside(path, part));
    };
    if (isObject(tree)) walk(tree, "");
    // What is stored was written by `toFieldsV1`; what somebody sends may be in another form.
    if (isObject(tree) && Object.isFrozen(tree)) set.#tree = tree;
    return set;
  }
}

/** structured-merge-diff `Set.Iterate`: the members of a set come before the sets inside it. */
function byDepth(left: FieldPath, right: FieldPath): number {
  const at = left.findIndex((part, index) => part !== right[index]);
  if (at < 0) return left.length - right.length;
  const [ends, otherEnds] = [left, right].map(({ length }) => length <= at + 1);
  if (ends !== otherEnds) return ends ? -1 : 1;
  return (left[at] ?? "") < (right[at] ?? "") ? -1 : 1;
}

/** The path of `part` in the field at `prefix`, which is empty for the object itself. */
export function inside(prefix: string, part: string): string {
  return prefix === "" ? part : prefix + separator + part;
}

/** A path as conflicts name it: `.spec.template.spec.containers[name="nginx"].image`. */
export function pathText(path: FieldPath): string {
  return path
    .map((part) => {
      const rest = part.slice(2);
      if (part.startsWith("f:")) return `.${rest}`;
      if (part.startsWith("v:")) return `[=${rest}]`;
      const keys = Object.entries(JSON.parse(rest)).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
      return `[${keys.join(",")}]`;
    })
    .join("");
}
