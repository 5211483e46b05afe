type Fields = Record<string, unknown>;

/** What a pod template of a scenario may say instead of all of it. */
export interface TemplateShorthand {
  image?: string;
  /** Annotation `sandbox/fault`. */
  fault?: string;
  /** Annotation `sandbox/fault-ordinals`. */
  ordinals?: string;
  /** Annotation `sandbox/slow`. */
  slow?: string;
  /** Laid over the template that comes of the rest. */
  template?: Fields;
}

/** What a StatefulSet of a scenario may say instead of all of it; every other field is one of its spec. */
interface SetShorthand extends TemplateShorthand {
  name?: string;
  metadata?: Fields;
  /** The classes of a claim template `www` (`disk`, `late`, `keep`), or claim templates by name. */
  claims?: string | Record<string, string>;
  [field: string]: unknown;
}

/** A complete object: one with a `kind` is complete already, `{ set: … }` is a StatefulSet in short. */
export function complete(object: Fields): Fields & { kind: string } {
  if (typeof object["kind"] === "string") return { apiVersion: "v1", ...object, kind: object["kind"] };
  if (typeof object["set"] === "object") return setOf((object["set"] ?? {}) as SetShorthand);
  throw new Error(`an object has a kind: ${JSON.stringify(object)}`);
}

/** A set `web` of three pods, whose spec is overlaid. */
function setOf(shorthand: SetShorthand): Fields & { kind: string } {
  const { name = "web", metadata, image, fault, ordinals, slow, template, claims, ...spec } = shorthand;
  const moved = typeof ordinals === "object" ? { ordinals } : {};
  const said = { image, fault, slow, template, ...(typeof ordinals === "string" && { ordinals }) };
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name, ...metadata },
    spec: {
      replicas: 3,
      serviceName: name,
      selector: { matchLabels: { app: name } },
      template: templateOf(name, said as TemplateShorthand),
      ...(claims && { volumeClaimTemplates: claimTemplates(claims) }),
      ...moved,
      ...spec,
    },
  };
}

/** The whole pod template of a set. */
export function templateOf(set: string, shorthand: TemplateShorthand): Fields {
  const { image = "nginx:1", fault, ordinals, slow, template = {} } = shorthand;
  const annotations = {
    ...(fault && { "sandbox/fault": fault }),
    ...(ordinals && { "sandbox/fault-ordinals": ordinals }),
    ...(slow && { "sandbox/slow": slow }),
  };
  const annotated = Object.keys(annotations).length > 0 && { annotations };
  const base = {
    metadata: { labels: { app: set }, ...annotated },
    spec: { containers: [{ name: "nginx", image }] },
  };
  return overlay(base, template) as Fields;
}

function claimTemplates(claims: string | Record<string, string>): Fields[] {
  return Object.entries(typeof claims === "string" ? { www: claims } : claims).map(
    ([name, storageClass]) => ({
      metadata: { name },
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: classes[storageClass] ?? storageClass,
        resources: { requests: { storage: "1Gi" } },
      },
    }),
  );
}

const classes: Record<string, string> = {
  disk: "scenarios-disk",
  late: "scenarios-late",
  keep: "scenarios-keep",
};

/** The storage classes that every scenario finds. */
export const storageClasses = [
  storageClass("disk", {}),
  storageClass("late", { volumeBindingMode: "WaitForFirstConsumer" }),
  storageClass("keep", { reclaimPolicy: "Retain" }),
];

function storageClass(name: string, fields: Fields): Fields {
  const common = { provisioner: "example.org/disk", reclaimPolicy: "Delete", allowVolumeExpansion: true };
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: classes[name] },
    ...common,
    ...fields,
  };
}

function overlay(base: unknown, over: unknown): unknown {
  if (!isFields(base) || !isFields(over)) return over;
  const merged: Fields = { ...base };
  for (const [field, value] of Object.entries(over))
    merged[field] = field in base ? overlay(base[field], value) : value;
  return merged;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
