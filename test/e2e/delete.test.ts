import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import { it, type Scenario } from "./support/cluster.js";
import { inTerminal, question } from "./support/pty.js";
import { leftover, runningSet, scaled, setManifest } from "./support/sets.js";
import { claimsOf, ends, lines, names, order, podsOf } from "./support/walk.js";

const deleted = (name: string) => `statefulset.apps "${name}" deleted\n`;

async function claimNames(scenario: Scenario): Promise<string[]> {
  return names((await claimsOf(scenario)).keys());
}

/** `web` with three pods, each with a claim. */
async function web(scenario: Scenario, shape: Parameters<typeof setManifest>[1] = {}): Promise<void> {
  const storageClass = await scenario.storageClass();
  await runningSet(scenario, "web", { replicas: 3, templates: ["www"], storageClass, ...shape });
}

const all = ["www-web-0", "www-web-1", "www-web-2"];

describe("delete", () => {
  it("takes the set and its pods, waits for both, and keeps the claims", async ({ scenario }) => {
    await web(scenario);
    const result = await ends(scenario, 0, "delete", "web");
    expect(result.stdout).toBe(deleted("web"));
    expect(await scenario.read(kinds.statefulSet, "web")).toBeUndefined();
    expect([...(await podsOf(scenario)).keys()]).toEqual([]);
    expect(await claimNames(scenario)).toEqual(all);
  });

  it("--cascade=foreground ends when the last pod is gone", async ({ scenario }) => {
    await web(scenario);
    const result = await ends(scenario, 0, "delete", "sts/web", "--cascade=foreground");
    expect(result.stdout).toBe(deleted("web"));
    expect([...(await podsOf(scenario)).keys()]).toEqual([]);
    expect(await claimNames(scenario)).toEqual(all);
  });

  it("--cascade=orphan leaves pods and claims as they are, without owners", async ({ scenario }) => {
    await web(scenario, { retention: { whenDeleted: "Delete" } });
    const before = await podsOf(scenario);
    const result = await ends(scenario, 0, "delete", "web", "--cascade=orphan");
    expect(result.stdout).toBe(deleted("web"));
    expect(result.stderr).not.toContain("warning");
    const after = await podsOf(scenario);
    expect(names(after.keys())).toEqual(["web-0", "web-1", "web-2"]);
    for (const [name, pod] of after) {
      expect(pod.metadata.uid).toBe(before.get(name)?.metadata.uid);
      expect(pod.metadata.ownerReferences ?? []).toEqual([]);
    }
    expect(await claimNames(scenario)).toEqual(all);
  });

  it("--ordered stops the highest ordinal first, one after the other", async ({ scenario }) => {
    await web(scenario, { ordered: true });
    const result = await ends(scenario, 0, "delete", "web", "--ordered");
    expect(order(result, "gone")).toEqual(["web-2", "web-1", "web-0"]);
    expect(result.stdout).toBe(deleted("web"));
    expect(await claimNames(scenario)).toEqual(all);
  });

  it("--ordered, killed in the middle, is finished by running it again", async ({ scenario }) => {
    await web(scenario, { ordered: true });
    const first = scenario.start(["delete", "web", "--ordered"]);
    await first.untilWritten(/web-2: gone/);
    first.kill("SIGKILL");
    await first.ended;
    expect((await scenario.read(kinds.statefulSet, "web"))?.spec.replicas).toBe(0);
    expect((await ends(scenario, 0, "delete", "web", "--ordered")).stdout).toBe(deleted("web"));
    expect([...(await podsOf(scenario)).keys()]).toEqual([]);
    expect(await claimNames(scenario)).toEqual(all);
  });

  it("--ordered, interrupted, leaves the cluster as it is and says how to go on", async ({ scenario }) => {
    await web(scenario, { ordered: true });
    const ref = { namespace: scenario.namespace, name: "web-0" };
    const hold = (finalizers: string[] | null) =>
      scenario.cluster.patch(kinds.pod, ref, { type: "merge", body: { metadata: { finalizers } } });
    // However slow this machine is: it does not end before it is interrupted.
    await hold(["sts.test/hold"]);
    const first = scenario.start(["delete", "web", "--ordered"]);
    await first.untilWritten(/web-2: gone/);
    first.kill("SIGINT");
    const { code, stdout, stderr } = await first.ended;
    await hold(null);
    expect(code).toBe(130);
    expect(stdout).toBe("");
    expect(stderr).toContain("sts delete web");
    expect(stderr).toContain("--ordered");
    expect(await scenario.read(kinds.statefulSet, "web")).toBeDefined();
  });

  it("takes several sets by name, and by label", async ({ scenario }) => {
    for (const name of ["a", "b", "c", "d"]) {
      await scenario.create(setManifest(name, { replicas: 1, labels: { tier: name < "c" ? "one" : "two" } }));
    }
    expect(await lines(scenario, "delete", "a", "statefulset.apps/b")).toEqual(
      ["a", "b"].map((name) => deleted(name).trimEnd()),
    );
    expect(await lines(scenario, "delete", "-l", "tier=two")).toHaveLength(2);
    expect((await scenario.cluster.list(kinds.statefulSet, {})).items).toEqual([]);
    const nothing = await ends(scenario, 0, "delete", "-l", "tier=two");
    expect(nothing.stdout).toBe("");
    expect(nothing.stderr).toBe("No resources found\n");
  });

  it("says which name is not there after the others are gone; --ignore-not-found does not mind", async ({
    scenario,
  }) => {
    await scenario.create(setManifest("web"));
    const mixed = await ends(scenario, 1, "delete", "web", "wbe");
    expect(mixed.stdout).toBe(deleted("web"));
    expect(mixed.stderr).toContain('Error from server (NotFound): statefulsets.apps "wbe" not found\n');
    const ignored = await ends(scenario, 0, "delete", "wbe", "--ignore-not-found");
    expect(ignored).toMatchObject({ stdout: "", stderr: "" });
  });

  it("--dry-run and -o name", async ({ scenario }) => {
    await web(scenario);
    expect((await ends(scenario, 0, "delete", "web", "--dry-run")).stdout).toBe(
      'statefulset.apps "web" deleted (dry run)\n',
    );
    expect((await ends(scenario, 0, "delete", "web", "--dry-run=server", "--ordered")).stdout).toBe(
      'statefulset.apps "web" deleted (server dry run)\n',
    );
    const claims = await ends(scenario, 0, "delete", "web", "--dry-run=server", "--claims=delete");
    expect(claims.stdout).toContain('persistentvolumeclaim "www-web-2" deleted (server dry run)\n');
    const set = await scenario.read(kinds.statefulSet, "web");
    expect(set?.spec.replicas).toBe(3);
    expect(set?.metadata.deletionTimestamp).toBeUndefined();
    expect(await claimNames(scenario)).toEqual(all);
    expect((await ends(scenario, 0, "delete", "web", "-o", "name")).stdout).toBe("statefulset.apps/web\n");
  });
});

