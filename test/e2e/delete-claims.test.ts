import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import { it, type Scenario } from "./support/cluster.js";
import { inTerminal, question, type Terminal } from "./support/pty.js";
import {
  autoscaler,
  bound,
  leftover,
  runningSet,
  scaled,
  setManifest,
  writeReplicas,
} from "./support/sets.js";
import { claimsOf, ends, names } from "./support/walk.js";

type Shape = NonNullable<Parameters<typeof runningSet>[2]>;

async function web(scenario: Scenario, shape: Shape = {}): Promise<string> {
  const storageClass = await scenario.storageClass();
  await runningSet(scenario, "web", { replicas: 2, templates: ["www"], storageClass, ...shape });
  return storageClass;
}

async function claimNames(scenario: Scenario): Promise<string[]> {
  return names((await claimsOf(scenario)).keys());
}

async function volumeOf(scenario: Scenario, claim: string): Promise<string> {
  return (await scenario.read(kinds.claim, claim))?.spec.volumeName ?? "";
}

async function gone(scenario: Scenario, name: string): Promise<void> {
  await scenario.cluster.delete(kinds.claim, { namespace: scenario.namespace, name });
  await scenario.until(`${name} to go`, kinds.claim, (claims) => !claims.has(name));
}

const args = ["delete", "web", "--claims=delete"];
const asked = "Delete these 2 claims with the set? [y/N]";
const all = ["www-web-0", "www-web-1"];
const deleted = (name: string) => `persistentvolumeclaim "${name}" deleted`;

describe("delete --claims=delete takes", () => {
  it("what an autoscaler might want back, and what is left of a set at zero", async ({ scenario }) => {
    await web(scenario);
    await scaled(scenario, "web", 0);
    await scenario.create(autoscaler("web", 9));
    const { stdout, stderr } = await ends(scenario, 0, ...args, "--yes");
    expect(stderr).toMatch(/www-web-1 +autoscaled/);
    expect(stdout).toContain(deleted("www-web-1"));
    expect(await claimNames(scenario)).toEqual([]);
  });

  it("those of a template that the set has no more", async ({ scenario }) => {
    const storageClass = await web(scenario);
    await scenario.create(leftover("log-web-0", "web", storageClass));
    const { stderr } = await ends(scenario, 0, ...args, "--yes");
    expect(stderr).toMatch(/log-web-0 +template-gone/);
    expect(await claimNames(scenario)).toEqual([]);
  });

  it("none that another set or controller may own, and says why", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    // data-web-db-1: template data of web-db, or template data-web of db.
    await runningSet(scenario, "db", { replicas: 2, templates: ["data-web"], storageClass });
    await scaled(scenario, "db", 1);
    await scenario.create(setManifest("web-db", { replicas: 0, templates: ["data"], storageClass }));
    await scenario.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } });
    const uid = (await scenario.read(kinds.configMap, "x"))?.metadata.uid ?? "";
    const owner = { apiVersion: "v1", kind: "ConfigMap", name: "x", uid, controller: true };
    const held = leftover("data-web-db-7", "db", storageClass);
    await scenario.create({ ...held, metadata: { ...held.metadata, ownerReferences: [owner] } });
    const { stdout, stderr } = await ends(scenario, 0, "delete", "web-db", "--claims=delete", "--yes");
    expect(stderr).toMatch(/left alone: data-web-db-1 \(ambiguous: its name fits .*template data of web-db/);
    expect(stderr).toContain("left alone: data-web-db-7 (ambiguous: ");
    expect(stdout).toBe('statefulset.apps "web-db" deleted\n');
    expect(await claimNames(scenario)).toEqual(["data-web-db-0", "data-web-db-1", "data-web-db-7"]);
  });
});

