import { KubeconfigError } from "../errors.js";
import type { Connection, ConnectionIo } from "./connection.js";
import { credentialsOf, impersonationOf } from "./credentials.js";
import { parseTimeout } from "./duration.js";
import type { ConnectionFlags } from "./flags.js";
import { inCluster } from "./in-cluster.js";
import { loadKubeconfig } from "./load.js";
import { type Problems, fileOrData } from "./material.js";
import { proxyFromEnvironment } from "./proxy.js";
import { type Selection, select } from "./select.js";

/**
 * What flags, kubeconfig and in-cluster service account come to, as kubectl reads them (client-go, `clientcmd`).
 * Throws a `KubeconfigError` when there is no configuration, or none that can be used.
 */
export function resolveConnection(flags: ConnectionFlags, io: ConnectionIo): Connection {
  const requestTimeout = parseTimeout(flags.requestTimeout);
  const selection = select(loadKubeconfig(flags.kubeconfig, io), flags);
  const pod = inCluster(io);
  const server = flags.server || selection.cluster.server || io.env.KUBERNETES_MASTER;
  if (!server && isEmpty(selection) && pod) return inPod(pod, flags, io, requestTimeout);
  const connection = fromSelection(selection, server, flags, io);
  return {
    ...connection,
    namespace: flags.namespace || selection.context.namespace || pod?.namespace || "default",
    requestTimeout,
  };
}

const isEmpty = ({ cluster }: Selection): boolean => Object.keys(cluster.all).length === 0;

function fromSelection(
  selection: Selection,
  given: string | undefined,
  flags: ConnectionFlags,
  io: ConnectionIo,
): Omit<Connection, "namespace" | "requestTimeout"> {
  const { contextName, cluster, clusterName, user, userName } = selection;
  if (!given && isEmpty(selection)) throw noConfiguration();
  const problems: Problems = [];
  if (!given) problems.push(`no server found for cluster "${clusterName}"`);
  const server = serverUrl(given ?? "", problems);
  const insecure =
    flags.insecureSkipTlsVerify || (!flags.certificateAuthority && cluster["insecure-skip-tls-verify"]);
  const authority = flags.insecureSkipTlsVerify
    ? undefined
    : fileOrData(
        {
          what: "certificate-authority",
          owner: clusterName,
          flag: flags.certificateAuthority,
          origin: cluster.origin,
        },
        { file: cluster["certificate-authority"], data: cluster["certificate-authority-data"] },
        io,
        problems,
      );
  if (insecure && authority?.length) {
    problems.push("specifying a root certificates file with the insecure flag is not allowed");
  }
  const proxy = proxyOf(cluster["proxy-url"], clusterName, problems) ?? proxyFromEnvironment(server, io.env);
  const credentials = credentialsOf(userName, user, flags, io, problems);
  const impersonate = impersonationOf(userName, user, flags, problems);
  if (problems.length > 0) throw unusable(problems);
  const tlsServerName = flags.tlsServerName || (flags.server ? undefined : cluster["tls-server-name"]);
  const execConfig = execExtension(cluster.extensions);
  return {
    server,
    ...(contextName && { context: contextName }),
    ...(tlsServerName && { tlsServerName }),
    insecureSkipTlsVerify: insecure ?? false,
    ...(authority?.length && { certificateAuthority: authority }),
    credentials: server.startsWith("https:") ? credentials : {},
    ...(impersonate && { impersonate }),
    ...(proxy && { proxy }),
    disableCompression: cluster["disable-compression"] ?? false,
    ...(execConfig !== undefined && { execConfig }),
  };
}

/** In a pod only server, token and authority can be overridden, and who to impersonate. */
function inPod(
  pod: NonNullable<ReturnType<typeof inCluster>>,
  flags: ConnectionFlags,
  io: ConnectionIo,
  requestTimeout: number,
): Connection {
  const problems: Problems = [];
  const authority = fileOrData(
    {
      what: "certificate-authority",
      owner: "in-cluster",
      flag: flags.certificateAuthority,
      origin: undefined,
    },
    { file: undefined, data: pod.certificateAuthority },
    io,
    problems,
  );
  const impersonate = impersonationOf("in-cluster", { all: {} }, flags, problems);
  if (problems.length > 0) throw unusable(problems);
  const insecure = flags.insecureSkipTlsVerify ?? false;
  return {
    server: pod.server,
    namespace: flags.namespace || pod.namespace,
    insecureSkipTlsVerify: insecure,
    ...(authority && !insecure && { certificateAuthority: authority }),
    credentials: flags.token ? { token: flags.token } : pod.credentials,
    ...(impersonate && { impersonate }),
    requestTimeout,
    disableCompression: false,
  };
}

/** A server is a URL or a `host:port`, which is `http://` (client-go, `rest.DefaultServerURL`). */
function serverUrl(given: string, problems: Problems): string {
  const text = /^https?:\/\//i.test(given) ? given : `http://${given}`;
  if (given && !URL.canParse(text)) problems.push(`host must be a URL or a host:port pair: "${given}"`);
  if (!URL.canParse(text)) return "http://localhost";
  const url = new URL(text);
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, "")}`;
}

function proxyOf(url: string | undefined, cluster: string, problems: Problems): string | undefined {
  if (!url) return undefined;
  const scheme = URL.canParse(url) ? new URL(url).protocol.replace(":", "") : "";
  if (["http", "https", "socks5"].includes(scheme)) return url;
  // Without the URL, which may hold a password.
  problems.push(
    `invalid 'proxy-url' for cluster "${cluster}": unsupported scheme "${scheme}", must be http, https, or socks5`,
  );
  return undefined;
}

function execExtension(extensions: unknown): unknown {
  if (!Array.isArray(extensions)) return undefined;
  const found = extensions.find(
    (item: { name?: unknown } | null) => item?.name === "client.authentication.k8s.io/exec",
  ) as { extension?: unknown } | undefined;
  return found?.extension;
}

function unusable(problems: Problems): KubeconfigError {
  return new KubeconfigError(
    problems.length === 1
      ? `error: ${problems[0]}`
      : ["Error in configuration: ", ...problems.map((problem) => `* ${problem}`)].join("\n"),
  );
}

function noConfiguration(): KubeconfigError {
  return new KubeconfigError(
    [
      "error: Missing or incomplete configuration info.  Please point to an existing, complete config file:",
      "",
      "  1. Via the command-line flag --kubeconfig",
      "  2. Via the KUBECONFIG environment variable",
      "  3. In your home directory as ~/.kube/config",
      "",
      "Without a cluster at hand, `sts sandbox up` starts one on this machine.",
    ].join("\n"),
  );
}
