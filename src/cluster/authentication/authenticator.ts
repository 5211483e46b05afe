import type { GatewayDeps } from "../deps.js";
import { ConnectionError } from "../errors.js";
import type { Connection } from "../kubeconfig/connection.js";

/** What a request carries to prove who sends it. */
export interface Credential {
  /** Value of the `Authorization` header. */
  authorization?: string;
  /** PEM of a client certificate and its key, from an exec plugin. */
  certificate?: string | Buffer;
  key?: string | Buffer;
}

export interface Authenticator {
  credential(): Promise<Credential> | Credential;
  /** The server answered 401. True when another credential may be had, so that trying again makes sense. */
  renew(): boolean;
}

/** As client-go re-reads a projected token (`transport.NewCachedFileTokenSource`). */
const TOKEN_FILE_MS = 10_000;

/**
 * Picks how requests of a connection are authenticated. Plugins are loaded only when they are used: exec plugins and
 * OIDC with modules of ours, other auth-providers with client-node.
 */
export function authenticatorOf(connection: Connection, deps: GatewayDeps): Authenticator {
  const { token, tokenFile, basic, exec, authProvider } = connection.credentials;
  if (tokenFile) return fromFile(tokenFile, token, deps);
  if (token) return fixed({ authorization: `Bearer ${token}` });
  if (basic) {
    const pair = Buffer.from(`${basic.username}:${basic.password}`).toString("base64");
    return fixed({ authorization: `Basic ${pair}` });
  }
  if (exec) {
    return lazy(async () => (await import("./exec.js")).execAuthenticator(exec, connection, deps));
  }
  if (authProvider?.name === "oidc") {
    return lazy(async () => (await import("./oidc.js")).oidcAuthenticator(authProvider, deps));
  }
  if (authProvider) {
    return lazy(async () => (await import("./plugins.js")).providerAuthenticator(authProvider, connection));
  }
  return fixed({});
}

function fixed(credential: Credential): Authenticator {
  return { credential: () => credential, renew: () => false };
}

function fromFile(file: string, fallback: string | undefined, { now, readFile }: GatewayDeps): Authenticator {
  let cached: { token: string; readAt: number } | undefined;
  let rejected: string | undefined;
  const read = (): string => {
    try {
      return readFile(file).toString("utf8").trim();
    } catch (error) {
      if (fallback) return fallback;
      const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
      throw new ConnectionError(
        `Unable to connect to the server: failed to read token file "${file}": ${code}`,
      );
    }
  };
  return {
    credential() {
      if (!cached || now() - cached.readAt >= TOKEN_FILE_MS) cached = { token: read(), readAt: now() };
      return { authorization: `Bearer ${cached.token}` };
    },
    renew() {
      const token = read();
      if (token === cached?.token || token === rejected) return false;
      rejected = cached?.token;
      cached = { token, readAt: now() };
      return true;
    },
  };
}

function lazy(load: () => Promise<Authenticator>): Authenticator {
  let loading: Promise<Authenticator> | undefined;
  let loaded: Authenticator | undefined;
  return {
    async credential() {
      loaded ??= await (loading ??= load());
      return loaded.credential();
    },
    renew: () => loaded?.renew() ?? false,
  };
}
