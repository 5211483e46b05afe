import type { Agent } from "node:http";
import type { Agent as HttpsAgent, AgentOptions, RequestOptions } from "node:https";
import { KubeConfig } from "@kubernetes/client-node";
import { ConnectionError, KubeconfigError } from "../errors.js";
import type { AuthProvider, Connection } from "../kubeconfig/connection.js";
import type { Authenticator } from "./authenticator.js";

const NAME = "sts";

/** Authenticates with an auth-provider of the kubeconfig that client-node knows, other than `oidc`. */
export function providerAuthenticator(provider: AuthProvider, connection: Connection): Authenticator {
  const config = configFor(connection, provider);
  return {
    async credential() {
      const headers: NonNullable<RequestOptions["headers"]> = {};
      await config.applyToHTTPSOptions({ headers }).catch((error: unknown) => {
        throw new ConnectionError(
          `Unable to connect to the server: auth-provider "${provider.name}": ${reasonOf(error)}`,
        );
      });
      const authorization = "Authorization" in headers ? headers.Authorization : undefined;
      if (typeof authorization !== "string") {
        throw new KubeconfigError(
          `error: no Auth Provider found for name "${provider.name}", or it has no token\n` +
            "Log in again, or use an exec plugin: the gcp and azure providers were removed from Kubernetes in 1.26.",
        );
      }
      return { authorization };
    },
    renew: () => false,
  };
}

/** An agent that goes through the connection's proxy, HTTP (CONNECT) or SOCKS5, with client-node's packages for both. */
export async function proxyAgent(connection: Connection, options: AgentOptions): Promise<Agent> {
  const config = configFor(connection);
  const request: RequestOptions = { headers: {} };
  const { ca, cert, key, servername, rejectUnauthorized } = options;
  await config.applyToHTTPSOptions(request);
  const { agent } = request;
  if (typeof agent !== "object")
    throw new ConnectionError("Unable to connect to the server: the proxy cannot be used");
  const https = agent as HttpsAgent;
  Object.assign(https.options, { ca, cert, key, servername, rejectUnauthorized, keepAlive: true });
  // client-node leaves these at their defaults, one connection a request.
  Object.assign(https, { keepAlive: true, maxSockets: options.maxSockets ?? Infinity });
  return https;
}

function configFor(connection: Connection, authProvider?: AuthProvider): KubeConfig {
  const { server, proxy } = connection;
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [
      // Whether to verify is up to our own agent; client-node just refuses plain HTTP unless told.
      { name: NAME, server, skipTLSVerify: server.startsWith("http:"), ...(proxy && { proxyUrl: proxy }) },
    ],
    users: [
      {
        name: NAME,
        ...(authProvider && { authProvider: { ...authProvider, config: { ...authProvider.config } } }),
      },
    ],
    contexts: [{ name: NAME, cluster: NAME, user: NAME }],
    currentContext: NAME,
  });
  return config;
}

/** The kind of a failure, without words that could quote a token. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "failed";
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return code === "Error" ? "failed" : code;
}
