import { compareQuantities } from "../quantity.js";
import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import {
  duplicate,
  each,
  forbidden,
  invalid,
  notFound,
  notNegative,
  oneOf,
  portNumber,
  required,
} from "./errors.js";
import { configKey, dnsSubdomain, envName, portName } from "./names.js";

const protocols = ["SCTP", "TCP", "UDP"];

export function containerPorts(field: string, ports: Json[] = []): FieldError[] {
  const names = new Set<string>();
  const taken = new Set<string>();
  return ports.flatMap(({ name, containerPort, hostPort, hostIP = "", protocol }, at) => {
    const host = `${protocol}/${hostIP}/${hostPort}`;
    const twice = hostPort && taken.has(host) ? [duplicate(`${field}[${at}].hostPort`, host)] : [];
    taken.add(host);
    const place = `${field}[${at}]`;
    const wrongName = name ? each(`${place}.name`, name, portName(name)) : [];
    const again = name && wrongName.length === 0 && names.has(name) ? [duplicate(`${place}.name`, name)] : [];
    if (name) names.add(name);
    return [
      ...wrongName,
      ...again,
      ...(containerPort
        ? portNumber(`${place}.containerPort`, containerPort)
        : [required(`${place}.containerPort`)]),
      ...(hostPort ? portNumber(`${place}.hostPort`, hostPort) : []),
      ...oneOf(`${place}.protocol`, protocol, protocols),
      ...twice,
    ];
  });
}

const sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];
const podFields =
  /^(metadata\.(name|namespace|uid|labels\['.+'\]|annotations\['.+'\])|spec\.(nodeName|serviceAccountName)|status\.(hostIPs?|podIPs?))$/;

export function environment(field: string, variables: Json[] = []): FieldError[] {
  return variables.flatMap(({ name, value, valueFrom }, at) => {
    const place = `${field}[${at}]`;
    return [
      ...(name ? each(`${place}.name`, name, envName(name)) : [required(`${place}.name`)]),
      ...(valueFrom ? valueSource(`${place}.valueFrom`, valueFrom, value) : []),
    ];
  });
}

function valueSource(field: string, source: Json, value: unknown): FieldError[] {
  const given = sources.filter((name) => source[name]);
  const list = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
  return [
    ...(source.fieldRef ? fieldRef(`${field}.fieldRef`, source.fieldRef) : []),
    ...["configMapKeyRef", "secretKeyRef"].flatMap((name) =>
      source[name] ? keyRef(`${field}.${name}`, source[name]) : [],
    ),
    ...(given.length === 0 ? [invalid(field, "", `must specify one of: ${list}`)] : []),
    ...(given.length > 0 && value
      ? [invalid(field, "", "may not be specified when `value` is not empty")]
      : []),
    ...(given.length > 1 ? [invalid(field, "", "may not have more than one field specified at a time")] : []),
  ];
}

function fieldRef(field: string, { fieldPath }: Json): FieldError[] {
  if (!fieldPath) return [required(`${field}.fieldPath`)];
  if (podFields.test(fieldPath)) return [];
  const detail = `error converting fieldPath: field label not supported: ${fieldPath}`;
  return [invalid(`${field}.fieldPath`, fieldPath, detail)];
}

function keyRef(field: string, { name, key }: Json): FieldError[] {
  return [
    ...each(`${field}.name`, name ?? "", dnsSubdomain(name ?? "")),
    ...(key ? each(`${field}.key`, key, configKey(key)) : [required(`${field}.key`)]),
  ];
}

/** @param volumes the names of the volumes that there are, those of claim templates included. */
export function volumeMounts(field: string, mounts: Json[] = [], volumes: ReadonlySet<string>): FieldError[] {
  const paths = new Set<string>();
  return mounts.flatMap(({ name, mountPath, subPath, subPathExpr }, at) => {
    const place = `${field}[${at}]`;
    const unknown = !name
      ? [required(`${place}.name`)]
      : volumes.has(name)
        ? []
        : [notFound(`${place}.name`, name)];
    const path = mountPath ? [] : [required(`${place}.mountPath`)];
    const again =
      mountPath && paths.has(mountPath) ? [invalid(`${place}.mountPath`, mountPath, "must be unique")] : [];
    paths.add(mountPath);
    return [
      ...unknown,
      ...path,
      ...again,
      ...(subPath ? localPath(`${field}.subPath`, subPath) : []),
      ...(subPath && subPathExpr
        ? [invalid(`${place}.subPathExpr`, subPathExpr, "subPathExpr and subPath are mutually exclusive")]
        : []),
    ];
  });
}

