import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type Connection, type ConnectionFlags, resolveConnection } from "../../../src/cluster/index.js";
import { findProgram } from "../../support/control-plane/assets.js";

interface Case {
  name: string;
  files: Record<string, string | object>;
  KUBECONFIG?: string[];
  flags?: ConnectionFlags;
  expect: Record<string, unknown>;
}

const file = path.resolve(import.meta.dirname, "../../fixtures/kubeconfig/merging.yaml");
const cases = parse(readFileSync(file, "utf8")) as Case[];
const kubectl = findProgram("kubectl");

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

/** Writes the files of a case, and gives the folder and the environment that a program reads them by. */
function lay({ files, KUBECONFIG }: Case): { folder: string; env: Record<string, string> } {
  const folder = mkdtempSync(path.join(tmpdir(), "kubeconfig-"));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    const target = path.join(folder, name);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, typeof content === "string" ? content : JSON.stringify(content));
  }
  const list = KUBECONFIG?.map((name) => name && path.join(folder, name)).join(path.delimiter);
  return { folder, env: { HOME: folder, ...(list !== undefined && { KUBECONFIG: list }) } };
}

describe("kubeconfigs are merged as kubectl does it", () => {
  test.each(cases)("$name", (given) => {
    const { folder, env } = lay(given);
    const io = { env, home: folder, cwd: folder, readFile: readFileSync };
    expect(inShort(resolveConnection(given.flags ?? {}, io), folder)).toEqual(given.expect);
  });
});

describe.skipIf(!kubectl)(
  "a live kubectl agrees (skipped: kubectl not found in KUBEBUILDER_ASSETS or PATH)",
  () => {
    test.each(cases)("$name", (given) => {
      const { folder, env } = lay(given);
      const flags = Object.entries(given.flags ?? {}).map(([name, value]) => `--${name}=${value}`);
      const view = execFileSync(
        kubectl ?? "",
        ["config", "view", "--minify", "--raw", "-o", "json", ...flags],
        {
          cwd: folder,
          env,
          encoding: "utf8",
        },
      );
      expect(minified(JSON.parse(view) as View, given, folder)).toEqual(given.expect);
    });
  },
);

function inShort(connection: Connection, folder: string): Record<string, unknown> {
  const { certificate, key, token, tokenFile, basic } = connection.credentials;
  const { impersonate } = connection;
  return defined({
    server: connection.server,
    namespace: connection.namespace,
    context: connection.context,
    ca: connection.certificateAuthority?.toString(),
    cert: certificate?.toString(),
    key: key?.toString(),
    token,
    tokenFile: tokenFile && path.relative(folder, tokenFile),
    username: basic?.username,
    password: basic?.password,
    proxy: connection.proxy,
    as: impersonate?.user,
    asUid: impersonate?.uid,
    asGroups: impersonate?.groups,
    asExtra: impersonate?.extra,
  });
}

interface View {
  clusters: { cluster: Record<string, string> }[] | null;
  users: { user: Record<string, unknown> }[] | null;
  contexts: { name: string; context: { namespace?: string } }[];
}

/** The same fields, of what `kubectl config view` prints. It leaves paths as they are written, so their content is found by name. */
function minified(
  { clusters, users, contexts }: View,
  { files }: Case,
  folder: string,
): Record<string, unknown> {
  const cluster = clusters?.[0]?.cluster ?? {};
  const user = users?.[0]?.user ?? {};
  const content = (name: unknown, data: unknown): string | undefined => {
    if (typeof data === "string") return Buffer.from(data, "base64").toString();
    const found = Object.keys(files).find(
      (known) => typeof name === "string" && known.endsWith(path.basename(name)),
    );
    return found && readFileSync(path.join(folder, found), "utf8");
  };
  return defined({
    server: cluster.server?.replace(/\/$/, ""),
    namespace: contexts[0]?.context.namespace ?? "default",
    context: contexts[0]?.name,
    ca: content(cluster["certificate-authority"], cluster["certificate-authority-data"]),
    cert: content(user["client-certificate"], user["client-certificate-data"]),
    key: content(user["client-key"], user["client-key-data"]),
    token: user.token,
    tokenFile: user.tokenFile,
    username: user.username,
    password: user.password,
    proxy: cluster["proxy-url"],
    as: user.as,
    asUid: user["as-uid"],
    asGroups: user["as-groups"],
    asExtra: user["as-user-extra"],
  });
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
