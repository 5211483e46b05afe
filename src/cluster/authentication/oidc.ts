import { request } from "node:https";
import { text } from "node:stream/consumers";
import type { GatewayDeps } from "../deps.js";
import { ConnectionError } from "../errors.js";
import { connectionError } from "../http/failures.js";
import type { AuthProvider } from "../kubeconfig/connection.js";
import type { Authenticator } from "./authenticator.js";

/** A token that ends so soon is renewed already, as client-go's provider does. */
const LEEWAY_MS = 10_000;

/**
 * The `oidc` auth-provider: sends the ID token, and gets a new one with the refresh token when it ends. Written out
 * because client-node 2.0 fails to refresh where the issuer has an authority of its own. The new token is kept for this
 * run only: the kubeconfig is not ours to write.
 */
export function oidcAuthenticator({ config }: AuthProvider, { now, readFile }: GatewayDeps): Authenticator {
  let token = config["id-token"] ?? "";
  let refreshToken = config["refresh-token"];
  let refreshing: Promise<void> | undefined;

  const refresh = async (): Promise<void> => {
    const issuer = config["idp-issuer-url"];
    if (!refreshToken || !issuer) {
      throw failed(
        "the ID token has expired, and there is no refresh-token or idp-issuer-url to renew it with",
      );
    }
    const ca = authority(config, readFile);
    const base = issuer.replace(/\/$/, "");
    const { token_endpoint: endpoint } = await ask(`${base}/.well-known/openid-configuration`, ca);
    if (!endpoint) throw failed("the issuer names no token endpoint");
    const form = new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken });
    const answer = await ask(endpoint, ca, { form, login: login(config) });
    if (!answer.id_token) throw failed("the issuer gave no new ID token");
    token = answer.id_token;
    refreshToken = answer.refresh_token ?? refreshToken;
  };

  return {
    async credential() {
      if (expiryOf(token) - LEEWAY_MS <= now()) {
        await (refreshing ??= refresh().finally(() => (refreshing = undefined)));
      }
      return { authorization: `Bearer ${token}` };
    },
    renew: () => false,
  };
}

/** RFC 6749, 2.3.1: as a user name and password, each form-encoded. */
function login(config: AuthProvider["config"]): string {
  const [id, secret] = [config["client-id"] ?? "", config["client-secret"] ?? ""].map(encodeURIComponent);
  return `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
}

function authority(config: AuthProvider["config"], readFile: GatewayDeps["readFile"]): Buffer | undefined {
  const { "idp-certificate-authority-data": data, "idp-certificate-authority": file } = config;
  if (data) return Buffer.from(data, "base64");
  return file ? readFile(file) : undefined;
}

/** Milliseconds since 1970; a token that cannot be read has expired. */
function expiryOf(token: string): number {
  try {
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as {
      exp?: number;
    };
    return (claims.exp ?? 0) * 1000;
  } catch {
    return 0;
  }
}

type Answer = Partial<Record<"token_endpoint" | "id_token" | "refresh_token", string>>;

async function ask(
  url: string,
  ca: Buffer | undefined,
  post?: { form: URLSearchParams; login: string },
): Promise<Answer> {
  if (!url.startsWith("https:")) throw failed(`the issuer must be an https URL, not ${url}`);
  const body = post && Buffer.from(post.form.toString());
  const headers = {
    accept: "application/json",
    ...(post && { authorization: post.login, "content-type": "application/x-www-form-urlencoded" }),
    ...(body && { "content-length": body.length }),
  };
  const { status, said } = await new Promise<{ status: number; said: string }>((resolve, reject) => {
    const sent = request(url, { method: post ? "POST" : "GET", headers, ...(ca && { ca }) }, (response) => {
      text(response).then((said) => resolve({ status: response.statusCode ?? 0, said }), reject);
    });
    sent.on("error", reject);
    sent.setTimeout(30_000, () => sent.destroy(Object.assign(new Error("timeout"), { code: "ETIMEDOUT" })));
    sent.end(body);
  }).catch((error: unknown) => {
    throw failed(connectionError(error, new URL(url)).message);
  });
  // Without the body: it may quote the token.
  if (status !== 200) throw failed(`${new URL(url).origin} answered with status ${status}: log in again`);
  try {
    return JSON.parse(said) as Answer;
  } catch {
    throw failed(`${new URL(url).origin} answered with something that is not JSON`);
  }
}

const failed = (text: string): ConnectionError =>
  new ConnectionError(`Unable to connect to the server: failed to refresh token: ${text}`);