function localPath(field: string, path: string): FieldError[] {
  if (path.startsWith("/")) return [invalid(field, path, "must be a relative path")];
  return path.split("/").includes("..") ? [invalid(field, path, "must not contain '..'")] : [];
}

const standardResources = /^(cpu|memory|ephemeral-storage|storage|hugepages-.+)$/;

export function resources(field: string, { limits = {}, requests = {} }: Json = {}): FieldError[] {
  return [
    ...Object.keys(limits)
      .sort()
      .flatMap((name) => quantity(`${field}.limits`, name, limits[name])),
    ...Object.keys(requests)
      .sort()
      .flatMap((name) => [
        ...quantity(`${field}.requests`, name, requests[name]),
        ...(limits[name] !== undefined && compareQuantities(requests[name], limits[name]) > 0
          ? [
              invalid(
                `${field}.requests`,
                requests[name],
                `must be less than or equal to ${name} limit of ${limits[name]}`,
              ),
            ]
          : []),
      ]),
  ];
}

function quantity(field: string, name: string, value: string): FieldError[] {
  const place = `${field}[${name}]`;
  const known = standardResources.test(name) || name.includes("/");
  return [
    ...(known ? [] : [invalid(place, name, "must be a standard resource type or fully qualified")]),
    ...(known && name !== "storage"
      ? []
      : [invalid(place, name, "must be a standard resource for containers")]),
    ...(compareQuantities(value, "0") < 0
      ? [invalid(place, value, "must be greater than or equal to 0")]
      : []),
  ];
}

const handlers = ["exec", "httpGet", "tcpSocket", "grpc"];
const counters = [
  "initialDelaySeconds",
  "timeoutSeconds",
  "periodSeconds",
  "successThreshold",
  "failureThreshold",
];

/** @param once true for probes whose successThreshold must be 1 (liveness, startup). */
export function probe(field: string, value: Json | undefined, once: boolean): FieldError[] {
  if (!value) return [];
  const given = handlers.filter((name) => value[name]);
  return [
    ...given.flatMap((name, at) =>
      at > 0
        ? [forbidden(`${field}.${name}`, "may not specify more than 1 handler type")]
        : handler(`${field}.${name}`, name, value[name]),
    ),
    ...(given.length === 0 ? [required(field, "must specify a handler type")] : []),
    ...counters.flatMap((name) => notNegative(`${field}.${name}`, value[name])),
    ...(once && value.successThreshold !== 1
      ? [invalid(`${field}.successThreshold`, value.successThreshold, "must be 1")]
      : []),
  ];
}

function handler(field: string, name: string, value: Json): FieldError[] {
  if (name === "exec") return value.command?.length ? [] : [required(`${field}.command`)];
  const port = value.port ?? 0;
  return [
    ...(typeof port === "string"
      ? each(`${field}.port`, port, portName(port))
      : portNumber(`${field}.port`, port)),
    ...(name === "httpGet" ? oneOf(`${field}.scheme`, value.scheme, ["HTTP", "HTTPS"]) : []),
  ];
}

const hooks = ["postStart", "preStop"];

export function lifecycle(field: string, value: Json = {}): FieldError[] {
  return hooks.flatMap((hook) => {
    if (!value[hook]) return [];
    const given = [...handlers, "sleep"].filter((name) => value[hook][name]);
    const [first, ...more] = given;
    return [
      ...more.map((name) =>
        forbidden(`${field}.${hook}.${name}`, "may not specify more than 1 handler type"),
      ),
      ...(first && first !== "sleep" ? handler(`${field}.${hook}.${first}`, first, value[hook][first]) : []),
      ...(first ? [] : [required(`${field}.${hook}`, "must specify a handler type")]),
    ];
  });
}
