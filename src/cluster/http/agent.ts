import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent, type AgentOptions } from "node:https";
import { createSecureContext, rootCertificates } from "node:tls";
import type { Credential } from "../authentication/authenticator.js";
import type { GatewayDeps } from "../deps.js";
import { KubeconfigError } from "../errors.js";
import type { Connection } from "../kubeconfig/connection.js";

/** Connections at a time: past this, requests wait for one another (measured: more gain nothing). */
const MAX_SOCKETS = 32;

/** Where systems keep the authorities they trust; Node knows only its own list (Go's `crypto/x509`, root_linux.go). */
const systemAuthorities = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** The keep-alive agent of a connection, with the client certificate of `credential` if it brings one. */
export async function agentFor(
  connection: Connection,
  credential: Credential,
  deps: GatewayDeps,
): Promise<HttpAgent> {
  const isTls = connection.server.startsWith("https:");
  const options: AgentOptions = {
    keepAlive: true,
    // Probes of the kernel find half-open connections that lie idle.
    keepAliveMsecs: 30_000,
    maxSockets: MAX_SOCKETS,
  };
  const tls = isTls ? tlsOptions(connection, credential, deps) : {};
  try {
    if (connection.proxy)
      return (await import("../authentication/plugins.js")).proxyAgent(connection, { ...options, ...tls });
    return isTls ? new HttpsAgent({ ...options, ...prepared(tls) }) : new HttpAgent(options);
  } catch (error) {
    throw unusable(error);
  }
}

function tlsOptions(connection: Connection, credential: Credential, deps: GatewayDeps): AgentOptions {
  const cert = credential.certificate ?? connection.credentials.certificate;
  const key = credential.key ?? connection.credentials.key;
  const ca = connection.insecureSkipTlsVerify
    ? undefined
    : (connection.certificateAuthority ?? systemRoots(deps));
  return {
    ...(ca && { ca }),
    ...(cert && key && { cert, key }),
    ...(connection.tlsServerName && { servername: connection.tlsServerName }),
    rejectUnauthorized: !connection.insecureSkipTlsVerify,
  };
}

/** The certificates made ready once: an agent takes them in anew for each connection, and compares them for each request. */
function prepared({ ca, cert, key, ...rest }: AgentOptions): AgentOptions {
  return { ...rest, secureContext: createSecureContext({ ca, cert, key }) };
}

function systemRoots({ env, readFile }: GatewayDeps): (string | Buffer)[] | undefined {
  for (const file of env.SSL_CERT_FILE ? [env.SSL_CERT_FILE] : systemAuthorities) {
    try {
      return [...rootCertificates, readFile(file)];
    } catch {
      continue;
    }
  }
  return undefined;
}

/** OpenSSL refused the certificate, key or authority before anything was sent. Its words hold no secret; the key itself would. */
export function unusable(error: unknown): Error {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ERR_OSSL_X509_KEY_VALUES_MISMATCH") {
    return new KubeconfigError("error: tls: private key does not match public key");
  }
  // Node's OpenSSL, and Bun's BoringSSL.
  if (code.startsWith("ERR_OSSL_") || code === "ERR_BORINGSSL") {
    return new KubeconfigError(
      `error: the certificates or the key of the kubeconfig cannot be used (${code})\n` +
        "Check client-certificate, client-key and certificate-authority: each must hold PEM.",
    );
  }
  return error instanceof Error ? error : new Error(String(error));
}
