import { readFileSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { fromList, type SavedClaim } from "../../src/core/claims/saved.js";
import { kinds } from "../../src/core/kinds.js";
import type { Claim } from "../../src/core/model.js";
import { selfSigned } from "../support/certificates.js";
import { it, type Scenario } from "./support/cluster.js";
import { type Answered, openCountingProxy } from "./support/counting-proxy.js";
import { killedAfterEach } from "./support/kill.js";
import type { Result } from "./support/process.js";
import { openWire } from "./support/proxy.js";
import { inTerminal, question } from "./support/pty.js";
import { bound, leftover, runningSet, scaled, writeReplicas } from "./support/sets.js";
import { claimsOf, ends, names } from "./support/walk.js";

/** `web` with one replica and so many claims left over above it, all bound. */
async function leftBehind(scenario: Scenario, left: number, set = "web", storageClass?: string) {
  const name = storageClass ?? (await scenario.storageClass());
  await runningSet(scenario, set, { templates: ["www"], storageClass: name });
  const claims = Array.from({ length: left }, (_, index) => `www-${set}-${index + 1}`);
  await scenario.create(...claims.map((claim) => leftover(claim, set, name)));
  await bound(scenario, `www-${set}-0`, ...claims);
  return claims;
}

async function claimNamed(scenario: Scenario, name: string): Promise<Claim> {
  return (await scenario.read(kinds.claim, name)) ?? expect.fail(`${name} is not there`);
}

/** What the folder of a backup holds, by the names of the claims. */
function savedIn(scenario: Scenario, dir: string): Map<string, SavedClaim> {
  const folder = path.join(scenario.directory, dir, scenario.namespace);
  const saved = readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => fromList(JSON.parse(readFileSync(path.join(folder, file), "utf8")), file));
  return new Map(saved.map((one) => [one.claim.metadata.name, one]));
}

/** Volumes that were kept outlive the namespace of a test. */
async function removeVolumes(scenario: Scenario, volumes: readonly (string | undefined)[]): Promise<void> {
  await Promise.allSettled(volumes.map((name = "") => scenario.cluster.delete(kinds.volume, { name })));
}

async function expectKept(scenario: Scenario, volume: string | undefined): Promise<void> {
  const kept = await scenario.read(kinds.volume, volume ?? "");
  expect(kept?.spec.persistentVolumeReclaimPolicy).toBe("Retain");
  expect(kept?.metadata.deletionTimestamp).toBeUndefined();
}

async function hold(scenario: Scenario, name: string, finalizers: string[] | null): Promise<void> {
  const ref = { namespace: scenario.namespace, name };
  await scenario.cluster.patch(kinds.claim, ref, { type: "merge", body: { metadata: { finalizers } } });
}

/** Runs `sts` and counts its requests, but for those that another one's write made necessary again. */
async function counted(
  scenario: Scenario,
  args: string[],
): Promise<{ result: Result; requests: Answered[] }> {
  const pair = selfSigned({ addresses: ["127.0.0.1"] });
  const proxy = await openCountingProxy(scenario.env["KUBECONFIG"] ?? "", pair, () => false);
  try {
    const result = await scenario.sts(args, { env: { KUBECONFIG: proxy.kubeconfig } });
    const conflicts = proxy.answered.filter(({ status }) => status === 409);
    const again = new Set(conflicts.map(({ path }) => path));
    const isRepeat = ({ method, path }: Answered) => method === "GET" && again.has(path);
    const requests = proxy.answered.filter((answer) => !conflicts.includes(answer) && !isRepeat(answer));
    return { result, requests };
  } finally {
    await proxy.close();
  }
}

