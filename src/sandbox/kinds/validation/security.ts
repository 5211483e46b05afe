import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { duplicate, each, invalid, notSupported, oneOf, required } from "./errors.js";
import { internalJson } from "./internal.js";
import { pathWithin } from "./paths.js";

const largestId = 2 ** 31 - 1;

function ids(field: string, value: Json, names: string[]): FieldError[] {
  return names.flatMap((name) => id(`${field}.${name}`, value[name]));
}

function id(field: string, value: unknown): FieldError[] {
  if (typeof value !== "number" || (value >= 0 && value <= largestId)) return [];
  return [invalid(field, value, `must be between 0 and ${largestId}, inclusive`)];
}

export function podSecurity(field: string, value: Json = {}): FieldError[] {
  const groups: number[] = value.supplementalGroups ?? [];
  const choice = (name: string, known: string[]) =>
    value[name] === undefined ? [] : oneOf(`${field}.${name}`, value[name], known);
  return [
    ...ids(field, value, ["fsGroup", "runAsUser", "runAsGroup"]),
    ...groups.flatMap((group, at) => id(`${field}.supplementalGroups[${at}]`, group)),
    ...sysctls(`${field}.sysctls`, value.sysctls),
    ...choice("fsGroupChangePolicy", ["Always", "OnRootMismatch"]),
    ...profiles(field, value),
    ...choice("supplementalGroupsPolicy", ["Merge", "Strict"]),
    ...choice("seLinuxChangePolicy", ["MountOption", "Recursive"]),
  ];
}

const sysctlPart = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const sysctlName = `^(${sysctlPart}[\\./])*${sysctlPart}$`;

function sysctls(field: string, list: Json[] = []): FieldError[] {
  const names = new Set<string>();
  return list.flatMap(({ name }, at) => {
    const place = `${field}[${at}].name`;
    const again = names.has(name);
    names.add(name);
    if (!name) return [required(place)];
    if (name.length > 253 || !new RegExp(sysctlName).test(name))
      return [invalid(place, name, `must have at most 253 characters and match regex ${sysctlName}`)];
    return again ? [duplicate(place, name)] : [];
  });
}

export function containerSecurity(field: string, value: Json | undefined): FieldError[] {
  if (!value) return [];
  const { privileged, allowPrivilegeEscalation, procMount, capabilities } = value;
  const added: string[] = capabilities?.add ?? [];
  const contradiction = (what: string) => [
    invalid(
      field,
      internalJson("SecurityContext", value),
      `cannot set \`allowPrivilegeEscalation\` to false and ${what}`,
    ),
  ];
  const fixed = allowPrivilegeEscalation === false;
  return [
    ...ids(field, value, ["runAsUser", "runAsGroup"]),
    ...(procMount === undefined ? [] : oneOf(`${field}.procMount`, procMount, ["Default", "Unmasked"])),
    ...(procMount === "Unmasked"
      ? [invalid(`${field}.procMount`, procMount, "`hostUsers` must be false to use `Unmasked`")]
      : []),
    ...seccomp(`${field}.seccompProfile`, value.seccompProfile),
    ...(fixed && privileged ? contradiction("`privileged` to true") : []),
    ...(fixed && added.includes("CAP_SYS_ADMIN") ? contradiction("`capabilities.Add` CAP_SYS_ADMIN") : []),
    ...appArmor(`${field}.appArmorProfile`, value.appArmorProfile),
  ];
}

function profiles(field: string, value: Json): FieldError[] {
  return [
    ...seccomp(`${field}.seccompProfile`, value.seccompProfile),
    ...appArmor(`${field}.appArmorProfile`, value.appArmorProfile),
  ];
}

const profileTypes = ["Localhost", "RuntimeDefault", "Unconfined"];

function profileType(field: string, type: string, what: string): FieldError[] {
  if (!type) return [required(field, `type is required when ${what} is set`)];
  return profileTypes.includes(type) ? [] : [notSupported(field, type, profileTypes)];
}

function seccomp(field: string, profile: Json | undefined): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile: path } = profile;
  const place = `${field}.localhostProfile`;
  const wrongType = profileType(`${field}.type`, type, "seccompProfile");
  if (type !== "Localhost")
    return path === undefined
      ? wrongType
      : [
          ...wrongType,
          invalid(
            place,
            internalJson("SeccompProfile", profile),
            "can only be set when seccomp type is Localhost",
          ),
        ];
  return path === undefined
    ? [required(place, "must be set when seccomp type is Localhost")]
    : pathWithin(place, path);
}

function appArmor(field: string, profile: Json | undefined): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile: name } = profile;
  const place = `${field}.localhostProfile`;
  if (type !== "Localhost") {
    const wrong = profileType(`${field}.type`, type, "appArmorProfile");
    const misplaced = wrong.length === 0 && name !== undefined;
    return misplaced ? [invalid(place, name, "can only be set when AppArmor type is Localhost")] : wrong;
  }
  if (name === undefined) return [required(place, "must be set when AppArmor type is Localhost")];
  if (name.trim() !== name) return each(place, name, ["must not be padded with whitespace"]);
  return name === "" ? [required(place, "must be set when AppArmor type is Localhost")] : [];
}

/** What a pod that shares its processes may not have too. */
export function sharedProcesses(field: string, { shareProcessNamespace, hostPID }: Json): FieldError[] {
  if (!shareProcessNamespace || !hostPID) return [];
  const text = "ShareProcessNamespace and HostPID cannot both be enabled";
  return [invalid(`${field}.shareProcessNamespace`, true, text)];
}
