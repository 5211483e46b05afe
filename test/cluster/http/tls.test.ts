import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { Connection } from "../../../src/cluster/index.js";
import { kinds } from "../../../src/core/kinds.js";
import { type Pair, selfSigned } from "../../support/certificates.js";
import { FakeApiServer, json } from "../../support/fake-api-server.js";
import { rigOn } from "../support.js";

const POD = "GET /api/v1/namespaces/default/pods/p";
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serve(pair: Pair, more: object = {}): Promise<FakeApiServer> {
  const server = await FakeApiServer.start({ ...pair, ...more });
  cleanups.push(() => server.close());
  return server;
}

async function get(server: FakeApiServer, connection: Partial<Connection>): Promise<string> {
  const { cluster, warnings } = rigOn(server, connection);
  cleanups.push(async () => cluster.close());
  const answer = await cluster.get(kinds.pod, { name: "p" }).then(
    () => "ok",
    (error: Error) => error.message,
  );
  return [...warnings.map((warning) => `Warning: ${warning}`), answer].join("\n");
}

test("the server's certificate is checked against the authority of the kubeconfig", async () => {
  const pair = selfSigned({ addresses: ["127.0.0.1"] });
  const server = await serve(pair);
  server.on(POD, json({}));
  expect(await get(server, { certificateAuthority: Buffer.from(pair.cert) })).toBe("ok");
  const other = selfSigned({ addresses: ["127.0.0.1"] });
  const unknown =
    "Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority\n";
  expect(await get(server, { certificateAuthority: Buffer.from(other.cert) })).toContain(unknown);
  expect(await get(server, {})).toContain(unknown);
});

test("not verifying is possible, and warned of", async () => {
  const server = await serve(selfSigned({}));
  server.on(POD, json({}));
  expect(await get(server, { insecureSkipTlsVerify: true })).toMatch(/^Warning: .*not verified.*\nok$/);
});

test("a certificate for other names says for which, and --tls-server-name can name one", async () => {
  const pair = selfSigned({ names: ["a.example", "b.example"] });
  const server = await serve(pair);
  server.on(POD, json({}));
  const certificateAuthority = Buffer.from(pair.cert);
  expect(await get(server, { certificateAuthority })).toContain(
    "x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs",
  );
  const localhost = { certificateAuthority, server: server.url.replace("127.0.0.1", "localhost") };
  expect(await get(server, localhost)).toContain(
    "x509: certificate is valid for a.example, b.example, not localhost",
  );
  expect(await get(server, { certificateAuthority, tlsServerName: "b.example" })).toBe("ok");
});

test("an expired certificate says so", async () => {
  const pair = selfSigned(
    { addresses: ["127.0.0.1"] },
    { from: new Date("2020-01-01"), to: new Date("2021-01-01") },
  );
  const server = await serve(pair);
  expect(await get(server, { certificateAuthority: Buffer.from(pair.cert) })).toContain(
    "x509: certificate has expired or is not yet valid",
  );
});

test("a client certificate is shown, and its lack is told", async () => {
  const pair = selfSigned({ addresses: ["127.0.0.1"] });
  const server = await serve(pair, { requestCert: true, ca: pair.cert, rejectUnauthorized: true });
  server.on(POD, json({}));
  const certificateAuthority = Buffer.from(pair.cert);
  const credentials = { certificate: Buffer.from(pair.cert), key: Buffer.from(pair.key) };
  expect(await get(server, { certificateAuthority, credentials })).toBe("ok");
  expect(await get(server, { certificateAuthority })).toMatch(
    /remote error: tls: certificate required|connection reset|EOF/,
  );
});

test("certificates that cannot be used are told before anything is sent, without the key", async () => {
  const pair = selfSigned({ addresses: ["127.0.0.1"] });
  const other = selfSigned({ addresses: ["127.0.0.1"] });
  const server = await serve(pair);
  const certificate = Buffer.from(pair.cert);
  expect(await get(server, { credentials: { certificate, key: Buffer.from(other.key) } })).toBe(
    "error: tls: private key does not match public key",
  );
  const broken = await get(server, { credentials: { certificate, key: Buffer.from("hidden") } });
  expect(broken).toMatch(/^error: the certificates or the key of the kubeconfig cannot be used/);
  expect(broken).not.toContain("hidden");
  expect(server.received).toEqual([]);
});

test("speaking TLS to a plain server, and to nobody, is told in kubectl's words", async () => {
  const plain = await FakeApiServer.start();
  cleanups.push(() => plain.close());
  expect(await get(plain, { server: plain.url.replace("http:", "https:") })).toContain(
    "Unable to connect to the server: http: server gave HTTP response to HTTPS client",
  );
  const closed = createServer().listen(0, "127.0.0.1");
  const { port } = await new Promise<AddressInfo>((resolve) => {
    closed.on("listening", () => resolve(closed.address() as AddressInfo));
  });
  await new Promise((resolve) => closed.close(resolve));
  expect(await get(plain, { server: `http://127.0.0.1:${port}` })).toBe(
    `The connection to the server 127.0.0.1:${port} was refused - did you specify the right host or port?`,
  );
  expect(await get(plain, { server: "http://nobody.invalid:1" })).toMatch(
    /^Unable to connect to the server: dial tcp: lookup nobody.invalid: (no such host|Temporary failure)/,
  );
});
