import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ConnectionError } from "../../../src/cluster/index.js";
import type { ExecPlugin } from "../../../src/cluster/kubeconfig/connection.js";
import { kinds } from "../../../src/core/kinds.js";
import { selfSigned } from "../../support/certificates.js";
import { FakeApiServer, json, status } from "../../support/fake-api-server.js";
import { type Rig, rig, rigOn } from "../support.js";

const POD = "GET /api/v1/namespaces/default/pods/p";
const V1 = "client.authentication.k8s.io/v1";
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "exec-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A plugin that counts its runs, keeps what it was told, and answers what `answer` (JavaScript) makes of that. */
function plugin(
  name: string,
  answer: string,
  more: Partial<ExecPlugin> = {},
): ExecPlugin & { runs(): unknown[] } {
  const [script, log] = [path.join(folder, `${name}.cjs`), path.join(folder, `${name}.log`)];
  writeFileSync(log, "");
  writeFileSync(
    script,
    `const fs = require("node:fs");
     const info = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
     fs.appendFileSync(${JSON.stringify(log)}, JSON.stringify({ info, extra: process.env.EXTRA, args: process.argv.slice(2) }) + "\\n");
     const run = fs.readFileSync(${JSON.stringify(log)}, "utf8").trim().split("\\n").length;
     const credential = (status) => JSON.stringify({ kind: "ExecCredential", apiVersion: info.apiVersion, status });
     ${answer}`,
  );
  return {
    apiVersion: V1,
    command: process.execPath,
    args: [script, "login"],
    env: [],
    provideClusterInfo: false,
    interactiveMode: "Never",
    ...more,
    runs: () =>
      readFileSync(log, "utf8")
        .trim()
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as unknown),
  };
}

const read = ({ cluster }: Rig) => cluster.get(kinds.pod, { name: "p" });
const sent = ({ server }: Rig) => server.received.map(({ headers }) => headers.authorization);

test("a plugin is run once, with its arguments, environment and what it may know", async () => {
  const env = [{ name: "EXTRA", value: "yes" }];
  const exec = plugin("once", 'console.log(credential({ token: "tok" + run }));', {
    env,
    provideClusterInfo: true,
  });
  const authority = Buffer.from("CA");
  const made = await rig({
    credentials: { exec },
    certificateAuthority: authority,
    execConfig: { audience: "a" },
  });
  made.server.on(POD, json({}), json({}), json({}));
  await Promise.all([read(made), read(made)]);
  await read(made);
  expect(sent(made)).toEqual(["Bearer tok1", "Bearer tok1", "Bearer tok1"]);
  const cluster = { server: "", "certificate-authority-data": "Q0E=", config: { audience: "a" } };
  cluster.server = made.server.url;
  const info = { kind: "ExecCredential", apiVersion: V1, spec: { cluster, interactive: false } };
  expect(exec.runs()).toEqual([{ info, extra: "yes", args: ["login"] }]);
});

test("what expires is asked for again, and so is what the server refuses", async () => {
  const answer =
    'console.log(credential({ token: "tok" + run, expirationTimestamp: "2026-01-01T01:00:00Z" }));';
  const exec = plugin("expiry", answer, { apiVersion: "client.authentication.k8s.io/v1beta1" });
  const made = await rig({ credentials: { exec } });
  made.server.on(POD, json({}), json({}), json({}), status(401, "Unauthorized", "Unauthorized"), json({}));
  await read(made);
  made.clock.advance(59 * 60_000);
  await read(made);
  made.clock.advance(60_000);
  await read(made);
  await read(made);
  expect(sent(made)).toEqual(["Bearer tok1", "Bearer tok1", "Bearer tok2", "Bearer tok3", "Bearer tok4"]);
});

test("a server that refuses what the plugin gives is not asked for ever", async () => {
  const exec = plugin("refused", 'console.log(credential({ token: "tok" + run }));');
  const made = await rig({ credentials: { exec } });
  const refused = status(401, "Unauthorized", "Unauthorized");
  made.server.on(POD, refused, refused);
  await expect(read(made)).rejects.toThrow("error: You must be logged in to the server (Unauthorized)");
  expect(exec.runs()).toHaveLength(2);
});

test("a plugin may give a client certificate", async () => {
  const pair = selfSigned({ addresses: ["127.0.0.1"] });
  const server = await FakeApiServer.start({
    ...pair,
    requestCert: true,
    ca: pair.cert,
    rejectUnauthorized: true,
  });
  const given = JSON.stringify({ clientCertificateData: pair.cert, clientKeyData: pair.key });
  const exec = plugin("certificate", `console.log(credential(${given}));`);
  const made = rigOn(server, { credentials: { exec }, certificateAuthority: Buffer.from(pair.cert) });
  server.on(POD, json({ ok: true }));
  expect(await read(made)).toEqual({ ok: true });
  expect(sent(made)).toEqual([undefined]);
  made.cluster.close();
  await server.close();
});

test.each([
  ["exits", 'console.log("s3cret"); process.exit(3);', {}, "failed with exit code 3"],
  ["no-json", 'console.log("s3cret");', {}, "decoding stdout of the exec plugin: it is not JSON"],
  ["other-kind", 'console.log(JSON.stringify({ kind: "s3cret" }));', {}, "didn't return an ExecCredential"],
  [
    "other-version",
    `console.log(JSON.stringify({ kind: "ExecCredential", apiVersion: "${V1}alpha1" }));`,
    {},
    `configured to use API version ${V1}, plugin returned version ${V1}alpha1`,
  ],
  ["no-status", "console.log(credential());", {}, "didn't return a status field"],
  ["nothing", "console.log(credential({}));", {}, "didn't return a token or cert/key pair"],
  [
    "half",
    'console.log(credential({ clientKeyData: "s3cret" }));',
    {},
    "returned only certificate or key, not both",
  ],
  [
    "alpha",
    "",
    { apiVersion: "client.authentication.k8s.io/v1alpha1" },
    'invalid apiVersion "client.authentication.k8s.io/v1alpha1"',
  ],
  ["asks", "", { interactiveMode: "Always" as const }, "standard input is not a terminal"],
  [
    "missing",
    "",
    { command: "no-such-plugin", installHint: "Install it \u001b[31mfirst." },
    "exec: executable no-such-plugin not found\n\nIt looks like",
  ],
])("a plugin that %s is told, and nothing that it said", async (name, answer, more, message) => {
  const made = await rig({ credentials: { exec: plugin(name, answer, more) } });
  const error = await read(made).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConnectionError);
  const told = (error as Error).message;
  expect(told).toContain(`Unable to connect to the server: getting credentials: `);
  expect(told).toContain(message);
  expect(told + made.traces.join()).not.toMatch(/s3cret|\p{Cc}(?<!\n)/u);
  expect(made.server.received).toEqual([]);
});
