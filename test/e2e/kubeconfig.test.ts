import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { parse, stringify } from "yaml";
import { it, type Scenario } from "./support/cluster.js";
import { setManifest } from "./support/sets.js";
import { ends, lines } from "./support/walk.js";

interface Config {
  apiVersion: string;
  kind: string;
  "current-context": string;
  clusters: { name: string; cluster: Record<string, unknown> }[];
  contexts: { name: string; context: { cluster: string; user: string; namespace?: string } }[];
  users: { name: string; user: Record<string, unknown> }[];
}

function configOf(scenario: Scenario): Config {
  return parse(readFileSync(scenario.env["KUBECONFIG"] ?? "", "utf8")) as Config;
}

/** The bearer token of the run's administrator, on a cluster that has one. */
function tokenOf(config: Config): string {
  const [entry] = config.users;
  return String(entry?.user["token"]);
}

const got = "statefulset.apps/web\n";

async function web(scenario: Scenario): Promise<Config> {
  await scenario.create(setManifest("web"));
  return configOf(scenario);
}

describe("the cluster is found as kubectl finds it", () => {
  it("in ~/.kube/config where nothing else is said", async ({ scenario }) => {
    const config = await web(scenario);
    const home = path.join(scenario.directory, "home");
    scenario.file("home/.kube/config", stringify(config));
    const result = await scenario.sts(["get", "-o", "name"], { env: { KUBECONFIG: "", HOME: home } });
    expect(result).toMatchObject({ code: 0, stdout: got });
  });

  it("in a list of files: the first value wins, missing files are skipped", async ({ scenario }) => {
    const config = await web(scenario);
    const [context] = config.contexts;
    const first = scenario.file(
      "first",
      stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": "mine",
        contexts: [{ name: "mine", context: { ...context?.context, namespace: scenario.namespace } }],
      }),
    );
    const second = scenario.file("second", stringify({ ...config, "current-context": "nobody's" }));
    const list = ["", path.join(scenario.directory, "missing"), first, second].join(path.delimiter);
    const result = await scenario.sts(["get", "-o", "name"], { env: { KUBECONFIG: list } });
    expect(result).toMatchObject({ code: 0, stdout: got });
  });

  it("by --kubeconfig, --context, --cluster, --user and -n", async ({ scenario }) => {
    const config = await web(scenario);
    const [context] = config.contexts;
    const { cluster = "", user = "" } = context?.context ?? {};
    const file = scenario.file(
      "many",
      stringify({
        ...config,
        "current-context": "broken",
        contexts: [
          { name: "broken", context: { cluster: "no-such", user: "no-such" } },
          { name: "other", context: { cluster, user, namespace: "default" } },
          ...config.contexts,
        ],
      }),
    );
    const flags = [`--kubeconfig=${file}`, "--context=other", "-n", scenario.namespace];
    expect(await lines(scenario, "get", "-o", "name", ...flags)).toEqual([got.trim()]);
    const parts = [`--kubeconfig=${file}`, "--context=broken", `--cluster=${cluster}`, `--user=${user}`];
    expect(await lines(scenario, "get", "-o", "name", ...parts, "-n", scenario.namespace)).toEqual([
      got.trim(),
    ]);
  });

  it("by --server, --token and --certificate-authority alone, and by a token file", async ({ scenario }) => {
    const config = await web(scenario);
    const [entry] = config.clusters;
    const ca = scenario.file(
      "ca.crt",
      Buffer.from(String(entry?.cluster["certificate-authority-data"]), "base64").toString(),
    );
    const env = { KUBECONFIG: "" };
    const server = `--server=${String(entry?.cluster["server"])}`;
    const flags = [
      server,
      `--certificate-authority=${ca}`,
      `--token=${tokenOf(config)}`,
      "-n",
      scenario.namespace,
    ];
    const result = await scenario.sts(["get", "-o", "name", ...flags], { env });
    expect(result, result.stderr).toMatchObject({ code: 0, stdout: got });

    scenario.file("token", `${tokenOf(config)}\n`);
    // Relative to the file that says so, not to where one stands.
    const users = config.users.map(({ name }) => ({ name, user: { tokenFile: "token" } }));
    const file = scenario.file("by-file", stringify({ ...config, users }));
    const elsewhere = await scenario.sts(["get", "-o", "name"], { env: { KUBECONFIG: file }, cwd: "/" });
    expect(elsewhere, elsewhere.stderr).toMatchObject({ code: 0, stdout: got });
  });

  it("with an exec plugin; what it prints goes nowhere, whatever the verbosity", async ({ scenario }) => {
    const config = await web(scenario);
    const token = tokenOf(config);
    const credential = {
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      status: { token },
    };
    const plugin = path.join(scenario.directory, "plugin.sh");
    writeFileSync(plugin, `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`);
    chmodSync(plugin, 0o700);
    const exec = { apiVersion: credential.apiVersion, command: "./plugin.sh", interactiveMode: "Never" };
    const users = config.users.map(({ name }) => ({ name, user: { exec } }));
    const file = scenario.file("by-plugin", stringify({ ...config, users }));
    const env = { KUBECONFIG: file };
    const result = await scenario.sts(["get", "-o", "name", "-v=9"], { env });
    expect(result, result.stderr).toMatchObject({ code: 0, stdout: got });
    expect(result.stderr).toContain("/statefulsets");
    expect(result.stdout + result.stderr).not.toContain(token);

    writeFileSync(plugin, `#!/bin/sh\necho "${token}"\nexit 3\n`);
    const failed = await scenario.sts(["get", "-v=9"], { env });
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain("plugin.sh");
    expect(failed.stderr).not.toContain(token);
    expect(failed.stderr).not.toMatch(/^\s+at /m);
  });

  it("as somebody else, with --as", async ({ scenario }) => {
    await web(scenario);
    const result = await ends(scenario, 1, "get", "--as=jane", "--as-group=readers");
    expect(result.stderr).toContain('User "jane" cannot list resource "statefulsets"');
    const admin = await ends(scenario, 0, "get", "-o", "name", "--as=jane", "--as-group=system:masters");
    expect(admin.stdout).toBe(got);
  });
});