describe("pvc cleanup --backup --keep-data", () => {
  it("saves claims and volumes as the server has them, keeps the volumes, and the way back works", async ({
    scenario,
  }) => {
    await leftBehind(scenario, 2);
    const before = await claimsOf(scenario);
    const volumes = ["www-web-1", "www-web-2"].map((name) => before.get(name)?.spec.volumeName);
    const { stdout, stderr } = await ends(
      scenario,
      0,
      ...["pvc", "cleanup", "web", "--yes", "--keep-data", "--backup=saved here"],
    );
    for (const [index, name] of ["www-web-1", "www-web-2"].entries()) {
      expect(stdout).toContain(`persistentvolumeclaim "${name}" deleted (volume ${volumes[index]} kept)\n`);
      const saved = savedIn(scenario, "saved here").get(name);
      expect(saved?.claim.metadata.uid).toBe(before.get(name)?.metadata.uid);
      expect(saved?.claim.spec).toEqual(before.get(name)?.spec);
      expect(saved?.claim.metadata.managedFields).toBeDefined();
      expect(saved?.volume?.spec.persistentVolumeReclaimPolicy).toBe("Delete");
      await expectKept(scenario, volumes[index]);
    }
    expect(stderr).toContain("Delete, set to Retain first: the volume stays, Released");
    expect(stderr).toContain("saved 2 claims and 2 volumes in saved here: the objects, not the data\n");
    const back = /^ {2}back, while the volumes are there: (sts pvc restore 'saved here')$/m.exec(stderr)?.[1];
    expect(back).toBeDefined();
    expect(statSync(path.join(scenario.directory, "saved here")).mode & 0o777).toBe(0o700);

    await ends(scenario, 0, "pvc", "restore", "saved here");
    await bound(scenario, "www-web-1", "www-web-2");
    await writeReplicas(scenario, "web", 3);
    await scaled(scenario, "web", 3);
    const after = await claimsOf(scenario);
    expect(["www-web-1", "www-web-2"].map((name) => after.get(name)?.spec.volumeName)).toEqual(volumes);
    await scenario.cluster.delete(kinds.namespace, { name: scenario.namespace });
    await removeVolumes(scenario, volumes);
  });

  it("says in a document where all of it is, in few requests", async ({ scenario }) => {
    const left = await leftBehind(scenario, 12);
    const args = ["pvc", "cleanup", "web", "--yes", "--keep-data", "-o", "json", "--progress=json"];
    const { result, requests } = await counted(scenario, args);
    expect(result.code, result.stderr).toBe(0);
    const { items } = JSON.parse(result.stdout) as {
      items: { name: string; kept: string; savedTo: null }[];
    };
    expect(items.map(({ name }) => name)).toEqual(left);
    for (const { kept, savedTo } of items) expect([typeof kept, savedTo]).toEqual(["string", null]);
    const events = result.stderr.trimEnd().split("\n");
    expect(events.every((line) => line.startsWith("{"))).toBe(true);
    expect(requests.filter(({ method }) => method === "PATCH")).toHaveLength(12);
    expect(requests.length).toBeLessThanOrEqual(2 * 12 + 10);
    await removeVolumes(
      scenario,
      items.map(({ kept }) => kept),
    );
  });

  it("costs nothing where it is not asked for", async ({ scenario }) => {
    await leftBehind(scenario, 12);
    const { result, requests } = await counted(scenario, ["pvc", "cleanup", "web", "--yes"]);
    expect(result.code, result.stderr).toBe(0);
    expect(requests.filter(({ method }) => method === "DELETE")).toHaveLength(12);
    expect(requests.length).toBeLessThanOrEqual(12 + 10);
  });

  it("goes on when the network is back, and after Ctrl-C with the same command", async ({ scenario }) => {
    const left = await leftBehind(scenario, 20);
    const before = await claimsOf(scenario);
    const wire = await openWire(scenario.env["KUBECONFIG"] ?? "");
    const args = ["pvc", "cleanup", "web", "--yes", "--keep-data", "--backup=b", "--concurrency=1"];
    try {
      const first = scenario.start(args, { env: { KUBECONFIG: wire.kubeconfig } });
      await first.untilWritten(/"www-web-2" deleted/);
      await wire.cut();
      await wire.mend();
      await first.untilWritten(/"www-web-8" deleted/);
      first.kill("SIGINT");
      const { code, stderr } = await first.ended;
      expect(code, stderr).toBe(130);
      expect(stderr).toMatch(/\d+ of 20 claims are gone; the same command again goes on with the rest\n/);
    } finally {
      await wire.close();
    }
    await ends(scenario, 0, ...args);
    expect(names((await claimsOf(scenario)).keys())).toEqual(["www-web-0"]);
    const saved = savedIn(scenario, "b");
    expect(names(saved.keys())).toEqual(left);
    for (const { claim, volume } of saved.values()) {
      expect(claim.metadata.uid).toBe(before.get(claim.metadata.name)?.metadata.uid);
      expect(volume?.spec.persistentVolumeReclaimPolicy).toBe("Delete");
      await expectKept(scenario, volume?.metadata.name);
    }
    await removeVolumes(
      scenario,
      [...saved.values()].map(({ volume }) => volume?.metadata.name),
    );
  });

  it("keeps the volume of a claim that was Terminating before, and saves both", async ({ scenario }) => {
    await leftBehind(scenario, 1);
    const { spec } = await claimNamed(scenario, "www-web-1");
    await hold(scenario, "www-web-1", ["kubernetes.io/pvc-protection", "sts.test/hold"]);
    await scenario.cluster.delete(kinds.claim, { namespace: scenario.namespace, name: "www-web-1" });
    const args = ["pvc", "cleanup", "web", "--keep-data", "--backup=b", "--wait=false"];
    const { stdout } = await ends(scenario, 0, ...args);
    expect(stdout).toContain(`"www-web-1" is Terminating (volume ${spec.volumeName} kept)`);
    await expectKept(scenario, spec.volumeName);
    expect(savedIn(scenario, "b").get("www-web-1")?.volume?.metadata.name).toBe(spec.volumeName);
    await hold(scenario, "www-web-1", null);
    await scenario.until("the claim to go", kinds.claim, (claims) => !claims.has("www-web-1"));
    await expectKept(scenario, spec.volumeName);
    await removeVolumes(scenario, [spec.volumeName]);
  });

  it("names the backup as the way back of a claim that became wanted, and that works", async ({
    scenario,
  }) => {
    await leftBehind(scenario, 1);
    const { spec } = await claimNamed(scenario, "www-web-1");
    await hold(scenario, "www-web-1", ["kubernetes.io/pvc-protection", "sts.test/hold"]);
    const running = scenario.start(["pvc", "cleanup", "web", "--yes", "--backup=b"]);
    await scenario.until("www-web-1 to be Terminating", kinds.claim, (claims) =>
      Boolean(claims.get("www-web-1")?.metadata.deletionTimestamp),
    );
    await writeReplicas(scenario, "web", 2);
    await running.untilWritten(/wanted: www-web-1: became wanted while it was being deleted/);
    await hold(scenario, "www-web-1", null);
    const { code, stderr } = await running.ended;
    expect(code).toBe(6);
    const [down, remove, restore, up] = stderr.split("\n").filter((line) => /^ {2}(sts|kubectl) /.test(line));
    expect([down, remove, restore, up]).toEqual([
      "  sts scale web --replicas=1",
      "  kubectl delete pvc www-web-1 --ignore-not-found",
      "  sts pvc restore b www-web-1",
      "  sts scale web --replicas=2",
    ]);
    await ends(scenario, 0, "scale", "web", "--replicas=1");
    const ref = { namespace: scenario.namespace, name: "www-web-1" };
    await scenario.cluster.delete(kinds.claim, ref).catch(() => undefined);
    await scenario.until("the claim to go", kinds.claim, (claims) => !claims.has("www-web-1"));
    await ends(scenario, 0, "pvc", "restore", "b", "www-web-1");
    await ends(scenario, 0, "scale", "web", "--replicas=2");
    expect((await claimNamed(scenario, "www-web-1")).spec.volumeName).toBe(spec.volumeName);
    await scenario.cluster.delete(kinds.namespace, { name: scenario.namespace });
    await removeVolumes(scenario, [spec.volumeName]);
  });
});

