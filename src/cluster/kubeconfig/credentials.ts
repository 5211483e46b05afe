import path from "node:path";
import type { ConnectionIo, Credentials, ExecPlugin, Impersonation } from "./connection.js";
import type { UserEntry } from "./file.js";
import type { ConnectionFlags } from "./flags.js";
import { type Problems, fileOrData } from "./material.js";

/** How a user of the kubeconfig, overridden by flags, proves who they are. What is wrong goes to `problems`. */
export function credentialsOf(
  name: string,
  user: UserEntry,
  flags: ConnectionFlags,
  io: ConnectionIo,
  problems: Problems,
): Credentials {
  const certificate = fileOrData(
    { what: "client-cert", owner: name, flag: flags.clientCertificate, origin: user.origin },
    { file: user["client-certificate"], data: user["client-certificate-data"] },
    io,
    problems,
  );
  const key =
    certificate &&
    fileOrData(
      { what: "client-key", owner: name, flag: flags.clientKey, origin: user.origin },
      { file: user["client-key"], data: user["client-key-data"] },
      io,
      problems,
    );
  if (certificate && !key) {
    problems.push(
      `client-key-data or client-key must be specified for ${name} to use the clientCert authentication method.`,
    );
  }
  const token = flags.token || user.token;
  const hasBasic = Boolean(user.username || user.password);
  if (token && hasBasic) {
    problems.push(
      `more than one authentication method found for ${name}; found [token basicAuth], only one is allowed`,
    );
  }
  const exec = execOf(name, user, problems);
  return {
    ...(certificate && key && { certificate, key }),
    ...(token && { token }),
    ...(!flags.token && user.tokenFile && { tokenFile: beside(user.origin, user.tokenFile) }),
    ...(hasBasic && { basic: { username: user.username ?? "", password: user.password ?? "" } }),
    ...(exec && { exec }),
    ...(user["auth-provider"] && {
      authProvider: { name: user["auth-provider"].name ?? "", config: user["auth-provider"].config ?? {} },
    }),
  };
}

/** Who the request is made as, when flags or the kubeconfig ask for somebody else. */
export function impersonationOf(
  name: string,
  user: UserEntry,
  flags: ConnectionFlags,
  problems: Problems,
): Impersonation | undefined {
  const impersonated = flags.as || user.as;
  const uid = flags.asUid || user["as-uid"];
  const groups = [...(flags.asGroup?.length ? flags.asGroup : (user["as-groups"] ?? []))];
  const extra = extraOf(user["as-user-extra"]);
  if (impersonated) return { user: impersonated, ...(uid && { uid }), groups, extra };
  if (uid || groups.length > 0 || Object.keys(extra).length > 0) {
    problems.push(`requesting uid, groups or user-extra for ${name} without impersonating a user`);
  }
  return undefined;
}

function extraOf(value: unknown): Record<string, string[]> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).map(([key, list]) => [
      key,
      Array.isArray(list) ? list.map(String) : [String(list)],
    ]),
  );
}

function execOf(
  name: string,
  { exec, origin, ...user }: UserEntry,
  problems: Problems,
): ExecPlugin | undefined {
  if (!exec) return undefined;
  const suffix = `for ${name} to use exec authentication plugin`;
  if (user["auth-provider"]) {
    problems.push(`authProvider cannot be provided in combination with an exec plugin for ${name}`);
  }
  if (!exec.command) problems.push(`command must be specified ${suffix}`);
  if (!exec.apiVersion) problems.push(`apiVersion must be specified ${suffix}`);
  const env = envOf(exec.env);
  if (env.some((entry) => entry.name === "")) problems.push(`env variable name must be specified ${suffix}`);
  // client-go defaults it for v1beta1 only; v1 has to say it.
  const mode = exec.interactiveMode || (exec.apiVersion?.endsWith("/v1beta1") ? "IfAvailable" : "");
  if (!mode) problems.push(`interactiveMode must be specified ${suffix}`);
  else if (!isMode(mode)) problems.push(`invalid interactiveMode for ${name}: "${mode}"`);
  const command = exec.command ?? "";
  return {
    apiVersion: exec.apiVersion ?? "",
    command: command.includes(path.sep) ? beside(origin, command) : command,
    args: exec.args ?? [],
    env,
    provideClusterInfo: exec.provideClusterInfo ?? false,
    interactiveMode: isMode(mode) ? mode : "Never",
    ...(exec.installHint && { installHint: exec.installHint }),
  };
}

const isMode = (mode: string): mode is ExecPlugin["interactiveMode"] =>
  mode === "Never" || mode === "IfAvailable" || mode === "Always";

function envOf(value: unknown): ExecPlugin["env"] {
  if (!Array.isArray(value)) return [];
  return value.map((entry: { name?: unknown; value?: unknown } | null) => ({
    name: String(entry?.name ?? ""),
    value: String(entry?.value ?? ""),
  }));
}

/** A path of a kubeconfig: relative to the folder of the file it stands in. */
function beside(origin: string | undefined, file: string): string {
  return origin ? path.resolve(path.dirname(origin), file) : file;
}
