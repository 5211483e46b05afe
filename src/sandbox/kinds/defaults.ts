import type { AnyObject } from "../port.js";
import { visitStructs } from "./schema.js";
import type { Json } from "./schema.js";

/** Sets what `values` has and `object` has not; an empty string counts as absent, as in Go. */
export function setDefaults(object: Json, values: Json): void {
  for (const [field, value] of Object.entries(values))
    if (object[field] === undefined || object[field] === null || object[field] === "")
      object[field] = typeof value === "object" ? structuredClone(value) : value;
}

const component = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const host = "(?:[A-Za-z0-9][-A-Za-z0-9]*\\.?)+(?::[0-9]+)?";
const imageName = new RegExp(`^(?:${host}/)?${component}(?:/${component})*(?::([\\w][\\w.-]{0,127}))?$`);

/** `Always` for an image with the tag `latest` or none, `IfNotPresent` for another tag, a digest or what is no name. */
function pullPolicy(image: unknown): string {
  const text = typeof image === "string" ? image : "";
  if (text === "") return "Always";
  const name = imageName.exec(text);
  return name && (name[1] ?? "latest") === "latest" ? "Always" : "IfNotPresent";
}

const mode = 0o644;

function containerDefaults(container: Json): void {
  setDefaults(container, {
    imagePullPolicy: pullPolicy(container.image),
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
  });
}

function podSpecDefaults(spec: Json): void {
  if (!spec.serviceAccountName && spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount;
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  setDefaults(spec, {
    dnsPolicy: "ClusterFirst",
    restartPolicy: "Always",
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    schedulerName: "default-scheduler",
  });
}

function probeDefaults(probe: Json): void {
  const values = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
  for (const [field, value] of Object.entries(values)) probe[field] ||= value;
  if (probe.grpc) setDefaults(probe.grpc, { service: "" });
}

const volumeSources = ["name", "emptyDir"];

function volumeDefaults(volume: Json): void {
  if (Object.keys(volume).every((field) => volumeSources.includes(field)))
    setDefaults(volume, { emptyDir: {} });
  if (volume.image) setDefaults(volume.image, { pullPolicy: pullPolicy(volume.image.reference) });
}

/**
 * What the API sets in a struct wherever it appears (pkg/apis/core/v1/defaults.go), beside the `default=` values that
 * the schema already carries.
 */
const byStruct: Record<string, (value: Json) => unknown> = {
  PodSpec: podSpecDefaults,
  Container: containerDefaults,
  EphemeralContainer: containerDefaults,
  Probe: probeDefaults,
  Volume: volumeDefaults,
  HTTPGetAction: (action) => setDefaults(action, { path: "/", scheme: "HTTP" }),
  SecretVolumeSource: (source) => setDefaults(source, { defaultMode: mode }),
  ConfigMapVolumeSource: (source) => setDefaults(source, { defaultMode: mode }),
  DownwardAPIVolumeSource: (source) => setDefaults(source, { defaultMode: mode }),
  ProjectedVolumeSource: (source) => setDefaults(source, { defaultMode: mode }),
  HostPathVolumeSource: (source) => setDefaults(source, { type: "" }),
  ServiceAccountTokenProjection: (source) => setDefaults(source, { expirationSeconds: 3600 }),
  ObjectFieldSelector: (selector) => setDefaults(selector, { apiVersion: "v1" }),
  PersistentVolumeClaimSpec: (spec) => (spec.volumeMode ??= "Filesystem"),
  ResourceFieldSelector: (selector) => (selector.divisor ??= "0"),
  EndpointPort: (port) => setDefaults(port, { protocol: "TCP" }),
};

/** Applies the defaults of every struct in `object`. */
export function applyStructDefaults(object: AnyObject): void {
  visitStructs(object.kind, object, (struct, value) => byStruct[struct]?.(value));
}
