import { spawn } from "node:child_process";
import type { GatewayDeps } from "../deps.js";
import { ConnectionError } from "../errors.js";
import type { Connection, ExecPlugin } from "../kubeconfig/connection.js";
import type { Authenticator, Credential } from "./authenticator.js";

const GROUP = "client.authentication.k8s.io";
const versions = [`${GROUP}/v1`, `${GROUP}/v1beta1`];

interface Answer extends Credential {
  /** Milliseconds since 1970; left out, it lasts as long as we do. */
  expiresAt?: number;
}

/**
 * Runs a credential plugin and keeps what it answers until that expires or is refused (Kubernetes docs,
 * "client-go credential plugins"; client-node's own lacks interactiveMode and KUBERNETES_EXEC_INFO). Its output is a
 * secret and reaches no message; what it says on stderr goes to the user, as kubectl does it.
 */
export function execAuthenticator(
  plugin: ExecPlugin,
  connection: Connection,
  deps: GatewayDeps,
): Authenticator {
  let running: Promise<Answer> | undefined;
  let answer: Answer | undefined;
  return {
    credential() {
      if (answer && (answer.expiresAt === undefined || answer.expiresAt > deps.now())) return answer;
      running ??= run(plugin, connection, deps)
        .then((fresh) => (answer = fresh))
        .finally(() => (running = undefined));
      return running;
    },
    renew() {
      answer = undefined;
      return true;
    },
  };
}

async function run(plugin: ExecPlugin, connection: Connection, deps: GatewayDeps): Promise<Answer> {
  if (!versions.includes(plugin.apiVersion)) fail(`exec plugin: invalid apiVersion "${plugin.apiVersion}"`);
  const interactive = isInteractive(plugin, deps);
  const info = {
    kind: "ExecCredential",
    apiVersion: plugin.apiVersion,
    spec: { ...(plugin.provideClusterInfo && { cluster: clusterInfo(connection) }), interactive },
  };
  const env = {
    ...deps.env,
    ...Object.fromEntries(plugin.env.map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: JSON.stringify(info),
  };
  return answerOf(await outputOf(plugin, env, interactive), plugin);
}

function isInteractive({ interactiveMode }: ExecPlugin, { interactive = false }: GatewayDeps): boolean {
  if (interactiveMode === "Always" && !interactive) {
    fail(
      "exec plugin cannot support interactive mode: standard input is not a terminal\n" +
        "Run the command in a terminal, or log in with the plugin first.",
    );
  }
  return interactiveMode !== "Never" && interactive;
}

function clusterInfo(connection: Connection): object {
  const {
    server,
    tlsServerName,
    insecureSkipTlsVerify,
    certificateAuthority,
    proxy,
    disableCompression,
    execConfig,
  } = connection;
  return {
    server,
    ...(tlsServerName && { "tls-server-name": tlsServerName }),
    ...(insecureSkipTlsVerify && { "insecure-skip-tls-verify": true }),
    ...(certificateAuthority && { "certificate-authority-data": certificateAuthority.toString("base64") }),
    ...(proxy && { "proxy-url": proxy }),
    ...(disableCompression && { "disable-compression": true }),
    config: execConfig ?? null,
  };
}

function outputOf(plugin: ExecPlugin, env: NodeJS.ProcessEnv, interactive: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(plugin.command, plugin.args, {
      env,
      stdio: [interactive ? "inherit" : "ignore", "pipe", "inherit"],
    });
    const chunks: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", (error) => reject(notStarted(plugin, error)));
    child.on("close", (code, signal) => {
      if (code === 0) resolve(Buffer.concat(chunks).toString("utf8"));
      else reject(problem(`exec: executable ${plugin.command} failed with ${signal ?? `exit code ${code}`}`));
    });
  });
}

function answerOf(output: string, { apiVersion }: ExecPlugin): Answer {
  const { apiVersion: returned, kind, status } = parse(output);
  if (kind !== "ExecCredential") fail("exec plugin didn't return an ExecCredential");
  if (returned !== apiVersion) {
    fail(`exec plugin is configured to use API version ${apiVersion}, plugin returned version ${returned}`);
  }
  if (!status) return fail("exec plugin didn't return a status field");
  const { token, clientCertificateData: certificate, clientKeyData: key, expirationTimestamp } = status;
  if (!token && !certificate && !key) fail("exec plugin didn't return a token or cert/key pair");
  if (Boolean(certificate) !== Boolean(key)) fail("exec plugin returned only certificate or key, not both");
  return {
    ...(token && { authorization: `Bearer ${token}` }),
    ...(certificate && key && { certificate, key }),
    ...(expirationTimestamp && { expiresAt: Date.parse(expirationTimestamp) }),
  };
}

interface ExecCredential {
  apiVersion?: string;
  kind?: string;
  status?: Partial<
    Record<"token" | "clientCertificateData" | "clientKeyData" | "expirationTimestamp", string>
  >;
}

function parse(output: string): ExecCredential {
  try {
    return (JSON.parse(output) ?? {}) as ExecCredential;
  } catch {
    // Without the parser's message: it quotes the text, which is a secret.
    return fail("decoding stdout of the exec plugin: it is not JSON");
  }
}

function notStarted({ command, installHint }: ExecPlugin, error: Error): ConnectionError {
  if (!("code" in error) || error.code !== "ENOENT") return problem(`exec: ${command}: ${error.message}`);
  return problem(
    `exec: executable ${command} not found\n\n` +
      "It looks like you are trying to use a client-go credential plugin that is not installed.\n\n" +
      "To learn more about this feature, consult the documentation available at:\n" +
      "      https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins" +
      (installHint ? `\n\n${printable(installHint)}` : ""),
  );
}

/** A kubeconfig may come from anywhere; its hint must not drive the terminal. */
const printable = (text: string): string => text.replace(/[^\P{Cc}\n\t]/gu, "");

const problem = (text: string): ConnectionError =>
  new ConnectionError(`Unable to connect to the server: getting credentials: ${text}`);

function fail(text: string): never {
  throw problem(text);
}