describe("delete --claims=delete loses nothing", () => {
  it("of a set that was made anew before the answer: exit 6, it and the claims stay", async ({
    scenario,
  }) => {
    const storageClass = await web(scenario);
    const answer = async (terminal: Terminal) => {
      await question(terminal, asked);
      await ends(scenario, 0, "delete", "web");
      await runningSet(scenario, "web", { replicas: 2, templates: ["www"], storageClass });
      terminal.type("y\r");
      expect(await terminal.ended).toBe(6);
      expect(terminal.screen().join("\n")).toContain("is another set than the one that was read");
    };
    await inTerminal(scenario, args, answer, { columns: 140 });
    expect(await scenario.read(kinds.statefulSet, "web")).toBeDefined();
    expect(await claimNames(scenario)).toEqual(all);
  });

  it("of a set that was gone, and is made anew before the answer: exit 6, the claims stay", async ({
    scenario,
  }) => {
    const storageClass = await web(scenario);
    await ends(scenario, 0, "delete", "web");
    await inTerminal(scenario, args, async (terminal) => {
      await question(terminal, asked);
      await runningSet(scenario, "web", { replicas: 2, templates: ["www"], storageClass });
      terminal.type("y\r");
      expect(await terminal.ended).toBe(6);
      expect(terminal.screen().join("\n")).toContain("skipped: www-web-1");
    });
    expect(await claimNames(scenario)).toEqual(all);
    for (const { metadata } of (await claimsOf(scenario)).values())
      expect(metadata.deletionTimestamp).toBeUndefined();
  });

  it("that was made after the question: a claim anew, one of a new replica: exit 6, both stay", async ({
    scenario,
  }) => {
    const storageClass = await web(scenario);
    await scaled(scenario, "web", 1);
    await inTerminal(
      scenario,
      args,
      async (terminal) => {
        await question(terminal, asked);
        await gone(scenario, "www-web-1");
        await scenario.create(leftover("www-web-1", "web", storageClass));
        await scaled(scenario, "web", 3);
        terminal.type("y\r");
        expect(await terminal.ended).toBe(6);
        const text = terminal.screen().join("\n");
        expect(text).toContain("skipped: www-web-1: it was made anew under the same name");
        expect(text).toContain("left alone: www-web-2: made after the claims were shown");
        expect(text).toContain(deleted("www-web-0"));
      },
      { columns: 140 },
    );
    expect(await scenario.read(kinds.statefulSet, "web")).toBeUndefined();
    expect(await claimNames(scenario)).toEqual(["www-web-1", "www-web-2"]);
  });

  for (const retention of [{}, { whenDeleted: "Delete", whenScaled: "Delete" }]) {
    const policy = retention.whenDeleted ?? "Retain";
    it(`with --keep-data and --backup, under ${policy}: the volumes stay, and the claims can come back`, async ({
      scenario,
    }) => {
      await web(scenario, { retention, ordered: true });
      await bound(scenario, ...all);
      const volumes = await Promise.all(all.map((name) => volumeOf(scenario, name)));
      const words = ["--ordered", "--keep-data", "--backup=saved", "--yes"];
      const { stdout, stderr } = await ends(scenario, 0, ...args, ...words);
      expect(stderr).toMatch(/www-web-0 .*the volume stays, Released/);
      expect(stderr).not.toContain("destroyed");
      expect(stderr).toContain("saved 2 claims and 2 volumes in saved");
      expect(stdout).toContain(deleted("www-web-1"));
      expect(await claimNames(scenario)).toEqual([]);
      const files = readdirSync(path.join(scenario.directory, "saved", scenario.namespace));
      expect(files).toHaveLength(2);
      for (const file of files) {
        const { mode } = statSync(path.join(scenario.directory, "saved", scenario.namespace, file));
        expect(mode & 0o777).toBe(0o600);
      }
      for (const volume of volumes) {
        const found = await scenario.read(kinds.volume, volume);
        expect(found?.spec.persistentVolumeReclaimPolicy).toBe("Retain");
        expect(found?.metadata.deletionTimestamp).toBeUndefined();
      }
      await ends(scenario, 0, "pvc", "restore", "saved");
      expect(await Promise.all(all.map((name) => volumeOf(scenario, name)))).toEqual(volumes);
      for (const name of all) await gone(scenario, name);
      for (const name of volumes) {
        await scenario.cluster.delete(kinds.volume, { name }).catch(() => undefined);
      }
    });
  }

  it("where the backup cannot be written: exit 7, the set stays", async ({ scenario }) => {
    await web(scenario);
    scenario.file("taken", "a file");
    const refused = await ends(scenario, 7, ...args, "--backup=taken", "--yes");
    expect(refused.stderr).toContain("--backup is not possible");
    expect((await scenario.read(kinds.statefulSet, "web"))?.metadata.deletionTimestamp).toBeUndefined();
    expect(await claimNames(scenario)).toEqual(all);
    await ends(scenario, 2, "delete", "web", "--keep-data");
  });
});

describe("delete --claims=keep", () => {
  it("keeps the claims of a pod that is just being scaled away under whenScaled: Delete", async ({
    scenario,
  }) => {
    await web(scenario, { retention: { whenScaled: "Delete" } });
    const ref = { namespace: scenario.namespace, name: "web-1" };
    const hold = (finalizers: string[] | null) =>
      scenario.cluster.patch(kinds.pod, ref, { type: "merge", body: { metadata: { finalizers } } });
    await hold(["sts.test/hold"]);
    await writeReplicas(scenario, "web", 1);
    await scenario.until("www-web-1 to belong to its pod", kinds.claim, (claims) =>
      claims.get("www-web-1")?.metadata.ownerReferences?.some(({ kind }) => kind === "Pod"),
    );
    const running = scenario.start(["delete", "web", "--claims=keep"]);
    await running.untilWritten(/whenScaled set to Retain/);
    await scenario.until("the set to go", kinds.statefulSet, (sets) => !sets.has("web"));
    await hold(null);
    const { code, stderr } = await running.ended;
    expect(code, stderr).toBe(0);
    expect(await claimNames(scenario)).toEqual(all);
    for (const { metadata } of (await claimsOf(scenario)).values()) {
      expect(metadata.deletionTimestamp).toBeUndefined();
      expect(metadata.ownerReferences ?? []).toEqual([]);
    }
  });

  it("keeps those of a broken set, whose controller gets no further than its first pod", async ({
    scenario,
  }) => {
    await web(scenario, { ordered: true, retention: { whenDeleted: "Delete" } });
    const body = { metadata: { annotations: { "sandbox/fault": "node-lost" } } };
    const ref = { namespace: scenario.namespace, name: "web-0" };
    await scenario.cluster.patch(kinds.pod, ref, { type: "merge", body });
    await scenario.until("web-0 to be not ready", kinds.pod, (pods) =>
      pods
        .get("web-0")
        ?.status?.conditions?.some(({ type, status }) => type === "Ready" && status !== "True"),
    );
    const dry = await ends(scenario, 0, "delete", "web", "--claims=keep", "--dry-run");
    expect(dry.stderr).toContain("whenDeleted would be set to Retain");
    await ends(scenario, 3, "delete", "web", "--claims=keep", "--timeout=5s");
    await scenario.until("the set to go", kinds.statefulSet, (sets) => !sets.has("web"));
    for (const { metadata } of (await claimsOf(scenario)).values())
      expect(metadata.ownerReferences ?? []).toEqual([]);
    await scenario.cluster.delete(kinds.pod, ref, { gracePeriodSeconds: 0 }).catch(() => undefined);
    expect(await claimNames(scenario)).toEqual(all);
  });
});
