import { UsageError } from "../errors.js";
import { parseQuantity } from "../quantity.js";

/** Where in a document: `["spec", "containers", 0]`. */
export type FieldPath = readonly (string | number)[];

/** Something about a manifest that the API would refuse. */
export interface Finding {
  path: FieldPath;
  message: string;
}

type Check = (value: unknown, path: FieldPath) => Finding[];

/** `spec.containers[0].image`, as the API names fields. */
export function formatPath(path: FieldPath): string {
  return path.reduce<string>(
    (text, step) => (typeof step === "number" ? `${text}[${step}]` : text ? `${text}.${step}` : step),
    "",
  );
}

/**
 * Finds wrong types in the fields that people get wrong and that `sts` itself reads. It is no schema: what it does
 * not know is left to the server's dry run, which knows all.
 */
export function checkShape(manifest: { kind: string; [field: string]: unknown }): Finding[] {
  return [...anyObject(manifest, []), ...(byKind[manifest.kind]?.(manifest, []) ?? [])];
}

function is(expected: string, test: (value: unknown) => boolean): Check {
  return (value, path) =>
    test(value) ? [] : [{ path, message: `must be ${expected}, and is ${describeValue(value)}` }];
}

function describeValue(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  const what = typeof value === "string" ? "text" : typeof value;
  return `the ${what} ${JSON.stringify(value).slice(0, 60)}`;
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const text = is("text (put it in quotes)", (value) => typeof value === "string");
const wholeNumber = is("a whole number", Number.isInteger);
const flag = is("true or false", (value) => typeof value === "boolean");
const mapping = is("a mapping", isMapping);
const numberOrText = is("a number or text", (value) => Number.isInteger(value) || typeof value === "string");

const quantity: Check = (value, path) => {
  if (typeof value !== "string" && typeof value !== "number") return text(value, path);
  try {
    parseQuantity(String(value));
    return [];
  } catch (error) {
    if (error instanceof UsageError) return [{ path, message: error.message }];
    throw error;
  }
};

/** A mapping whose fields, where they are there and not null, are as said; those named in `needed` must be there. */
function fields(table: Record<string, Check>, needed: readonly string[] = []): Check {
  return (value, path) => {
    if (!isMapping(value)) return mapping(value, path);
    const missing = needed
      .filter((name) => value[name] === undefined || value[name] === null)
      .map((name) => ({ path: [...path, name], message: "is missing" }));
    const wrong = Object.entries(table).flatMap(([name, check]) =>
      value[name] === undefined || value[name] === null ? [] : check(value[name], [...path, name]),
    );
    return [...missing, ...wrong];
  };
}

function listOf(check: Check): Check {
  return (value, path) =>
    Array.isArray(value)
      ? value.flatMap((item, index) => check(item, [...path, index]))
      : is("a list", Array.isArray)(value, path);
}

function mapOf(check: Check): Check {
  return (value, path) =>
    isMapping(value)
      ? Object.entries(value).flatMap(([key, item]) => check(item, [...path, key]))
      : mapping(value, path);
}

const texts = mapOf(text);
const labels = fields({ labels: texts, annotations: texts, name: text, namespace: text });
const anyObject = fields({ metadata: labels });
const selector = fields({
  matchLabels: texts,
  matchExpressions: listOf(fields({ key: text, operator: text, values: listOf(text) }, ["key", "operator"])),
});
const amounts = fields({ requests: mapOf(quantity), limits: mapOf(quantity) });

const container = fields(
  {
    name: text,
    image: text,
    command: listOf(text),
    args: listOf(text),
    env: listOf(fields({ name: text, value: text, valueFrom: mapping }, ["name"])),
    envFrom: listOf(mapping),
    ports: listOf(fields({ containerPort: wholeNumber, name: text, protocol: text }, ["containerPort"])),
    resources: amounts,
    volumeMounts: listOf(
      fields({ name: text, mountPath: text, readOnly: flag, subPath: text }, ["name", "mountPath"]),
    ),
    readinessProbe: mapping,
    livenessProbe: mapping,
    startupProbe: mapping,
  },
  ["name"],
);

const podSpec = fields({
  containers: listOf(container),
  initContainers: listOf(container),
  volumes: listOf(fields({ name: text }, ["name"])),
  nodeSelector: texts,
  serviceAccountName: text,
  terminationGracePeriodSeconds: wholeNumber,
  affinity: mapping,
  tolerations: listOf(mapping),
});

const claimSpec = fields({
  accessModes: listOf(text),
  storageClassName: text,
  resources: amounts,
  volumeMode: text,
});

const statefulSetSpec = fields(
  {
    replicas: wholeNumber,
    serviceName: text,
    selector,
    template: fields({ metadata: labels, spec: podSpec }),
    volumeClaimTemplates: listOf(fields({ metadata: labels, spec: claimSpec }, ["metadata"])),
    podManagementPolicy: text,
    minReadySeconds: wholeNumber,
    revisionHistoryLimit: wholeNumber,
    ordinals: fields({ start: wholeNumber }),
    updateStrategy: fields({
      type: text,
      rollingUpdate: fields({ partition: wholeNumber, maxUnavailable: numberOrText }),
    }),
    persistentVolumeClaimRetentionPolicy: fields({ whenDeleted: text, whenScaled: text }),
  },
  ["selector", "template"],
);

const servicePort = fields(
  { name: text, port: wholeNumber, targetPort: numberOrText, nodePort: wholeNumber, protocol: text },
  ["port"],
);

const byKind: Record<string, Check> = {
  StatefulSet: fields({ spec: statefulSetSpec }, ["spec"]),
  Service: fields({
    spec: fields({
      clusterIP: text,
      type: text,
      selector: texts,
      ports: listOf(servicePort),
      publishNotReadyAddresses: flag,
    }),
  }),
  ConfigMap: fields({ data: texts, binaryData: texts, immutable: flag }),
  Secret: fields({ data: texts, stringData: texts, type: text, immutable: flag }),
  PersistentVolumeClaim: fields({ spec: claimSpec }, ["spec"]),
  PersistentVolume: fields(
    {
      spec: fields({
        capacity: mapOf(quantity),
        accessModes: listOf(text),
        storageClassName: text,
        persistentVolumeReclaimPolicy: text,
      }),
    },
    ["spec"],
  ),
  StorageClass: fields({ provisioner: text, allowVolumeExpansion: flag, parameters: texts }, ["provisioner"]),
  PodDisruptionBudget: fields({
    spec: fields({ selector, maxUnavailable: numberOrText, minAvailable: numberOrText }),
  }),
};
