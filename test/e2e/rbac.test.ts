import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { parse } from "yaml";
import { kinds } from "../../src/core/kinds.js";
import type { Manifest } from "../../src/core/model.js";
import { it, type Scenario } from "./support/cluster.js";
import type { Result } from "./support/process.js";
import { leftover, runningSet, scaled, setManifest } from "./support/sets.js";
import { claimsOf, imageOf, names, podsOf } from "./support/walk.js";

/** The Role of the page for people who are to work in one namespace. */
function documentedRole(): Manifest & { rules: { resources: string[] }[] } {
  const page = readFileSync(path.resolve("docs/rbac.md"), "utf8");
  const [, yaml = ""] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  return parse(yaml) as Manifest & { rules: { resources: string[] }[] };
}

/** Gives `limited` the role in the scenario's namespace, and a way to run `sts` as that user. */
async function asLimited(
  scenario: Scenario,
  role = documentedRole(),
): Promise<(code: number, ...args: string[]) => Promise<Result>> {
  await scenario.create(role, {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "sts" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role.metadata.name },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "limited" }],
  });
  const env = { KUBECONFIG: scenario.kubeconfigOf("limited") };
  await allowed(scenario, env);
  return async (code, ...args) => {
    const result = await scenario.sts(args, { env });
    expect(result.code, `sts ${args.join(" ")}\n${result.stdout}\n${result.stderr}`).toBe(code);
    return result;
  };
}

/** An authorizer learns of a new role by its own watch: a moment later than the one who made it. */
async function allowed(scenario: Scenario, env: Record<string, string>): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    if ((await scenario.sts(["get"], { env })).code === 0) return;
  }
  throw new Error("the role has no effect");
}

const occurrences = (text: string, part: string) => text.split(part).length - 1;

