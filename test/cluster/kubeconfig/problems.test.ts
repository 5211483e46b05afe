import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ConnectionFlags, KubeconfigError } from "../../../src/cluster/index.js";
import { config, refusal, resolve, usual } from "./support.js";

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
