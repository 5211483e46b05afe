import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { each, forbidden, invalid, notNegative, oneOf, portNumber, required } from "./errors.js";
import { headerName, portName } from "./names.js";

const probeHandlers = ["exec", "httpGet", "tcpSocket", "grpc"];
const hookHandlers = ["exec", "httpGet", "tcpSocket", "sleep"];
const counters = [
  "initialDelaySeconds",
  "timeoutSeconds",
  "periodSeconds",
  "successThreshold",
  "failureThreshold",
];
const probes = ["livenessProbe", "readinessProbe", "startupProbe"] as const;

/** The hooks and probes of a container; @param grace the pod's terminationGracePeriodSeconds */
export function hooksAndProbes(field: string, container: Json, grace: number): FieldError[] {
  return [
    ...lifecycle(`${field}.lifecycle`, container.lifecycle, grace),
    ...probes.flatMap((name) => probe(`${field}.${name}`, container[name], name, grace)),
  ];
}

/** What an init container that ends may not have. */
export function noHooksAndProbes(field: string, container: Json): FieldError[] {
  const text = "may not be set for init containers without restartPolicy=Always";
  return ["lifecycle", ...probes]
    .filter((name) => container[name])
    .map((name) => forbidden(`${field}.${name}`, text));
}

function probe(
  field: string,
  value: Json | undefined,
  kind: (typeof probes)[number],
  grace: number,
): FieldError[] {
  if (!value) return [];
  const { successThreshold, terminationGracePeriodSeconds: own } = value;
  const graceField = `${field}.terminationGracePeriodSeconds`;
  return [
    ...handlers(field, value, probeHandlers, grace),
    ...counters.flatMap((name) => notNegative(`${field}.${name}`, value[name])),
    ...(own !== undefined && own <= 0 ? [invalid(graceField, own, "must be greater than 0")] : []),
    ...(kind === "readinessProbe" && own !== undefined
      ? [invalid(graceField, own, "must not be set for readinessProbes")]
      : []),
    ...(kind !== "readinessProbe" && successThreshold !== 1
      ? [invalid(`${field}.successThreshold`, successThreshold, "must be 1")]
      : []),
  ];
}

function lifecycle(field: string, value: Json = {}, grace: number): FieldError[] {
  return [
    ...["postStart", "preStop"].flatMap((hook) =>
      value[hook] ? handlers(`${field}.${hook}`, value[hook], hookHandlers, grace) : [],
    ),
    ...(value.stopSignal
      ? [forbidden(`${field}.stopSignal`, "may not be set for containers with empty `spec.os.name`")]
      : []),
  ];
}

function handlers(field: string, value: Json, kinds: string[], grace: number): FieldError[] {
  const given = kinds.filter((name) => value[name]);
  if (given.length === 0) return [required(field, "must specify a handler type")];
  return given.flatMap((name, at) =>
    at > 0
      ? [forbidden(`${field}.${name}`, "may not specify more than 1 handler type")]
      : handler(`${field}.${name}`, name, value[name], grace),
  );
}

function handler(field: string, name: string, value: Json, grace: number): FieldError[] {
  if (name === "exec") return value.command?.length ? [] : [required(`${field}.command`)];
  if (name === "sleep") {
    const { seconds } = value;
    const text = `must be non-negative and less than terminationGracePeriodSeconds (${grace})`;
    return seconds < 0 || seconds > grace ? [invalid(field, seconds, text)] : [];
  }
  const port = value.port ?? 0;
  const headers: Json[] = value.httpHeaders ?? [];
  return [
    ...(typeof port === "string"
      ? each(`${field}.port`, port, portName(port))
      : portNumber(`${field}.port`, port)),
    ...(name === "httpGet" ? oneOf(`${field}.scheme`, value.scheme, ["HTTP", "HTTPS"]) : []),
    ...headers.flatMap((header) => each(`${field}.httpHeaders`, header.name, headerName(header.name))),
  ];
}