describe("pvc cleanup --backup deletes nothing", () => {
  it("where the folder cannot be made, or holds something else in its place", async ({ scenario }) => {
    const [claim = ""] = await leftBehind(scenario, 1);
    scenario.file("taken", "a file");
    const { metadata } = await claimNamed(scenario, claim);
    scenario.file(`b/${scenario.namespace}/${claim}.${metadata.uid.slice(0, 8)}.json`, "mine");
    for (const [dir, why] of [
      ["taken", /taken cannot be written to: E\w+/],
      ["b", /is there, and is no backup of pvc cleanup/],
    ] as const) {
      const { stdout, stderr } = await ends(scenario, 7, "pvc", "cleanup", "web", "--yes", `--backup=${dir}`);
      expect(stdout).toBe("");
      expect(stderr).toMatch(why);
      expect((await claimNamed(scenario, claim)).metadata.deletionTimestamp).toBeUndefined();
    }
    await ends(scenario, 2, "pvc", "cleanup", "web", "--yes", "--backup=");
  });

  it("where volumes may not be read; nor does --keep-data where they may not be changed", async ({
    scenario,
  }) => {
    const [claim = ""] = await leftBehind(scenario, 1);
    const all = ["get", "list", "watch", "delete"];
    const rules = [
      { apiGroups: ["apps"], resources: ["statefulsets"], verbs: all },
      { apiGroups: [""], resources: ["pods", "persistentvolumeclaims", "events"], verbs: all },
      { apiGroups: ["autoscaling"], resources: ["horizontalpodautoscalers"], verbs: all },
    ];
    const rbac = "rbac.authorization.k8s.io";
    const subjects = [{ apiGroup: rbac, kind: "User", name: "limited" }];
    await scenario.create(
      { apiVersion: `${rbac}/v1`, kind: "Role", metadata: { name: "sts" }, rules },
      {
        apiVersion: `${rbac}/v1`,
        kind: "RoleBinding",
        metadata: { name: "sts" },
        roleRef: { apiGroup: rbac, kind: "Role", name: "sts" },
        subjects,
      },
    );
    const env = { KUBECONFIG: scenario.kubeconfigOf("limited") };
    const cleanup = ["pvc", "cleanup", "web", "--yes"];
    // An authorizer learns of a new role a moment later.
    const permitted = async () => (await scenario.sts(["pvc", "list"], { env })).code === 0;
    for (let attempt = 0; attempt < 50 && !(await permitted()); attempt += 1);
    const backup = await scenario.sts([...cleanup, "--backup=b"], { env });
    expect(backup.code, backup.stderr).toBe(7);
    expect(backup.stderr).toContain(
      "error: no claim was deleted, --backup is not possible: persistentvolumes may not be read here\n",
    );
    const kept = await scenario.sts([...cleanup, "--keep-data"], { env });
    expect(kept.code, kept.stderr).toBe(1);
    expect(kept.stderr).toMatch(
      /error: www-web-1 was not deleted: its volume \S+ could not be set to Retain: .*forbidden/,
    );
    const withSet = ["delete", "web", "--claims=delete", "--keep-data", "--yes"];
    const refused = await scenario.sts(withSet, { env });
    expect(refused.code, refused.stderr).toBe(7);
    expect(refused.stderr).toMatch(
      /error: nothing was deleted, --keep-data is not possible: www-web-0 \(and 1 more\), its volume \S+: .*forbidden/,
    );
    expect((await scenario.read(kinds.statefulSet, "web"))?.metadata.deletionTimestamp).toBeUndefined();
    expect(await scenario.read(kinds.statefulSet, "web")).toBeDefined();
    expect((await claimNamed(scenario, claim)).metadata.deletionTimestamp).toBeUndefined();
  });

  it("in a dry run, which says what it would do", async ({ scenario }) => {
    const [claim = ""] = await leftBehind(scenario, 1);
    const { spec } = await claimNamed(scenario, claim);
    for (const mode of ["client", "server"]) {
      const args = ["pvc", "cleanup", "web", "--backup=b", "--keep-data", `--dry-run=${mode}`];
      const { stdout, stderr } = await ends(scenario, 0, ...args);
      expect(stdout).toMatch(
        new RegExp(`"www-web-1" deleted \\(volume ${spec.volumeName} kept\\) \\((server )?dry run\\)`),
      );
      expect(stderr).toContain("would first save 1 claim and its volume in b: the objects, not the data (");
      expect(readdirSync(scenario.directory)).toEqual([]);
    }
    const volume = await scenario.read(kinds.volume, spec.volumeName ?? "");
    expect(volume?.spec.persistentVolumeReclaimPolicy).toBe("Delete");
  });
});

