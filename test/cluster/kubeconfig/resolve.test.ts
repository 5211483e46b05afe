import { describe, expect, test } from "vitest";
import type { Connection, ConnectionFlags } from "../../../src/cluster/index.js";
import { config, resolve, usual } from "./support.js";

describe("flags override what the kubeconfig says", () => {
  const given = (flags: ConnectionFlags, files: Record<string, string> = {}): Connection => {
    const world = config(usual);
    return resolve(flags, { files: { ...world.files, ...files } });
  };

  test.each<[ConnectionFlags, Partial<Connection>]>([
    [{}, { server: "https://c:6443", namespace: "ns", context: "x", tlsServerName: "inside" }],
    [{ namespace: "other" }, { namespace: "other" }],
    [{ cluster: "d" }, { server: "https://d:6443", insecureSkipTlsVerify: true }],
    [{ token: "flag" }, { credentials: { token: "flag" } }],
    [{ user: "v" }, { credentials: { certificate: Buffer.from("A"), key: Buffer.from("B") } }],
    [{ requestTimeout: "1m30s" }, { requestTimeout: 90_000 }],
    [{ requestTimeout: "5" }, { requestTimeout: 5000 }],
    [{ requestTimeout: "0" }, { requestTimeout: 0 }],
    [
      { as: "jane", asGroup: ["g"], asUid: "7" },
      { impersonate: { user: "jane", uid: "7", groups: ["g"], extra: {} } },
    ],
    [{ cluster: "d", insecureSkipTlsVerify: false }, { insecureSkipTlsVerify: true }],
  ])("%j", (flags, expected) => {
    expect(given(flags)).toMatchObject(expected);
  });

  test("--server clears the kubeconfig's tls-server-name, and keeps the one of the flag", () => {
    expect(given({ server: "https://e" }).tlsServerName).toBeUndefined();
    expect(given({ server: "https://e", tlsServerName: "n" }).tlsServerName).toBe("n");
  });

  test("--insecure-skip-tls-verify drops the authority, --certificate-authority drops insecure", () => {
    expect(given({ insecureSkipTlsVerify: true })).not.toHaveProperty("certificateAuthority");
    const flags = { cluster: "d", certificateAuthority: "ca.crt" };
    const connection = given(flags, { "/here/ca.crt": "FLAG" });
    expect(connection).toMatchObject({
      insecureSkipTlsVerify: false,
      certificateAuthority: Buffer.from("FLAG"),
    });
  });

  test("certificate files of flags replace data, relative to where we are", () => {
    const flags = { user: "v", clientCertificate: "c.crt", clientKey: "/k.key" };
    const { credentials } = given(flags, { "/here/c.crt": "C", "/k.key": "K" });
    expect(credentials).toEqual({ certificate: Buffer.from("C"), key: Buffer.from("K") });
  });

  test("a server without a scheme is http, which carries no credentials", () => {
    expect(given({ server: "localhost:8080", token: "t" })).toMatchObject({
      server: "http://localhost:8080",
      credentials: {},
    });
  });
});

describe("in a pod", () => {
  const folder = "/var/run/secrets/kubernetes.io/serviceaccount";
  const pod = {
    files: { [`${folder}/token`]: "T", [`${folder}/ca.crt`]: "CA", [`${folder}/namespace`]: "team\n" },
    env: { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" },
  };

  test("its service account is used when there is no kubeconfig", () => {
    expect(resolve({}, pod)).toMatchObject({
      server: "https://[fd00::1]:443",
      namespace: "team",
      certificateAuthority: Buffer.from("CA"),
      credentials: { tokenFile: `${folder}/token` },
    });
  });

  test("flags and POD_NAMESPACE count", () => {
    expect(resolve({ namespace: "n", token: "f" }, pod)).toMatchObject({
      namespace: "n",
      credentials: { token: "f" },
    });
    expect(resolve({}, { ...pod, env: { ...pod.env, POD_NAMESPACE: "p" } }).namespace).toBe("p");
  });

  test("a kubeconfig goes first, but leaves the namespace to the pod unless it says one", () => {
    const contexts = [{ name: "x", context: { cluster: "c", user: "u" } }];
    const { files } = config({ ...usual, contexts });
    expect(resolve({}, { ...pod, files: { ...pod.files, ...files } })).toMatchObject({
      server: "https://c:6443",
      namespace: "team",
    });
  });
});
