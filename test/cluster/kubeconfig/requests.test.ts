import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ConnectionFlags, openCluster, resolveConnection } from "../../../src/cluster/index.js";
import { selfSigned } from "../../support/certificates.js";
import { findProgram } from "../../support/control-plane/assets.js";
import { FakeApiServer, type Received, json } from "../../support/fake-api-server.js";
import { FakeClock } from "../../support/fake-clock.js";

const kubectl = findProgram("kubectl");
const run = promisify(execFile);

/** Flags, and what of a request tells who asks. */
const cases: [ConnectionFlags, Record<string, string | undefined>][] = [
  [{}, { authorization: "Bearer from-file" }],
  [{ token: "flag" }, { authorization: "Bearer flag" }],
  [{ user: "basic" }, { authorization: `Basic ${Buffer.from("me:pw").toString("base64")}` }],
  [{ user: "plugin" }, { authorization: "Bearer from-plugin" }],
  [{ user: "plugin", token: "flag" }, { authorization: "Bearer flag" }],
  [{ user: "nobody" }, {}],
  [
    { as: "jane", asGroup: ["dev", "ops"], asUid: "7" },
    {
      authorization: "Bearer from-file",
      "impersonate-user": "jane",
      "impersonate-group": "dev, ops",
      "impersonate-uid": "7",
    },
  ],
  [
    { user: "acting" },
    {
      authorization: "Bearer t",
      "impersonate-user": "boss",
      "impersonate-group": "g",
      "impersonate-extra-a%2fb": "c",
    },
  ],
];

describe("who asks", () => {
  let folder: string;
  let server: FakeApiServer;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "requests-"));
    const pair = selfSigned({ addresses: ["127.0.0.1"] });
    server = await FakeApiServer.start({ ...pair });
    const plugin = path.join(folder, "plugin");
    const answer = {
      kind: "ExecCredential",
      apiVersion: "client.authentication.k8s.io/v1",
      status: { token: "from-plugin" },
    };
    writeFileSync(plugin, `#!/bin/sh\necho '${JSON.stringify(answer)}'\n`);
    chmodSync(plugin, 0o755);
    writeFileSync(path.join(folder, "token"), "from-file\n");
    const user = (name: string, fields: object) => ({ name, user: fields });
    const exec = { apiVersion: answer.apiVersion, command: "./plugin", interactiveMode: "Never" };
    const kubeconfig = {
      clusters: [
        {
          name: "c",
          cluster: {
            server: server.url,
            "certificate-authority-data": Buffer.from(pair.cert).toString("base64"),
          },
        },
      ],
      users: [
        user("file", { tokenFile: "token" }),
        user("basic", { username: "me", password: "pw" }),
        user("plugin", { exec }),
        user("nobody", {}),
        user("acting", { token: "t", as: "boss", "as-groups": ["g"], "as-user-extra": { "a/b": ["c"] } }),
      ],
      contexts: [{ name: "x", context: { cluster: "c", user: "file" } }],
      "current-context": "x",
    };
    writeFileSync(path.join(folder, "config"), JSON.stringify(kubeconfig));
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const told = ({ headers }: Received): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(headers).filter(([name]) => /^authorization$|^impersonate-/.test(name)),
    );

  test.each(cases)("%j", async (flags, expected) => {
    const clock = new FakeClock();
    const io = { env: {}, home: folder, cwd: folder, readFile: readFileSync };
    const connection = resolveConnection({ ...flags, kubeconfig: "config" }, io);
    const cluster = openCluster(connection, {
      ...clock,
      ...io,
      env: process.env,
      random: Math.random,
      userAgent: "test",
    });
    server.on("GET /version", json({}));
    await cluster.version();
    cluster.close();
    expect(told(server.received.splice(0).at(-1) as Received)).toEqual(expected);
  });

  // Not of `--token` over a `tokenFile`: there kubectl goes on using the file, and drops the flag without a word.
  const shared = cases.filter(([{ token, user }]) => !token || user);
  test.skipIf(!kubectl).each(shared)("a live kubectl agrees: %j", async (flags, expected) => {
    const names: Record<string, string> = { asGroup: "as-group", asUid: "as-uid" };
    const given = Object.entries(flags).flatMap(([name, value]) =>
      [value].flat().map((item) => `--${names[name] ?? name}=${String(item)}`),
    );
    server.on("GET /sts-test", json({}));
    const args = ["get", "--raw", "/sts-test", "--kubeconfig", path.join(folder, "config"), ...given];
    const env = { HOME: folder, PATH: process.env["PATH"] };
    const running = run(kubectl ?? "", args, { env, timeout: 15_000 });
    // It asks for what it misses; it gets nothing.
    running.child.stdin?.end();
    await running.catch(() => undefined);
    const asked = server.received.splice(0).filter(({ path: asked }) => asked === "/sts-test");
    if (flags.user === "nobody") return expect(asked).toEqual([]);
    expect(told(asked.at(-1) as Received)).toEqual(expected);
  });
});