describe("with the Role of docs/rbac.md in one namespace", () => {
  it("pvc resize asks the API server what it cannot see of classes, and works", async ({ scenario }) => {
    const sts = await asLimited(scenario);
    const [grows, fixed] = [
      await scenario.storageClass(),
      await scenario.storageClass({ allowVolumeExpansion: false }),
    ];
    await runningSet(scenario, "web", { templates: ["www"], storageClass: grows });
    await runningSet(scenario, "old", { templates: ["www"], storageClass: fixed });
    const { stdout, stderr } = await sts(0, "pvc", "resize", "web", "www=2Gi", "--yes");
    expect(stdout).toBe("persistentvolumeclaim/www-web-0 resized\nstatefulset.apps/web resized\n");
    for (const resource of ["storageclasses", "persistentvolumes"]) {
      expect(occurrences(stderr, `note: ${resource} may not be read here`)).toBe(1);
    }
    const refused = await sts(1, "pvc", "resize", "old", "www=2Gi", "--yes");
    expect(refused.stderr).toContain("the storageclass that provisions the pvc must support resize");
    expect((await claimsOf(scenario)).get("www-old-0")?.spec.resources?.requests).toEqual({ storage: "1Gi" });
  });

  it("pvc retention, scale --fresh and delete --claims work, and say that the data may be destroyed", async ({
    scenario,
  }) => {
    const storageClass = await scenario.storageClass();
    const sts = await asLimited(scenario);
    await runningSet(scenario, "web", { replicas: 2, templates: ["www"], storageClass });
    const policy = await sts(0, "pvc", "retention", "web", "deleted=Delete", "--yes");
    expect(policy.stdout).toBe("statefulset.apps/web retention policy updated\n");
    expect(policy.stderr).toMatch(/www-web-1 +1Gi +none → web +kept +may destroy data/);
    await scaled(scenario, "web", 1);
    const before = (await claimsOf(scenario)).get("www-web-1")?.metadata.uid;
    const grown = ["scale", "web", "--replicas=2", "--fresh", "--yes"];
    const kept = await sts(1, ...grown, "--keep-data");
    expect(kept.stderr).toMatch(/www-web-1 was not deleted: its volume \S+ could not be set to Retain/);
    expect((await claimsOf(scenario)).get("www-web-1")?.metadata.uid).toBe(before);
    const fresh = await sts(0, ...grown);
    expect(fresh.stderr).toMatch(/www-web-1 .*may destroy data/);
    expect((await claimsOf(scenario)).get("www-web-1")?.metadata.uid).not.toBe(before);
    await sts(0, "delete", "web", "--claims=keep");
    expect([...(await claimsOf(scenario)).keys()].toSorted()).toEqual(["www-web-0", "www-web-1"]);
    await sts(0, "delete", "web", "--claims=delete", "--yes");
    expect((await claimsOf(scenario)).size).toBe(0);
  });

  it("apply and diff work", async ({ scenario }) => {
    const sts = await asLimited(scenario);
    const config = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "web" }, data: { a: "b" } };
    const bundle = (image: string) => {
      const set = JSON.stringify(setManifest("web")).replace("nginx:1.29", image);
      return scenario.file("web.yaml", `${set}\n---\n${JSON.stringify(config)}`);
    };
    expect((await sts(1, "diff", "-f", bundle("nginx:1"))).stdout).toContain("+  a: b");
    const created = await sts(0, "apply", "-f", bundle("nginx:1"));
    expect(created.stdout).toBe("configmap/web created\nservice/web created\nstatefulset.apps/web created\n");
    expect(created.stderr).not.toMatch(/forbidden|may not/i);
    expect((await sts(0, "apply", "-f", bundle("nginx:2"), "--stage=1")).stdout).toContain(
      "web configured\n",
    );
    expect((await sts(0, "diff", "-f", bundle("nginx:2"))).stdout).toBe("");
  });

  it("create, get, status, scale, stage, promote, clean-up and delete work; what is hidden is said once", async ({
    scenario,
  }) => {
    const storageClass = await scenario.storageClass();
    const sts = await asLimited(scenario);
    const storage = `--storage=www=1Gi:/data,class=${storageClass}`;
    const created = await sts(
      0,
      ...["create", "web", "--image=main=nginx:1.28", "--replicas=3", "--port=80", "--env=A=b", storage],
      "--pdb=max-unavailable=1",
    );
    expect(created.stdout).toBe(
      "service/web created\nstatefulset.apps/web created\npoddisruptionbudget.policy/web created\n",
    );
    expect(occurrences(created.stderr, "storageclasses")).toBe(1);
    expect(created.stderr).not.toContain("Forbidden");

    expect((await sts(0, "get")).stdout).toMatch(/^web\s+3\/3/m);
    expect((await sts(0, "get", "web", "-o", "name")).stdout).toBe("statefulset.apps/web\n");
    const status = await sts(0, "status", "web");
    expect(status.stdout).toContain("3 of 3 ready");
    expect(status.stdout).toContain("www-web-2");
    expect(occurrences(status.stderr, "may not")).toBeLessThanOrEqual(1);

    const staged = await sts(0, "set", "image", "web", "main=nginx:1.29", "--stage=1");
    expect(staged.stdout).toContain("statefulset.apps/web image updated");
    expect(imageOf((await podsOf(scenario)).get("web-2"))).toBe("nginx:1.29");
    expect(imageOf((await podsOf(scenario)).get("web-1"))).toBe("nginx:1.28");
    await sts(0, "rollout", "status", "web");
    await sts(0, "rollout", "promote", "web");
    for (const pod of (await podsOf(scenario)).values()) expect(imageOf(pod)).toBe("nginx:1.29");

    const down = await sts(0, "scale", "web", "--replicas=1");
    expect(occurrences(down.stderr, "may not")).toBeLessThanOrEqual(1);
    const list = await sts(0, "pvc", "list");
    expect(list.stdout).toMatch(/www-web-2\s+2\s+scaled-down/);
    expect(occurrences(list.stderr, "persistentvolumes")).toBe(1);
    const cleaned = await sts(0, "pvc", "cleanup", "web", "--yes");
    expect(occurrences(cleaned.stderr, "persistentvolumes may not be read here")).toBe(1);
    expect(
      occurrences(cleaned.stderr, "may destroy data: the volume's reclaim policy could not be read"),
    ).toBe(2);
    expect(names((await claimsOf(scenario)).keys())).toEqual(["www-web-0"]);

    await sts(0, "delete", "web", "--ordered", "--claims=delete", "--yes");
    expect(names((await claimsOf(scenario)).keys())).toEqual([]);
  });

  it("keeps claims under whenDeleted: Delete, and deletes the objects of a file", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    const sts = await asLimited(scenario);
    const retention = { whenDeleted: "Delete", whenScaled: "Delete" };
    await runningSet(scenario, "web", { replicas: 2, templates: ["www"], storageClass, retention });
    await sts(0, "delete", "web", "--claims=keep");
    expect(names((await claimsOf(scenario)).keys())).toEqual(["www-web-0", "www-web-1"]);

    const dry = await sts(0, "create", "db", "--image=postgres:17", "--dry-run=client", "-o", "yaml");
    const file = scenario.file("db.yaml", dry.stdout);
    await sts(0, "create", "-f", file);
    const deleted = await sts(0, "delete", "-f", file);
    expect(deleted.stdout).toContain('statefulset.apps "db" deleted\n');
    expect(deleted.stdout).toContain('service "db" deleted\n');
  });

  it("counts every left-over claim as autoscaled where autoscalers may not be read", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    const role = documentedRole();
    const rules = role.rules.filter(({ resources }) => !resources.includes("horizontalpodautoscalers"));
    const sts = await asLimited(scenario, { ...role, rules });
    await runningSet(scenario, "web", { replicas: 2, templates: ["www"], storageClass });
    await scaled(scenario, "web", 1);
    await scenario.create(leftover("www-web-7", "web", storageClass));
    const nothing = await sts(0, "pvc", "cleanup", "web", "--yes");
    expect(occurrences(nothing.stderr, "horizontalpodautoscalers may not be read here")).toBe(1);
    expect(nothing.stderr).toContain("2 claims (2Gi) autoscaled: --include=autoscaled");
    expect(nothing.stdout).toBe("");
    await sts(0, "pvc", "cleanup", "web", "--yes", "--include=autoscaled");
    expect(names((await claimsOf(scenario)).keys())).toEqual(["www-web-0"]);
  });

  it("says 403 once for what lies beyond: another namespace, and all of them", async ({ scenario }) => {
    const sts = await asLimited(scenario);
    for (const args of [
      ["get", "-A"],
      ["get", "-n", "default"],
      ["pvc", "cleanup", "-A", "--yes"],
      ["pvc", "list", "-A"],
    ]) {
      const { stdout, stderr } = await sts(1, ...args);
      expect(stdout).toBe("");
      expect(occurrences(stderr, "Error from server (Forbidden)"), stderr).toBe(1);
    }
  });
});

