import { compareQuantities } from "../quantity.js";
import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { duplicate, each, forbidden, invalid, notFound, required } from "./errors.js";
import { portName, qualifiedName } from "./names.js";
import { pathWithin } from "./paths.js";
import { all, defined, fields, first, given, items, type Rule } from "./rules.js";
import { fieldMust, must, named, needed, oneOf, portNumber, unlike } from "./values.js";

/** Of ports of containers and of services. */
export const protocol = oneOf("SCTP", "TCP", "UDP");

export const containerPorts = items(
  fields({
    name: given(first(named(portName), unlike)),
    containerPort: first(needed, portNumber),
    hostPort: given(portNumber),
    protocol,
  }),
);

/** A port of the host can be given once, whichever containers of the list ask for it. */
export const hostPorts: Rule = (list: Json[], path) => {
  const taken = new Set<string>();
  return list.flatMap(({ ports = [] }, container) =>
    ports.flatMap(({ hostPort, hostIP = "", protocol: of }: Json, at: number) => {
      if (!hostPort) return [];
      const host = `${of}/${hostIP}/${hostPort}`;
      const again = taken.has(host);
      taken.add(host);
      return again ? [duplicate(`${path}[${container}].ports[${at}].hostPort`, host)] : [];
    }),
  );
};

/** The mounts of a container; @param volumes the names of the volumes that there are, those of claim templates included */
export function volumeMounts(container: Json, volumes: ReadonlySet<string>): Rule {
  const devices: Json[] = container.volumeDevices ?? [];
  const mount = all(
    fields({
      name: all(needed, (name = "", path) => (volumes.has(name) ? [] : [notFound(path, name)])),
      mountPath: all(needed, (value, path, earlier) =>
        earlier?.has(value) ? [invalid(path, value ?? "", "must be unique")] : [],
      ),
    }),
    fields({
      name: must(
        (name) => !devices.some((device) => device.name === name),
        "must not already exist in volumeDevices",
      ),
    }),
  );
  const exclusive = fieldMust(
    "subPathExpr",
    ({ subPath, subPathExpr }) => !subPath || !subPathExpr,
    "subPathExpr and subPath are mutually exclusive",
  );
  const propagation = fields({ mountPropagation: defined(propagationIn(container)) });
  // The API names no index in these of its rules.
  return (mounts: Json[] = [], path) =>
    items((one, place, earlier) => [
      ...mount(one, place, earlier),
      ...fields({ subPath: given(pathWithin) })(one, path),
      ...exclusive(one, place),
      ...fields({ subPathExpr: given(pathWithin) })(one, path),
      ...propagation(one, path),
    ])(mounts, path);
}

function propagationIn({ securityContext }: Json): Rule {
  const text = "Bidirectional mount propagation is available only to privileged containers";
  return all(oneOf("Bidirectional", "HostToContainer", "None"), (value, path) =>
    value === "Bidirectional" && !securityContext?.privileged ? [forbidden(path, text)] : [],
  );
}

const standard = /^(cpu|memory|ephemeral-storage|hugepages-.+)$/;
const counted =
  /^(pods|services|replicationcontrollers|resourcequotas|secrets|configmaps|persistentvolumeclaims|storage)$/;

export const resources: Rule = ({ limits = {}, requests = {} }: Json = {}, path) => {
  const names = (list: Json): string[] => Object.keys(list).sort();
  return [
    ...names(limits).flatMap((name) => quantity(`${path}.limits[${name}]`, name, limits[name])),
    ...names(requests).flatMap((name) => [
      ...quantity(`${path}.requests[${name}]`, name, requests[name]),
      ...withinLimit(path, name, requests[name], limits[name]),
    ]),
  ];
};

/** What is not shared (GPUs) must be asked for to the amount of its limit. */
function withinLimit(field: string, name: string, request: string, limit: string | undefined): FieldError[] {
  const shared = !name.includes("/") && !name.startsWith("hugepages-");
  if (limit === undefined)
    return shared ? [] : [required(`${field}.limits`, "Limit must be set for non overcommitable resources")];
  const order = compareQuantities(request, limit);
  if (order === 0 || (shared && order < 0)) return [];
  const relation = shared ? "less than or equal to" : "equal to";
  return [invalid(`${field}.requests`, request, `must be ${relation} ${name} limit of ${limit}`)];
}

const notBelowZero = must(
  (value) => compareQuantities(value, "0") >= 0,
  "must be greater than or equal to 0",
);
const integer = must((value) => /^-?\d+[kMGTPE]?i?$/.test(value), "must be an integer");

function quantity(field: string, name: string, value: string): FieldError[] {
  return [
    ...resourceName(field, name),
    ...notBelowZero(value, field),
    ...(name.includes("/") ? integer(value, field) : []),
  ];
}

function resourceName(field: string, name: string): FieldError[] {
  const wrong = each(field, name, qualifiedName(name));
  if (name.includes("/")) return wrong;
  const known = wrong.length > 0 || standard.test(name) || counted.test(name);
  return [
    ...wrong,
    ...(known ? [] : [invalid(field, name, "must be a standard resource type or fully qualified")]),
    ...(standard.test(name) ? [] : [invalid(field, name, "must be a standard resource for containers")]),
  ];
}
