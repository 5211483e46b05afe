import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import { it, type Scenario } from "./support/cluster.js";
import { inTerminal } from "./support/pty.js";
import { autoscaler, bound, leftover, runningSet, scaled, setManifest } from "./support/sets.js";
import { ends, lines } from "./support/walk.js";

type Item = Record<string, string | number | boolean | null>;

async function items(scenario: Scenario, ...args: string[]): Promise<Item[]> {
  const { stdout } = await ends(scenario, 0, "pvc", "list", ...args, "-o", "json");
  return (JSON.parse(stdout) as { items: Item[] }).items;
}

async function field(scenario: Scenario, name: string, ...args: string[]): Promise<Record<string, unknown>> {
  return Object.fromEntries((await items(scenario, ...args)).map((item) => [item["name"], item[name]]));
}

/** The maps alone: lines between a set's title and what is said under it. */
async function graph(scenario: Scenario, ...args: string[]): Promise<string[]> {
  return lines(scenario, "pvc", "list", "--graph", ...args);
}

async function grow(scenario: Scenario, name: string, storage: string): Promise<void> {
  await scenario.cluster.patch(
    kinds.claim,
    { namespace: scenario.namespace, name },
    { type: "merge", body: { spec: { resources: { requests: { storage } } } } },
  );
}

async function unused(scenario: Scenario, name: string): Promise<void> {
  await scenario.until(`${name} to be marked as unused`, kinds.claim, (claims) =>
    claims.get(name)?.status?.conditions?.some(({ type, status }) => type === "Unused" && status === "True"),
  );
}

