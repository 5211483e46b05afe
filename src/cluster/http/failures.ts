import type { PeerCertificate } from "node:tls";
import { ConnectionError } from "../errors.js";

interface NetworkError extends Error {
  code?: string;
  address?: string;
  port?: number;
  hostname?: string;
  host?: string;
  cert?: PeerCertificate;
}

/** What a failed request is told with: Go's words, because kubectl's users search for them, and what to do. */
interface Explanation {
  text: (error: NetworkError, url: URL) => string;
  hint?: string;
}

const say = (text: string, hint?: string): Explanation => ({ text: () => text, ...(hint && { hint }) });
const dial = (problem: string, hint?: string): Explanation => ({
  text: ({ address, port }, url) => `dial tcp ${address ? `${address}:${port}` : hostPort(url)}: ${problem}`,
  ...(hint && { hint }),
});
const x509 = (problem: string, hint: string): Explanation =>
  say(`tls: failed to verify certificate: x509: ${problem}`, hint);
const alert = (problem: string, hint: string): Explanation => say(`remote error: tls: ${problem}`, hint);

const checkServer =
  "Check the server in the kubeconfig (or --server), and that a VPN or proxy that it needs is up.";
const checkAuthority =
  "The cluster's authority is not known here: set certificate-authority in the kubeconfig, or --certificate-authority=FILE.";
const checkClient =
  "The server refused the client certificate: get a new kubeconfig, or renew the certificate.";
const unknownAuthority = x509("certificate signed by unknown authority", checkAuthority);
const expired = x509(
  "certificate has expired or is not yet valid",
  "Renew the API server's certificate, or check the clock of this machine.",
);

/** By `code` of the error that Node reports. */
const explanations: Record<string, Explanation> = {
  ENOTFOUND: {
    text: ({ hostname }, url) => `dial tcp: lookup ${hostname ?? url.hostname}: no such host`,
    hint: checkServer,
  },
  EAI_AGAIN: {
    text: ({ hostname }, url) =>
      `dial tcp: lookup ${hostname ?? url.hostname}: Temporary failure in name resolution`,
    hint: checkServer,
  },
  ETIMEDOUT: dial("i/o timeout", checkServer),
  EHOSTUNREACH: dial("connect: no route to host", checkServer),
  ENETUNREACH: dial("connect: network is unreachable", checkServer),
  ECONNRESET: say("read: connection reset by peer"),
  EPIPE: say("write: broken pipe"),
  EOF: say("EOF"),
  UNEXPECTED_EOF: say("unexpected EOF"),
  HEADERS_TIMEOUT: say("net/http: timeout awaiting response headers"),
  HANDSHAKE_TIMEOUT: say("net/http: TLS handshake timeout", checkServer),
  CLIENT_TIMEOUT: say("context deadline exceeded", "The server took longer than --request-timeout allows."),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  CERT_HAS_EXPIRED: expired,
  CERT_NOT_YET_VALID: expired,
  ERR_TLS_CERT_ALTNAME_INVALID: {
    text: ({ cert, host }, url) =>
      `tls: failed to verify certificate: x509: ${wrongName(cert?.subjectaltname, host ?? url.hostname)}`,
    hint: "Use one of its names as server, or name it with --tls-server-name.",
  },
  EPROTO: say("http: server gave HTTP response to HTTPS client", "Use an http:// URL, or another port."),
  ERR_SSL_WRONG_VERSION_NUMBER: say(
    "http: server gave HTTP response to HTTPS client",
    "Use an http:// URL, or another port.",
  ),
  ERR_SSL_PACKET_LENGTH_TOO_LONG: say("tls: first record does not look like a TLS handshake", checkServer),
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: alert("certificate required", checkClient),
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: alert("bad certificate", checkClient),
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: alert("expired certificate", checkClient),
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: alert("unknown certificate authority", checkClient),
};

/** Says in kubectl's words why there was no answer of the server at `url`, and what to do. */
export function connectionError(error: unknown, url: URL): ConnectionError {
  if (error instanceof ConnectionError) return error;
  const cause: NetworkError = error instanceof Error ? error : new Error(String(error));
  const code = codeOf(cause);
  if (code === "ECONNREFUSED") {
    return new ConnectionError(
      `The connection to the server ${url.host} was refused - did you specify the right host or port?`,
      { cause },
    );
  }
  const explanation =
    explanations[code] ?? say(code.startsWith("HPE_") ? "malformed HTTP response" : cause.message);
  const message = `Unable to connect to the server: ${explanation.text(cause, url)}`;
  return new ConnectionError(explanation.hint ? `${message}\n${explanation.hint}` : message, { cause });
}

/** The connection went away under a request, which the server may not have seen. */
export function wasReset(error: unknown): boolean {
  const cause = error instanceof ConnectionError ? error.cause : error;
  return cause instanceof Error && ["ECONNRESET", "EPIPE", "EOF", "UNEXPECTED_EOF"].includes(codeOf(cause));
}

function codeOf(error: NetworkError): string {
  if (error.code === "ECONNRESET" && error.message === "socket hang up") return "EOF";
  if (error.code === "ECONNRESET" && error.message === "aborted") return "UNEXPECTED_EOF";
  return error.code ?? "";
}

/** An error of the gateway's own making, with a code of the table above. */
export function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

const hostPort = (url: URL): string =>
  `${url.hostname}:${url.port || (url.protocol === "https:" ? 443 : 80)}`;

function wrongName(alternatives: string | undefined, host: string): string {
  const names = (alternatives ?? "").split(", ").filter((name) => name !== "");
  const isAddress = /^[\d.]+$|:/.test(host);
  const wanted = names.filter((name) => name.startsWith(isAddress ? "IP Address:" : "DNS:"));
  if (isAddress && wanted.length === 0) {
    return `cannot validate certificate for ${host} because it doesn't contain any IP SANs`;
  }
  const known = (wanted.length > 0 ? wanted : names).map((name) => name.replace(/^[^:]*:/, "")).join(", ");
  return known ? `certificate is valid for ${known}, not ${host}` : "certificate is not valid for any names";
}
