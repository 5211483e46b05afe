import { canonicalQuantity, compareQuantities } from "../quantity.js";
import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { invalid } from "./errors.js";
import { configKey, dnsSubdomain, envName, prefixOf, qualifiedName } from "./names.js";
import { all, fields, first, given, items, type Rule } from "./rules.js";
import { named, needed, oneOf } from "./values.js";

const sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

export const environment = items(
  all(fields({ name: first(needed, named(envName)) }), (variable: Json, path) =>
    fields({ valueFrom: given(valueSource(variable.value)) })(variable, path),
  ),
);

/** @param value what the variable is given besides */
function valueSource(value: unknown): Rule {
  const list = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
  return all(
    fields({
      fieldRef: given(fieldReference("env")),
      resourceFieldRef: given(resourceReference),
      configMapKeyRef: given(keyReference),
      secretKeyRef: given(keyReference),
    }),
    exactlyOne(sources, list, () => (value ? "may not be specified when `value` is not empty" : undefined)),
  );
}

/** One of these fields; the API shows none of them. @param other what it has against any before it counts them */
function exactlyOne(
  names: readonly string[],
  list: string,
  other: () => string | undefined = () => undefined,
): Rule {
  return (value: Json, path) => {
    const count = names.filter((name) => value[name]).length;
    const many = count > 1 ? "may not have more than one field specified at a time" : undefined;
    const why = count === 0 ? `must specify one of: ${list}` : (other() ?? many);
    return why ? [invalid(path, "", why)] : [];
  };
}

const keyReference = fields({ name: named(dnsSubdomain), key: first(needed, named(configKey)) });

const both = ["metadata.name", "metadata.namespace", "metadata.uid"];
const hosts = ["spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP"];

/** Fields of a pod that it may be told of, in the order in which the API lists them. */
const readable = {
  env: [...both, ...hosts, "status.podIPs"],
  volume: ["metadata.annotations", "metadata.labels", ...both],
};

/** What the API can convert at all; it says of the others that it does not know them. */
const convertible = [
  ...readable.env,
  ...readable.volume,
  ...["spec.restartPolicy", "spec.schedulerName", "status.phase"],
];

/** A field of the pod for an environment variable or a file of a volume. */
export function fieldReference(use: keyof typeof readable): Rule {
  return first(fields({ apiVersion: needed }), fields({ fieldPath: needed }), (reference: Json, field) => {
    const { apiVersion, fieldPath: path } = reference;
    const place = `${field}.fieldPath`;
    const [, before = "", key = ""] = /^(.*)\['(.*)'\]$/.exec(path) ?? [];
    if (apiVersion !== "v1") return unconvertible(place, path, `unsupported pod version: ${apiVersion}`);
    if (before === "metadata.annotations") return named(qualifiedName)(key.toLowerCase(), field);
    if (before === "metadata.labels") return named(qualifiedName)(key, field);
    if (before) return unconvertible(place, path, `field label does not support subscript: ${path}`);
    if (!convertible.includes(path)) return unconvertible(place, path, `field label not supported: ${path}`);
    return oneOf(...readable[use])(path, place);
  });
}

function unconvertible(field: string, path: string, why: string): FieldError[] {
  return [invalid(field, path, `error converting fieldPath: ${why}`)];
}

const countable = ["cpu", "ephemeral-storage", "memory"];
const containerResources = ["limits", "requests"].flatMap((list) =>
  countable.map((name) => `${list}.${name}`),
);
const sizes = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei";
const divisors: ReadonlyMap<string, { of: string; values: string; text: string }> = new Map(
  Object.entries({
    cpu: { of: "cpu", values: "1, 1m", text: "1m and 1" },
    memory: { of: "memory", values: sizes, text: sizes },
    "ephemeral-storage": { of: "local ephemeral storage", values: sizes, text: sizes },
  }),
);

const resource = first(needed, (name: string, path) =>
  /^(limits|requests)\.hugepages-/.test(name) ? [] : oneOf(...containerResources)(name, path),
);

const divisor: Rule = ({ resource: name, divisor: given }: Json, path) => {
  const rule = divisors.get(String(name).replace(/^(limits|requests)\./, ""));
  if (!rule || given === undefined || compareQuantities(given, "0") === 0) return [];
  const text = `only divisor's values ${rule.text} are supported with the ${rule.of} resource`;
  const fits = rule.values.split(", ").includes(canonicalQuantity(given));
  return fits ? [] : [invalid(`${path}.divisor`, name, text)];
};

/** A resource of a container. */
const resourceReference = all(fields({ resource }), divisor);

/** The same for a file of a volume, which must say of which container. */
export const resourceReferenceOfVolume = all(
  first(fields({ containerName: needed }), fields({ resource })),
  divisor,
);

const sourceName = fields({ name: first(needed, named(prefixOf(dnsSubdomain))) });

/** The API names no index where it counts the sources. */
export const environmentSources: Rule = (list: Json[], path) =>
  items(
    all(
      fields({
        prefix: given(named(envName)),
        configMapRef: given(sourceName),
        secretRef: given(sourceName),
      }),
      (source) => exactlyOne(["configMapRef", "secretRef"], "`configMapRef` or `secretRef`")(source, path),
    ),
  )(list, path);