describe("delete --claims=delete", () => {
  it("shows every claim of the set, left-over ones included, and needs a yes", async ({ scenario }) => {
    await web(scenario);
    await scaled(scenario, "web", 2);
    await runningSet(scenario, "web-web", {
      templates: ["www"],
      storageClass: (await claimsOf(scenario)).get("www-web-0")?.spec.storageClassName ?? "",
    });
    const refused = await ends(scenario, 7, "delete", "web", "--claims=delete");
    expect(refused.stdout).toBe("");
    for (const name of all) expect(refused.stderr).toContain(name);
    expect(refused.stderr).not.toContain("www-web-web-0");
    expect(refused.stderr).toContain("the volume and its data are destroyed");
    expect(refused.stderr).toContain("nothing was deleted");
    expect((await scenario.read(kinds.statefulSet, "web"))?.spec.replicas).toBe(2);

    const done = await ends(scenario, 0, "delete", "web", "--claims=delete", "--yes");
    const [first, ...rest] = done.stdout.trimEnd().split("\n");
    expect(first).toBe(deleted("web").trimEnd());
    expect(names(rest)).toEqual(all.map((name) => `persistentvolumeclaim "${name}" deleted`));
    expect(await claimNames(scenario)).toEqual(["www-web-web-0"]);
  });

  it("asks in a terminal, and goes in order where that is wanted, too", async ({ scenario }) => {
    await web(scenario, { ordered: true });
    const args = ["delete", "web", "--ordered", "--claims=delete"];
    await inTerminal(
      scenario,
      args,
      async (terminal) => {
        await question(terminal, "Delete these 3 claims with the set? [y/N]");
        terminal.type("y\r");
        expect(await terminal.ended).toBe(0);
        expect(terminal.screen().join("\n")).toContain('persistentvolumeclaim "www-web-2" deleted');
      },
      { columns: 120 },
    );
    expect(await claimNames(scenario)).toEqual([]);
  });

  it("is finished by running it again after a kill between the set and its claims", async ({ scenario }) => {
    await web(scenario);
    await ends(scenario, 0, "delete", "web");
    const again = await lines(scenario, "delete", "web", "--claims=delete", "--yes");
    expect(names(again)).toEqual(all.map((name) => `persistentvolumeclaim "${name}" deleted`));
    expect(await claimNames(scenario)).toEqual([]);
  });

  it("is finished by running it again while the pods of the deleted set are still going", async ({
    scenario,
  }) => {
    await web(scenario);
    const ref = { namespace: scenario.namespace, name: "web-1" };
    const hold = (finalizers: string[] | null) =>
      scenario.cluster.patch(kinds.pod, ref, { type: "merge", body: { metadata: { finalizers } } });
    await hold(["sts.test/hold"]);
    const args = ["delete", "web", "--claims=delete", "--yes"];
    const first = scenario.start(args);
    await first.untilWritten(/web-0: gone/);
    await scenario.until("the set to go", kinds.statefulSet, (sets) => !sets.has("web"));
    first.kill("SIGKILL");
    await first.ended;
    expect(await claimNames(scenario)).toEqual(all);
    const second = scenario.start(args);
    await second.untilWritten(/waiting for web-1 to go/);
    await hold(null);
    const { code, stdout, stderr } = await second.ended;
    expect(code, stderr).toBe(0);
    expect(names(stdout.trimEnd().split("\n"))).toEqual(
      all.map((name) => `persistentvolumeclaim "${name}" deleted`),
    );
    expect(await claimNames(scenario)).toEqual([]);
  });

  it("leaves a claim alone that a pod of somebody else uses by then", async ({ scenario }) => {
    await web(scenario, { replicas: 2 });
    await scenario.create({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "backup" },
      spec: {
        containers: [{ name: "main", image: "busybox" }],
        volumes: [{ name: "data", persistentVolumeClaim: { claimName: "www-web-1" } }],
      },
    });
    const result = await ends(scenario, 6, "delete", "web", "--claims=delete", "--yes");
    expect(result.stderr).toContain("skipped: www-web-1");
    expect(await claimNames(scenario)).toEqual(["www-web-1"]);
    expect((await scenario.read(kinds.claim, "www-web-1"))?.metadata.deletionTimestamp).toBeUndefined();
  });
});

