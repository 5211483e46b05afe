import type { ConnectionFlags } from "../../cluster/kubeconfig/flags.js";
import { UsageError } from "../../core/errors.js";
import type { ProgressMode } from "../../view/progress/mode.js";
import { progressModes } from "../../view/progress/mode.js";
import type { Flag } from "./command.js";
import type { Input } from "./input.js";

/** kubectl's flags for the connection, taken by every command that reaches a cluster. */
export const connectionFlags: readonly Flag[] = [
  { name: "namespace", short: "n", value: "NAME", help: "namespace to work in", completes: "namespace" },
  { name: "context", value: "NAME", help: "kubeconfig context to use", completes: "context" },
  { name: "cluster", value: "NAME", help: "kubeconfig cluster to use", completes: "cluster" },
  { name: "user", value: "NAME", help: "kubeconfig user to use", completes: "user" },
  { name: "kubeconfig", value: "FILE", help: "path of the kubeconfig file", completes: "file" },
  { name: "server", short: "s", value: "URL", help: "address of the API server" },
  { name: "tls-server-name", value: "NAME", help: "name to check the server's certificate against" },
  { name: "insecure-skip-tls-verify", help: "do not check the server's certificate" },
  {
    name: "certificate-authority",
    value: "FILE",
    help: "certificate authority of the server",
    completes: "file",
  },
  { name: "client-certificate", value: "FILE", help: "client certificate", completes: "file" },
  { name: "client-key", value: "FILE", help: "key of the client certificate", completes: "file" },
  { name: "token", value: "TOKEN", help: "bearer token" },
  { name: "as", value: "USER", help: "user to impersonate" },
  { name: "as-group", value: "GROUP", repeat: true, help: "group to impersonate" },
  { name: "as-uid", value: "UID", help: "uid to impersonate" },
  {
    name: "request-timeout",
    value: "DURATION",
    help: "give up on a single request after this long; 0 is never",
  },
];

/** Flags that every command takes. */
export const globalFlags: readonly Flag[] = [
  { name: "help", short: "h", help: "help for this command" },
  {
    name: "color",
    value: "WHEN",
    bare: "always",
    choices: ["auto", "always", "never"],
    help: "when to use colour",
  },
  { name: "v", short: "v", value: "LEVEL", help: "verbosity: from 6 each request is named on stderr" },
];

export function readConnection(input: Input): ConnectionFlags {
  return {
    kubeconfig: input.text("kubeconfig"),
    context: input.text("context"),
    cluster: input.text("cluster"),
    user: input.text("user"),
    namespace: input.text("namespace"),
    server: input.text("server"),
    tlsServerName: input.text("tls-server-name"),
    insecureSkipTlsVerify: input.given("insecure-skip-tls-verify")
      ? input.boolean("insecure-skip-tls-verify")
      : undefined,
    clientCertificate: input.text("client-certificate"),
    clientKey: input.text("client-key"),
    certificateAuthority: input.text("certificate-authority"),
    token: input.text("token"),
    as: input.text("as"),
    asGroup: input.commaList("as-group"),
    asUid: input.text("as-uid"),
    requestTimeout: input.text("request-timeout"),
    verbosity: input.integer("v"),
  };
}

export const progressFlag: Flag = {
  name: "progress",
  value: "MODE",
  choices: progressModes,
  help: "how progress is shown on stderr",
};

/** Flags of every command that waits for a set. */
export const waitFlags: readonly Flag[] = [
  { name: "wait", value: "BOOL", bare: "true", help: "wait until it is done, with progress (default true)" },
  { name: "timeout", value: "DURATION", help: "give up waiting after this long; 0 is never (default)" },
  {
    name: "stall-timeout",
    value: "DURATION",
    help: "give up when nothing advances for this long (default 10m)",
  },
  { name: "fail-fast", help: "end at once when it cannot succeed (default true)" },
  progressFlag,
];

/** How long and how a command waits; times in milliseconds. */
export interface WaitOptions {
  wait: boolean;
  /** Undefined: no limit. */
  timeout: number | undefined;
  /** Undefined: no limit. */
  stallTimeout: number | undefined;
  failFast: boolean;
  progress: ProgressMode;
}

export function readWait(input: Input): WaitOptions {
  return {
    wait: input.boolean("wait", true),
    timeout: input.duration("timeout") || undefined,
    stallTimeout: (input.duration("stall-timeout") ?? 600_000) || undefined,
    failFast: input.boolean("fail-fast", true),
    progress: readProgress(input),
  };
}

export function readProgress(input: Input): ProgressMode {
  return input.oneOf("progress", progressModes) ?? "auto";
}

export const dryRunFlag: Flag = {
  name: "dry-run",
  value: "MODE",
  bare: "client",
  choices: ["none", "client", "server"],
  help: "show what would be done and change nothing; server also lets the API check it",
};

export type DryRun = "none" | "client" | "server";

/** What kubectl puts behind the line of a change that was not made. */
export const dryRunSuffixes: Readonly<Record<DryRun, string>> = {
  none: "",
  client: " (dry run)",
  server: " (server dry run)",
};

export function readDryRun(input: Input): DryRun {
  return input.oneOf("dry-run", ["none", "client", "server"] as const) ?? "none";
}

/** The names of StatefulSets among the arguments: `web`, `sts/web`, `statefulset/web`, `statefulset.apps/web`. */
export function readSetNames(input: Input): string[] {
  return [...new Set(input.args.map(readSetName))];
}

/** The set's name for a command that is about one. Throws a UsageError where there is none, or another. */
export function readOneSetName(input: Input): string {
  const [name, ...others] = input.args.map(readSetName);
  if (name === undefined) throw new UsageError("the name of a StatefulSet is needed");
  if (others.length > 0) throw new UsageError(`one StatefulSet at a time: ${[name, ...others].join(", ")}`);
  return name;
}

const setTypes = ["sts", "statefulset", "statefulsets", "statefulset.apps", "statefulsets.apps"];

/** The name in `NAME`, `sts/NAME` and the like. */
export function readSetName(argument: string): string {
  const [type, name, ...more] = argument.includes("/") ? argument.split("/") : ["sts", argument];
  if (!name || more.length > 0 || type === undefined) {
    throw new UsageError(`"${argument}" is not NAME or sts/NAME`);
  }
  if (!setTypes.includes(type.toLowerCase())) {
    throw new UsageError(`"${argument}" is a ${type}: sts works on StatefulSets only`);
  }
  return name;
}
