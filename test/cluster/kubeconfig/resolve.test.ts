import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Connection,
  type ConnectionFlags,
  KubeconfigError,
  resolveConnection,
} from "../../../src/cluster/index.js";

interface World {
  files?: Record<string, string>;
  env?: Record<string, string>;
}

/** A world of a few files, in which everything else is missing. */
function resolve(flags: ConnectionFlags, { files = {}, env = {} }: World = {}): Connection {
  const readFile = (name: string): Buffer => {
    const content = files[name];
    if (content === undefined) throw Object.assign(new Error(`ENOENT: ${name}`), { code: "ENOENT" });
    if (content === "<folder>") throw Object.assign(new Error("EISDIR"), { code: "EISDIR" });
    return Buffer.from(content);
  };
  return resolveConnection(flags, { env, home: "/home/me", cwd: "/here", readFile });
}

function refusal(flags: ConnectionFlags, world?: World): string {
  try {
    resolve(flags, world);
  } catch (error) {
    expect(error).toBeInstanceOf(KubeconfigError);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

const config = (fields: object): World => ({ files: { "/home/me/.kube/config": JSON.stringify(fields) } });

const usual = {
  clusters: [
    {
      name: "c",
      cluster: {
        server: "https://c:6443",
        "tls-server-name": "inside",
        "certificate-authority-data": "Q0E=",
      },
    },
    { name: "d", cluster: { server: "https://d:6443", "insecure-skip-tls-verify": true } },
  ],
  users: [
    { name: "u", user: { token: "from-config" } },
    { name: "v", user: { "client-certificate-data": "QQ==", "client-key-data": "Qg==" } },
  ],
  contexts: [{ name: "x", context: { cluster: "c", user: "u", namespace: "ns" } }],
  "current-context": "x",
};

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

describe("what is wrong is said once, with what and where", () => {
  test("no configuration says where one is looked for, and what to do", () => {
    const message = refusal({});
    expect(message).toMatch(/^error: Missing or incomplete configuration info/);
    expect(message).toContain("sts sandbox up");
    expect(refusal({}, { env: { KUBECONFIG: "/gone:" } })).toBe(message);
  });

  test("KUBERNETES_MASTER and --server are configuration enough", () => {
    expect(resolve({}, { env: { KUBERNETES_MASTER: "http://m:1" } }).server).toBe("http://m:1");
    expect(resolve({ server: "https://s" }).server).toBe("https://s");
  });

  test.each<[ConnectionFlags, string]>([
    [
      { context: "nope" },
      "Error in configuration: context was not found for specified context: nope\nThe kubeconfig has: x.",
    ],
    [{ cluster: "nope" }, 'error: cluster "nope" does not exist\nThe kubeconfig has: c, d.'],
    [{ user: "nope" }, 'error: auth info "nope" does not exist\nThe kubeconfig has: u, v.'],
    [{ kubeconfig: "gone" }, "error: stat gone: no such file or directory"],
    [{ requestTimeout: "soon" }, "error: Invalid timeout value. Timeout must be a single integer in seconds"],
    [{ asUid: "7" }, "error: requesting uid, groups or user-extra for u without impersonating a user"],
    [
      { certificateAuthority: "gone" },
      "error: unable to read certificate-authority /here/gone for c due to open /here/gone: no such file",
    ],
    [
      { clientCertificate: "gone" },
      "Error in configuration: \n* unable to read client-cert /here/gone for u",
    ],
    [{ server: "http://[" }, 'error: host must be a URL or a host:port pair: "http://["'],
  ])("%j", (flags, message) => {
    expect(refusal(flags, config(usual))).toContain(message);
  });

  test.each<[string, object, string]>([
    [
      "a context's cluster",
      { contexts: [{ name: "x", context: { cluster: "gone" } }] },
      'cluster "gone" was not found for context "x"',
    ],
    [
      "a context's user",
      { contexts: [{ name: "x", context: { cluster: "c", user: "gone" } }] },
      'user "gone" was not found for context "x"',
    ],
    [
      "the current context",
      { "current-context": "gone" },
      "context was not found for specified context: gone",
    ],
    [
      "a cluster without a server",
      { clusters: [{ name: "c", cluster: { "tls-server-name": "x" } }] },
      'no server found for cluster "c"',
    ],
    [
      "two ways to log in",
      { users: [{ name: "u", user: { token: "t", username: "n" } }] },
      "found [token basicAuth], only one is allowed",
    ],
    [
      "a certificate without a key",
      { users: [{ name: "u", user: { "client-certificate-data": "QQ==" } }] },
      "client-key-data or client-key must be specified for u",
    ],
    [
      "a proxy of another kind",
      { clusters: [{ name: "c", cluster: { server: "https://c", "proxy-url": "ftp://u:secret@p" } }] },
      'unsupported scheme "ftp", must be http, https, or socks5',
    ],
    [
      "an exec plugin without a mode",
      {
        users: [
          { name: "u", user: { exec: { command: "x", apiVersion: "client.authentication.k8s.io/v1" } } },
        ],
      },
      "interactiveMode must be specified for u to use exec authentication plugin",
    ],
    [
      "an exec plugin without anything",
      { users: [{ name: "u", user: { exec: {} } }] },
      "* command must be specified for u",
    ],
  ])("%s", (_, fields, message) => {
    const told = refusal({}, config({ ...usual, ...fields }));
    expect(told).toContain(message);
    expect(told).not.toContain("secret");
  });

  test.each([
    ["a: [", /^error: error loading config file "\/home\/me\/.kube\/config": .*line 1/],
    ["\tx: 1", /error loading config file .* line 1, column 1/],
    ["clusters: 3", /: clusters: expected a list$/],
    ["[]", /: expected an object, found a list$/],
    ["foo", /: expected an object, found other text$/],
    [
      "users: [{name: u, user: {token: 31337}}]",
      /: users\[0\].user.token: expected a string, found a number$/,
    ],
    [
      "users: [{name: u, user: {client-key-data: '%%'}}]",
      /: users\[0\].user.client-key-data: expected base64, found other text$/,
    ],
    ["clusters: [{name: a},{name: a}]", /: clusters\[1\]: duplicate name "a" in list$/],
    ["apiVersion: v2", /: no kind "Config" is registered for version "v2"$/],
    ["kind: Pod", /: no kind "Pod" is registered for version "v1"$/],
    [
      "a: &a [1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]",
      /alias/,
    ],
    ["<folder>", /is a directory$/],
  ])("a file that holds %j", (content, message) => {
    expect(refusal({}, { files: { "/home/me/.kube/config": content } })).toMatch(message);
  });

  test("no file, whatever is in it, leads to anything but a connection or a KubeconfigError", () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        tie("list"),
        tie("object"),
      ),
      list: fc.array(tie("any"), { maxLength: 3 }),
      object: fc.dictionary(
        fc.constantFrom(
          "clusters",
          "cluster",
          "users",
          "user",
          "contexts",
          "name",
          "server",
          "exec",
          "env",
          "extensions",
          "as-user-extra",
          "auth-provider",
        ),
        tie("any"),
      ),
    })).any;
    const text = fc.oneof(
      fc.string(),
      value.map((content) => JSON.stringify(content)),
    );
    fc.assert(
      fc.property(text, (content) => {
        try {
          resolve({}, { files: { "/home/me/.kube/config": content } });
        } catch (error) {
          if (!(error instanceof KubeconfigError)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("proxies of the environment", () => {
  const server = (url: string, env: Record<string, string>): string | undefined =>
    resolve({ server: url }, { env }).proxy;

  test.each([
    ["https://k.example", { HTTPS_PROXY: "http://p:1" }, "http://p:1"],
    ["https://k.example", { https_proxy: "p:1" }, "http://p:1"],
    ["https://k.example", { HTTP_PROXY: "http://p:1", ALL_PROXY: "http://q" }, undefined],
    ["http://k.example", { HTTP_PROXY: "http://p:1" }, "http://p:1"],
    ["https://127.0.0.1:6443", { HTTPS_PROXY: "http://p:1" }, undefined],
    ["https://localhost:6443", { HTTPS_PROXY: "http://p:1" }, undefined],
    ["https://[::1]:6443", { HTTPS_PROXY: "http://p:1" }, undefined],
  ])("%s with %j", (url, env, expected) => {
    expect(server(url, env)).toBe(expected);
  });

  test.each([
    ["*", true],
    ["k.example", true],
    ["example", true],
    [".example", true],
    ["other, K.Example", true],
    ["k.example:443", true],
    ["k.example:6443", false],
    [".k.example", false],
    ["ample", false],
    ["10.0.0.0/8", false],
  ])("NO_PROXY=%s for k.example", (list, exempt) => {
    const env = { HTTPS_PROXY: "http://p:1", NO_PROXY: list };
    expect(server("https://k.example", env)).toBe(exempt ? undefined : "http://p:1");
  });

  test.each([
    ["https://10.1.2.3", "10.0.0.0/8", true],
    ["https://11.1.2.3", "10.0.0.0/8", false],
    ["https://10.1.2.3", "10.1.2.3", true],
    ["https://[fd00::12]", "fd00::/16", true],
    ["https://[fe00::12]", "fd00::/16", false],
    ["https://[fd00::12]", "fd00::12", true],
    ["https://[fd00::12]:6443", "10.0.0.0/8", false],
  ])("%s with NO_PROXY=%s", (url, list, exempt) => {
    expect(server(url, { HTTPS_PROXY: "http://p:1", NO_PROXY: list })).toBe(
      exempt ? undefined : "http://p:1",
    );
  });
});
