import { UsageError } from "../errors.js";
import type { SourceRef } from "../manifest/parse-container.js";
import type { EnvVar } from "./env.js";

/** Variables out of a ConfigMap or a Secret: each refers to its key, and no value is looked at. */
export interface EnvImport {
  from: SourceRef;
  /** Put before each name. */
  prefix: string;
  /** All keys when empty. */
  keys: readonly string[];
}

/**
 * One variable for each key, by name. `present`: the keys that the object has, undefined where it may not be read.
 * Throws a UsageError for a key that it does not have.
 */
export function importedEnv(
  { from: { kind, name }, prefix, keys }: EnvImport,
  present: readonly string[] | undefined,
): EnvVar[] {
  const unknown = keys.find((key) => present && !present.includes(key));
  if (unknown !== undefined) {
    const has = (present ?? []).toSorted().join(", ");
    throw new UsageError(`${kind}/${name} has no key ${unknown}; it has ${has || "none"}`);
  }
  const wanted = keys.length > 0 ? keys : (present ?? []).toSorted();
  const ref = kind === "secret" ? "secretKeyRef" : "configMapKeyRef";
  const variables = wanted.map((key) => ({
    name: `${prefix}${envNameOf(key)}`,
    valueFrom: { [ref]: { name, key } },
  }));
  const names = variables.map((variable) => variable.name);
  const twice = names.find((variable, index) => names.indexOf(variable) !== index);
  if (twice !== undefined) {
    throw new UsageError(`several keys of ${kind}/${name} would be ${twice}: choose by --keys`);
  }
  return variables;
}

/** `db.password` → `DB_PASSWORD`, as `kubectl set env --from` writes it. */
function envNameOf(key: string): string {
  return key.replace(/[^a-zA-Z0-9_]/g, "_").toUpperCase();
}