it("the question tells what can be done before, and what then happens to the data", async ({ scenario }) => {
  await leftBehind(scenario, 2);
  const ask = (...flags: string[]) =>
    inTerminal(
      scenario,
      ["pvc", "cleanup", "web", ...flags],
      async (terminal) => {
        await question(terminal);
        const screen = terminal.screen().flatMap((line) => line.trimEnd() || []);
        terminal.type("n\r");
        expect(await terminal.ended).toBe(7);
        return screen;
      },
      { columns: 200 },
    );
  const age = "(unused for|created) .*";
  const plain = await ask();
  expect(plain).toHaveLength(6);
  expect(plain[0]).toBe(
    `Left over from ${scenario.namespace}/web (replicas 1), scaled-down, in no pod's use:`,
  );
  expect(plain[1]).toMatch(
    new RegExp(`^  www-web-1  ${age}  1Gi  \\S+  Delete: the volume and its data are destroyed$`),
  );
  expect(plain.slice(3)).toEqual([
    "In all 2 claims, 2Gi: 2Gi destroyed",
    "--backup=DIR saves the objects first, --keep-data keeps the volumes.",
    "Delete these 2 claims? [y/N]",
  ]);
  const kept = await ask("--keep-data");
  expect(kept[1]).toMatch(/ {2}Delete, set to Retain first: the volume stays, Released$/);
  expect(kept.slice(3)).toEqual([
    "In all 2 claims, 2Gi: 2Gi kept",
    "--backup=DIR saves the objects first.",
    "Delete these 2 claims and keep their volumes? [y/N]",
  ]);
  const both = await ask("--keep-data", "--backup=b");
  expect(both.slice(4)).toEqual(["Delete these 2 claims and keep their volumes? [y/N]"]);
});