describe("pvc list", () => {
  it("knows every state, draws each, and says what would be freed", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    const keep = await scenario.storageClass({ reclaimPolicy: "Retain" });
    await runningSet(scenario, "web", { replicas: 5, templates: ["www", "log"], storageClass });
    await scaled(scenario, "web", 2);
    await runningSet(scenario, "idle", { replicas: 1, templates: ["www"], storageClass: keep });
    await scaled(scenario, "idle", 0);
    await runningSet(scenario, "gone", { replicas: 2, templates: ["www"], storageClass });
    await ends(scenario, 0, "delete", "gone");
    await scenario.create(
      autoscaler("web", 3, { name: "keda-hpa-web", labels: { "scaledobject.keda.sh/name": "web-load" } }),
      leftover("old-web-0", "web", storageClass),
      { ...leftover("www-web-40", "web", storageClass), metadata: { name: "www-web-40" } },
      {
        ...leftover("log-web-9", "web", storageClass),
        metadata: {
          name: "log-web-9",
          labels: { app: "web" },
          finalizers: ["sts.test/hold"],
          ownerReferences: [
            { apiVersion: "v1", kind: "Pod", name: "web-9", uid: "6ad4e4e6-6c7c-4a2b-a6cb-6d4c2b54be22" },
          ],
        },
      },
    );
    await scenario.until("the collector to miss the owner of log-web-9", kinds.claim, (claims) =>
      Boolean(claims.get("log-web-9")?.metadata.deletionTimestamp),
    );
    await bound(scenario, "old-web-0", "www-web-40", "www-gone-1", "www-idle-0");
    try {
      expect(await field(scenario, "state")).toEqual({
        "www-web-0": "in-use",
        "www-web-1": "in-use",
        "www-web-2": "autoscaled",
        "www-web-3": "scaled-down",
        "www-web-4": "scaled-down",
        "www-web-40": "ambiguous",
        "log-web-0": "in-use",
        "log-web-1": "in-use",
        "log-web-2": "autoscaled",
        "log-web-3": "scaled-down",
        "log-web-4": "scaled-down",
        "log-web-9": "policy",
        "old-web-0": "template-gone",
        "www-idle-0": "set-at-zero",
        "www-gone-0": "set-deleted",
        "www-gone-1": "set-deleted",
      });
      const reasons = await field(scenario, "reason", "web");
      expect(reasons["www-web-2"]).toContain("keda-hpa-web (of the KEDA ScaledObject web-load)");
      expect(reasons["www-web-40"]).toContain("without its labels (app=web)");
      expect(await graph(scenario, "web")).toEqual([
        expect.stringMatching(/\/web {3}2 replicas, web-0 and web-1 · 13 claims, 13Gi$/),
        "       0-9         40",
        "  www  ●●a▒▒       ?",
        "  log  ●●a▒▒    †",
        "  old  t",
        "  Terminating: log-web-9",
        "  4 left over, 4Gi: sts pvc cleanup web",
        "  2 autoscaled, 2Gi: sts pvc cleanup web --include=autoscaled",
        "  1 template-gone, 1Gi: sts pvc cleanup web --include=template-gone",
        expect.stringMatching(/^ {2}1 policy, 1Gi.*: sts pvc list web --state=policy -o wide$/),
        "  1 ambiguous, 1Gi: sts pvc list web --state=ambiguous -o wide",
        "",
        "● in use  ▒ left over  a autoscaled  t template-gone  ? ambiguous  † Terminating",
      ]);
      const idle = await ends(scenario, 0, "pvc", "list", "idle");
      expect(idle.stdout).toMatch(/^www-idle-0 .* set-at-zero .* volume kept, Released$/m);
      expect(idle.stderr).toBe(
        "1 claim, 1Gi\n1 set-at-zero, 1Gi (nothing would be freed): sts pvc cleanup idle --include=set-at-zero\n",
      );
    } finally {
      await scenario.cluster.patch(
        kinds.claim,
        { namespace: scenario.namespace, name: "log-web-9" },
        { type: "merge", body: { metadata: { finalizers: null } } },
      );
    }
  });

  it("shows what is on the way: not bound, growing, being deleted, missing", async ({ scenario }) => {
    const offline = await scenario.storageClass({
      metadata: { annotations: { "sandbox/offline-expansion": "true" } } as never,
    });
    await runningSet(scenario, "db", { replicas: 3, start: 8, templates: ["data"], storageClass: offline });
    await grow(scenario, "data-db-9", "2Gi");
    await scenario.until("data-db-9 to wait for its pod", kinds.claim, (claims) =>
      claims
        .get("data-db-9")
        ?.status?.conditions?.some(
          ({ type, status }) => type === "FileSystemResizePending" && status === "True",
        ),
    );
    await scenario.cluster.delete(kinds.claim, { namespace: scenario.namespace, name: "data-db-10" });
    await scenario.create(
      setManifest("stuck", { replicas: 2, ordered: true, templates: ["www"], storageClass: "none" }),
    );
    await scenario.until("the first pod of stuck", kinds.pod, (pods) => pods.has("stuck-0"));

    expect(await graph(scenario)).toEqual([
      expect.stringMatching(/\/db {3}3 replicas, db-8 to db-10 · 3 claims, 3Gi$/),
      "        8-9  10",
      "  data  ●⇡   †",
      "  FileSystemResizePending: data-db-9",
      "  Terminating: data-db-10",
      "",
      expect.stringMatching(/\/stuck {3}2 replicas, stuck-0 and stuck-1 · 1 claim, 1Gi$/),
      "       0-1",
      "  www  ◌_",
      "  missing: www-stuck-1",
      "  Pending: www-stuck-0",
      "",
      "● in use  _ missing  ◌ Pending  ⇡ FileSystemResizePending  † Terminating",
    ]);
    const table = (await lines(scenario, "pvc", "list")).join("\n");
    expect(table).toMatch(/^data-db-9 .* in-use, FileSystemResizePending +db-9 +1Gi → 2Gi /m);
    expect(table).toMatch(/^data-db-10 .* in-use, Terminating +db-10 +1Gi /m);
    expect(table).toMatch(/^www-stuck-0 .* in-use, Pending .* no volume yet$/m);
    const [, item] = await items(scenario, "db");
    expect(item).toMatchObject({ size: "1Gi", requested: "2Gi", resize: "FileSystemResizePending" });
  });

  it("tells since when nobody uses a claim, and what says so", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    await runningSet(scenario, "web", { replicas: 3, templates: ["www"], storageClass });
    await scaled(scenario, "web", 2);
    await unused(scenario, "www-web-2");
    expect(await field(scenario, "unusedSinceBy")).toEqual({
      "www-web-0": null,
      "www-web-1": null,
      "www-web-2": "condition",
    });
    const condition = (await scenario.read(kinds.claim, "www-web-2"))?.status?.conditions?.find(
      ({ type }) => type === "Unused",
    );
    const since = (await field(scenario, "unusedSince"))["www-web-2"];
    expect(Date.parse(String(since))).toBe(Date.parse(String(condition?.lastTransitionTime)));
    expect(await lines(scenario, "pvc", "list", "--older-than=0s", "--no-headers")).toEqual([
      expect.stringMatching(/^www-web-2 +2 +scaled-down +1Gi +\d+s +\d+s by condition /),
    ]);
    const none = await ends(scenario, 0, "pvc", "list", "--older-than=1h");
    expect(none.stdout).toBe("");
    expect(none.stderr).toBe("No claims of StatefulSets, unused for so long, found in this namespace.\n");
  });

  it("lists one set, several, a namespace, by labels, and all of the cluster", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    for (const name of ["web", "web-web", "db"]) {
      await runningSet(scenario, name, {
        templates: ["www"],
        storageClass,
        labels: { tier: name.slice(0, 3) },
      });
    }
    const found = async (...args: string[]) => Object.keys(await field(scenario, "state", ...args));
    expect(await found()).toEqual(["www-db-0", "www-web-0", "www-web-web-0"]);
    expect(await found("web")).toEqual(["www-web-0"]);
    expect(await found("sts/web", "db")).toEqual(["www-db-0", "www-web-0"]);
    expect(await found("-l", "tier in (web)")).toEqual(["www-web-0", "www-web-web-0"]);
    expect(await found("--state=reserved")).toEqual([]);
    const everywhere = (await items(scenario, "web-web", "-A")).filter(
      (item) => item["namespace"] === scenario.namespace,
    );
    expect(everywhere.map(({ name }) => name)).toEqual(["www-web-web-0"]);
    expect(await lines(scenario, "pvc", "list", "-o", "name", "web", "db")).toEqual([
      "persistentvolumeclaim/www-db-0",
      "persistentvolumeclaim/www-web-0",
    ]);
    expect((await ends(scenario, 1, "pvc", "list", "we")).stderr).toContain('"we" not found');
    expect((await ends(scenario, 2, "pvc", "list", "--graph", "-o", "yaml")).stdout).toBe("");
  });

  it("fits into a terminal, with colours, and with letters where there are no signs", async ({
    scenario,
  }) => {
    const storageClass = await scenario.storageClass();
    await runningSet(scenario, "web", { replicas: 12, templates: ["www"], storageClass });
    await scaled(scenario, "web", 11);
    const table = await inTerminal(scenario, ["pvc", "list", "web"], async (terminal) => {
      expect(await terminal.ended).toBe(0);
      expect(terminal.raw).toContain("\u001b[32min-use\u001b[39m");
      return terminal.screen().filter(Boolean);
    });
    expect(table[0]).toMatch(/^CLAIM +ORDINAL +STATE +SIZE +AGE +ON DELETE$/);
    expect(table).toHaveLength(14);
    const drawn = (columns: number, env: Record<string, string> = {}) =>
      inTerminal(
        scenario,
        ["pvc", "list", "web", "--graph"],
        async (terminal) => {
          expect(await terminal.ended).toBe(0);
          const screen = terminal.screen();
          const head = screen.findIndex((line) => line.includes("0-9"));
          return screen.slice(head, head + 2);
        },
        { columns, env },
      );
    expect(await drawn(80)).toEqual(["       0-9         10-11", "  www  ●●●●●●●●●●  ●▒"]);
    expect(await drawn(200, { LC_ALL: "C" })).toEqual(["       0-9         10-11", "  www  ##########  #%"]);
  });
});