describe("without any rights", () => {
  const commands: readonly (readonly string[])[] = [
    ["get"],
    ["get", "web"],
    ["get", "-w"],
    ["status", "web"],
    ["scale", "web", "--replicas=3"],
    ["set", "image", "web", "main=nginx:1.30"],
    ["rollout", "status", "web"],
    ["rollout", "status", "-A"],
    ["rollout", "history", "web"],
    ["rollout", "stage", "web", "--canary=1"],
    ["rollout", "promote", "web"],
    ["pvc", "list"],
    ["pvc", "list", "web"],
    ["pvc", "cleanup", "--yes"],
    ["pvc", "cleanup", "web", "--yes"],
    ["delete", "web"],
    ["delete", "web", "--claims=delete", "--yes"],
    ["delete", "-l", "app=web"],
    ["create", "db", "--image=postgres:17"],
  ];

  it("every command says one 403, exits 1 and changes nothing", async ({ scenario }) => {
    await runningSet(scenario, "web");
    const before = await scenario.read(kinds.statefulSet, "web");
    const env = { KUBECONFIG: scenario.kubeconfigOf("stranger") };
    const results = await Promise.all(
      commands.map(async (args) => ({ args: args.join(" "), ...(await scenario.sts(args, { env })) })),
    );
    for (const { args, code, stdout, stderr } of results) {
      const told = `sts ${args}\n${stderr}`;
      expect(code, told).toBe(1);
      expect(stdout, told).toBe("");
      expect(stderr, told).toMatch(/^Error from server \(Forbidden\): .*User "stranger" cannot /m);
      // One for each object that was to be made, and one otherwise.
      expect(occurrences(stderr, "Forbidden"), told).toBe(args.startsWith("create") ? 2 : 1);
      expect(stderr, told).not.toMatch(/\n\s+at /);
    }
    expect(await scenario.read(kinds.statefulSet, "web")).toEqual(before);
  });
});