describe("pvc cleanup --backup --keep-data, killed after any of its requests", () => {
  it("loses nothing, and is finished by running it again", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    const all: string[] = [];
    interface State {
      set: string;
      before: Map<string, Claim>;
    }
    /** Every claim that is not there, or is going, was saved; every one of their volumes stays. */
    const nothingLost = async ({ set, before }: State) => {
      const claims = await claimsOf(scenario);
      for (const [name, { metadata, spec }] of before) {
        const now = claims.get(name);
        if (now && now.metadata.deletionTimestamp === undefined) continue;
        const saved = savedIn(scenario, `b-${set}`).get(name);
        expect(saved?.claim.metadata.uid, name).toBe(metadata.uid);
        expect(saved?.volume?.metadata.name).toBe(spec.volumeName);
        expect(saved?.volume?.spec.persistentVolumeReclaimPolicy, name).toBe("Delete");
        await expectKept(scenario, spec.volumeName);
      }
    };
    const kills = await killedAfterEach<State>(scenario, {
      async prepare(run) {
        const set = `web-${run}`;
        const left = await leftBehind(scenario, 2, set, storageClass);
        const claims = await claimsOf(scenario);
        const before = new Map(left.map((name) => [name, claims.get(name) ?? expect.fail(name)]));
        all.push(...[...before.values()].flatMap(({ spec }) => spec.volumeName ?? []));
        return { set, before };
      },
      args: ({ set }) => ["pvc", "cleanup", set, "--yes", "--keep-data", `--backup=b-${set}`],
      afterKill: nothingLost,
      async afterEnd(state) {
        await nothingLost(state);
        const claims = await claimsOf(scenario);
        expect([...state.before.keys()].filter((name) => claims.has(name))).toEqual([]);
        const folder = path.join(scenario.directory, `b-${state.set}`, scenario.namespace);
        expect(readdirSync(folder).filter((file) => !file.endsWith(".json"))).toEqual([]);
      },
    });
    expect(kills.filter(({ method }) => method === "PATCH").length).toBeGreaterThanOrEqual(1);
    expect(kills.filter(({ method }) => method === "DELETE").length).toBeGreaterThanOrEqual(1);
    await removeVolumes(scenario, all);
  });
});