describe("delete and the retention policy", () => {
  const retention = { whenDeleted: "Delete", whenScaled: "Delete" };

  it("warns when it destroys the claims, and then lets it", async ({ scenario }) => {
    await web(scenario, { retention: { whenDeleted: "Delete" } });
    const result = await ends(scenario, 0, "delete", "web");
    expect(result.stderr).toContain("(whenDeleted: Delete) destroys its claims");
    expect(result.stderr).toContain("sts delete web --claims=keep");
    await scenario.until("the claims to go", kinds.claim, (claims) => claims.size === 0);
  });

  it("--claims=keep keeps them: the policy is Retain first, and the owner references are off", async ({
    scenario,
  }) => {
    await web(scenario, { retention });
    const uids = new Map([...(await claimsOf(scenario))].map(([name, { metadata }]) => [name, metadata.uid]));
    const result = await ends(scenario, 0, "delete", "web", "--claims=keep");
    expect(result.stdout).toBe(deleted("web"));
    expect(result.stderr).toContain("set to Retain");
    expect(result.stderr).not.toContain("warning");
    const kept = await claimsOf(scenario);
    expect(names(kept.keys())).toEqual(all);
    for (const [name, { metadata }] of kept) {
      expect(metadata.uid).toBe(uids.get(name));
      expect(metadata.deletionTimestamp).toBeUndefined();
      expect(metadata.ownerReferences ?? []).toEqual([]);
    }
  });

  it("--ordered --claims=keep keeps them under whenScaled: Delete, too", async ({ scenario }) => {
    await web(scenario, { retention, ordered: true });
    await ends(scenario, 0, "delete", "web", "--ordered", "--claims=keep");
    expect(await claimNames(scenario)).toEqual(all);
    for (const { metadata } of (await claimsOf(scenario)).values()) {
      expect(metadata.deletionTimestamp).toBeUndefined();
      expect(metadata.ownerReferences ?? []).toEqual([]);
    }
  });

  it("--claims=keep takes left-over claims out of the policy's reach as well", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    await runningSet(scenario, "web", {
      templates: ["www"],
      storageClass,
      retention: { whenDeleted: "Delete" },
    });
    const uid = (await scenario.read(kinds.statefulSet, "web"))?.metadata.uid ?? "";
    const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name: "web", uid, controller: true };
    const old = leftover("www-web-4", "web", storageClass);
    await scenario.create({ ...old, metadata: { ...old.metadata, ownerReferences: [owner] } });
    await ends(scenario, 0, "delete", "web", "--claims=keep");
    expect(await claimNames(scenario)).toEqual(["www-web-0", "www-web-4"]);
    expect((await scenario.read(kinds.claim, "www-web-4"))?.metadata.ownerReferences ?? []).toEqual([]);
  });
});
