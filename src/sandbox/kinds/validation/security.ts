import type { Json } from "../schema.js";
import { invalid } from "./errors.js";
import { internalJson } from "./internal.js";
import { pathWithin } from "./paths.js";
import { defined, fields, first, given, items, where, type Rule } from "./rules.js";
import { between, must, needed, neededTo, oneOf, unlike } from "./values.js";

const id = defined(between(0, 2 ** 31 - 1));

const sysctlPart = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const sysctlName = `^(${sysctlPart}[\\./])*${sysctlPart}$`;

const sysctl = first(
  needed,
  must(
    (name) => name.length <= 253 && new RegExp(sysctlName).test(name),
    `must have at most 253 characters and match regex ${sysctlName}`,
  ),
  unlike,
);

const profileType = (what: string): Rule =>
  first(neededTo(`type is required when ${what} is set`), oneOf("Localhost", "RuntimeDefault", "Unconfined"));

const isLocal = ({ type }: Json): boolean => type === "Localhost";

const notLocalSeccomp: Rule = (profile: Json, path) => {
  const why = "can only be set when seccomp type is Localhost";
  const shown = internalJson("SeccompProfile", profile);
  return profile.localhostProfile === undefined ? [] : [invalid(`${path}.localhostProfile`, shown, why)];
};

const present = (detail: string): Rule => where((value) => value === undefined, neededTo(detail));

const seccompProfile = given(
  where(
    isLocal,
    fields({
      localhostProfile: first(present("must be set when seccomp type is Localhost"), pathWithin),
    }),
  ),
  where((profile) => !isLocal(profile), fields({ type: profileType("seccompProfile") }), notLocalSeccomp),
);

const appArmorName = "must be set when AppArmor type is Localhost";

const appArmorProfile = given(
  where(
    isLocal,
    fields({
      localhostProfile: first(
        present(appArmorName),
        must((name) => name.trim() === name, "must not be padded with whitespace"),
        neededTo(appArmorName),
      ),
    }),
  ),
  where(
    (profile) => !isLocal(profile),
    first(
      fields({ type: profileType("appArmorProfile") }),
      fields({
        localhostProfile: defined(must(() => false, "can only be set when AppArmor type is Localhost")),
      }),
    ),
  ),
);

export const podSecurity = fields({
  fsGroup: id,
  runAsUser: id,
  runAsGroup: id,
  supplementalGroups: items(id),
  sysctls: items(fields({ name: sysctl })),
  fsGroupChangePolicy: defined(oneOf("Always", "OnRootMismatch")),
  seccompProfile,
  appArmorProfile,
  supplementalGroupsPolicy: defined(oneOf("Merge", "Strict")),
  seLinuxChangePolicy: defined(oneOf("MountOption", "Recursive")),
});

/** What contradicts `allowPrivilegeEscalation: false`. */
const escalation: Rule = (value: Json, path) => {
  const { privileged, allowPrivilegeEscalation, capabilities } = value;
  const found = [
    ...(privileged ? ["`privileged` to true"] : []),
    ...(capabilities?.add?.includes("CAP_SYS_ADMIN") ? ["`capabilities.Add` CAP_SYS_ADMIN"] : []),
  ];
  const shown = internalJson("SecurityContext", value);
  return allowPrivilegeEscalation === false
    ? found.map((what) =>
        invalid(path, shown, `cannot set \`allowPrivilegeEscalation\` to false and ${what}`),
      )
    : [];
};

export const containerSecurity = given(
  fields({
    runAsUser: id,
    runAsGroup: id,
    procMount: defined(
      oneOf("Default", "Unmasked"),
      must((value) => value !== "Unmasked", "`hostUsers` must be false to use `Unmasked`"),
    ),
    seccompProfile,
  }),
  escalation,
  fields({ appArmorProfile }),
);
