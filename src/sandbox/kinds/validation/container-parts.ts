import { compareQuantities } from "../quantity.js";
import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { duplicate, each, forbidden, invalid, notFound, oneOf, portNumber, required } from "./errors.js";
import { portName, qualifiedName } from "./names.js";
import { pathWithin } from "./paths.js";

const protocols = ["SCTP", "TCP", "UDP"];

export function containerPorts(field: string, ports: Json[] = []): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap(({ name, containerPort, hostPort, protocol }, at) => {
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
    ];
  });
}

/** A port of the host can be given once, whichever containers of `list` ask for it. */
export function hostPorts(field: string, list: Json[]): FieldError[] {
  const taken = new Set<string>();
  return list.flatMap(({ ports = [] }, container) =>
    ports.flatMap(({ hostPort, hostIP = "", protocol }: Json, at: number) => {
      if (!hostPort) return [];
      const host = `${protocol}/${hostIP}/${hostPort}`;
      const again = taken.has(host);
      taken.add(host);
      return again ? [duplicate(`${field}[${container}].ports[${at}].hostPort`, host)] : [];
    }),
  );
}

const propagations = ["Bidirectional", "HostToContainer", "None"];

/** @param volumes the names of the volumes that can be mounted, those of claim templates included */
export function volumeMounts(field: string, container: Json, volumes: ReadonlySet<string>): FieldError[] {
  const mounts: Json[] = container.volumeMounts ?? [];
  const devices: Json[] = container.volumeDevices ?? [];
  const paths = new Set<string>();
  return mounts.flatMap((mount, at) => {
    const place = `${field}[${at}]`;
    const { name = "", mountPath = "", subPath, subPathExpr, mountPropagation } = mount;
    const again = paths.has(mountPath);
    paths.add(mountPath);
    const both = "subPathExpr and subPath are mutually exclusive";
    return [
      ...(name ? [] : [required(`${place}.name`)]),
      ...(volumes.has(name) ? [] : [notFound(`${place}.name`, name)]),
      ...(mountPath ? [] : [required(`${place}.mountPath`)]),
      ...(again ? [invalid(`${place}.mountPath`, mountPath, "must be unique")] : []),
      ...(devices.some((device) => device.name === name)
        ? [invalid(`${place}.name`, name, "must not already exist in volumeDevices")]
        : []),
      // The API names no index in these.
      ...(subPath ? pathWithin(`${field}.subPath`, subPath) : []),
      ...(subPath && subPathExpr ? [invalid(`${place}.subPathExpr`, subPathExpr, both)] : []),
      ...(subPathExpr ? pathWithin(`${field}.subPathExpr`, subPathExpr) : []),
      ...(mountPropagation === undefined
        ? []
        : propagation(`${field}.mountPropagation`, mountPropagation, container.securityContext?.privileged)),
    ];
  });
}

function propagation(field: string, value: string, privileged: boolean | undefined): FieldError[] {
  const text = "Bidirectional mount propagation is available only to privileged containers";
  return [
    ...oneOf(field, value, propagations),
    ...(value === "Bidirectional" && !privileged ? [forbidden(field, text)] : []),
  ];
}

const standard = /^(cpu|memory|ephemeral-storage|hugepages-.+)$/;
const counted =
  /^(pods|services|replicationcontrollers|resourcequotas|secrets|configmaps|persistentvolumeclaims|storage)$/;

export function resources(field: string, { limits = {}, requests = {} }: Json = {}): FieldError[] {
  const names = (list: Json): string[] => Object.keys(list).sort();
  return [
    ...names(limits).flatMap((name) => quantity(`${field}.limits[${name}]`, name, limits[name])),
    ...names(requests).flatMap((name) => [
      ...quantity(`${field}.requests[${name}]`, name, requests[name]),
      ...withinLimit(field, name, requests[name], limits[name]),
    ]),
  ];
}

/** What is not shared (GPUs) must be asked for to the amount of its limit. */
function withinLimit(field: string, name: string, request: string, limit: string | undefined): FieldError[] {
  const shared = !name.includes("/") && !name.startsWith("hugepages-");
  if (limit === undefined)
    return shared ? [] : [required(`${field}.limits`, "Limit must be set for non overcommitable resources")];
  const order = compareQuantities(request, limit);
  if (order === 0 || (shared && order < 0)) return [];
  const must = shared ? "less than or equal to" : "equal to";
  return [invalid(`${field}.requests`, request, `must be ${must} ${name} limit of ${limit}`)];
}

function quantity(field: string, name: string, value: string): FieldError[] {
  return [
    ...resourceName(field, name),
    ...(compareQuantities(value, "0") < 0
      ? [invalid(field, value, "must be greater than or equal to 0")]
      : []),
    ...(name.includes("/") && !/^-?\d+[kMGTPE]?i?$/.test(value)
      ? [invalid(field, value, "must be an integer")]
      : []),
  ];
}

function resourceName(field: string, name: string): FieldError[] {
  const wrong = each(field, name, qualifiedName(name));
  if (name.includes("/")) return wrong;
  const known = standard.test(name) || counted.test(name);
  return [
    ...wrong,
    ...(wrong.length > 0 || known
      ? []
      : [invalid(field, name, "must be a standard resource type or fully qualified")]),
    ...(standard.test(name) ? [] : [invalid(field, name, "must be a standard resource for containers")]),
  ];
}
