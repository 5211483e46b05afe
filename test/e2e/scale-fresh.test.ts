import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import { it, type Scenario } from "./support/cluster.js";
import { inTerminal, question } from "./support/pty.js";
import { leftover, runningSet, scaled, writeReplicas } from "./support/sets.js";
import { claimsOf, ends, names } from "./support/walk.js";

type Shape = NonNullable<Parameters<typeof runningSet>[2]>;

/** `web` with one replica, and the claims that three had. */
async function leftBehind(scenario: Scenario, shape: Shape = {}): Promise<string> {
  const storageClass = await scenario.storageClass();
  await runningSet(scenario, "web", { replicas: 3, templates: ["www"], storageClass, ...shape });
  await scaled(scenario, "web", 1);
  return storageClass;
}

async function uidsOf(scenario: Scenario): Promise<Map<string, string>> {
  return new Map([...(await claimsOf(scenario))].map(([name, { metadata }]) => [name, metadata.uid]));
}

async function replicasOf(scenario: Scenario): Promise<number | undefined> {
  return (await scenario.read(kinds.statefulSet, "web"))?.spec.replicas;
}

async function finalizers(scenario: Scenario, name: string, finalizers: string[] | null): Promise<void> {
  const ref = { namespace: scenario.namespace, name };
  await scenario.cluster.patch(kinds.claim, ref, { type: "merge", body: { metadata: { finalizers } } });
}

const all = ["www-web-0", "www-web-1", "www-web-2"];
const deleted = (name: string) => `persistentvolumeclaim "${name}" deleted`;
const fresh = ["scale", "web", "--replicas=3", "--fresh"];

describe("scale", () => {
  it("says which old claims come back, since when nobody uses them, and how that is known", async ({
    scenario,
  }) => {
    await leftBehind(scenario);
    const before = await uidsOf(scenario);
    const { stderr } = await ends(scenario, 0, "scale", "web", "--replicas=3");
    expect(stderr).toMatch(
      /www-web-1 and www-web-2 come back with their old data \(unused for .*, by condition\); --fresh starts empty/,
    );
    expect(await uidsOf(scenario)).toEqual(before);
  });
});

describe("scale --fresh", () => {
  it("shows the claims and needs a yes: exit 7, nothing deleted and nothing scaled", async ({ scenario }) => {
    await leftBehind(scenario);
    const before = await uidsOf(scenario);
    const refused = await ends(scenario, 7, ...fresh);
    expect(refused.stdout).toBe("");
    expect(refused.stderr).toMatch(/www-web-1 .*the volume and its data are destroyed/);
    expect(refused.stderr).toMatch(/www-web-2 /);
    expect(refused.stderr).toContain("nothing was deleted or scaled");
    await inTerminal(scenario, fresh, async (terminal) => {
      await question(terminal, "Delete these 2 claims and scale to 3? [y/N]");
      terminal.type("n\r");
      expect(await terminal.ended).toBe(7);
    });
    expect(await uidsOf(scenario)).toEqual(before);
    expect(await replicasOf(scenario)).toBe(1);
  });

  it("deletes them, waits until they are gone, and then scales up with new ones", async ({ scenario }) => {
    await leftBehind(scenario);
    const before = await uidsOf(scenario);
    const { stdout, stderr } = await ends(scenario, 0, ...fresh, "--yes");
    const lines = stdout.trimEnd().split("\n");
    expect(lines.slice(0, 2)).toEqual([deleted("www-web-1"), deleted("www-web-2")]);
    expect(lines.slice(2)).toEqual(["statefulset.apps/web scaled"]);
    expect(stderr).not.toContain("come back with");
    const after = await uidsOf(scenario);
    expect(names(after.keys())).toEqual(all);
    expect(after.get("www-web-0")).toBe(before.get("www-web-0"));
    for (const name of ["www-web-1", "www-web-2"]) expect(after.get(name)).not.toBe(before.get(name));
  });

  it("takes only those that this scale brings back, up from zero, too", async ({ scenario }) => {
    await leftBehind(scenario);
    await scaled(scenario, "web", 0);
    const before = await uidsOf(scenario);
    const { stdout } = await ends(scenario, 0, "scale", "web", "--replicas=2", "--fresh", "--yes");
    expect(stdout).toBe(`${deleted("www-web-0")}\n${deleted("www-web-1")}\nstatefulset.apps/web scaled\n`);
    expect((await uidsOf(scenario)).get("www-web-2")).toBe(before.get("www-web-2"));
  });

  it("--dry-run shows both, and changes nothing", async ({ scenario }) => {
    await leftBehind(scenario);
    const before = await uidsOf(scenario);
    const dry = await ends(scenario, 0, ...fresh, "--dry-run=server");
    expect(dry.stdout.split("\n")).toEqual([
      `${deleted("www-web-1")} (server dry run)`,
      `${deleted("www-web-2")} (server dry run)`,
      "statefulset.apps/web scaled (server dry run)",
      "",
    ]);
    expect(await uidsOf(scenario)).toEqual(before);
    expect(await replicasOf(scenario)).toBe(1);
  });

  it("refuses where one is not surely left over: 7, and none is deleted", async ({ scenario }) => {
    const storageClass = await leftBehind(scenario);
    await scenario.create({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "backup" },
      spec: {
        containers: [{ name: "main", image: "busybox" }],
        volumes: [{ name: "data", persistentVolumeClaim: { claimName: "www-web-2" } }],
      },
    });
    const used = await ends(scenario, 7, ...fresh, "--yes");
    expect(used.stderr).toContain("www-web-2 is in-use: mounted by pod backup");
    const owner = { apiVersion: "v1", kind: "ConfigMap", name: "x", uid: "1", controller: true };
    const held = leftover("www-web-3", "web", storageClass);
    await scenario.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } });
    const uid = (await scenario.read(kinds.configMap, "x"))?.metadata.uid ?? "";
    await scenario.create({ ...held, metadata: { ...held.metadata, ownerReferences: [{ ...owner, uid }] } });
    const foreign = await ends(scenario, 7, "scale", "web", "--replicas=4", "--fresh", "--yes");
    expect(foreign.stderr).toContain("www-web-3 is ambiguous: its controller is ConfigMap x");
    expect(names((await claimsOf(scenario)).keys())).toEqual([...all, "www-web-3"]);
    expect(await replicasOf(scenario)).toBe(1);
  });

  it("deletes nothing that was made anew before the answer, and does not scale then: exit 6", async ({
    scenario,
  }) => {
    const storageClass = await leftBehind(scenario);
    await inTerminal(scenario, fresh, async (terminal) => {
      await question(terminal, "Delete these 2 claims and scale to 3? [y/N]");
      await scenario.cluster.delete(kinds.claim, { namespace: scenario.namespace, name: "www-web-1" });
      await scenario.until("www-web-1 to go", kinds.claim, (claims) => !claims.has("www-web-1"));
      await scenario.create(leftover("www-web-1", "web", storageClass));
      const anew = (await scenario.read(kinds.claim, "www-web-1"))?.metadata.uid;
      terminal.type("y\r");
      expect(await terminal.ended).toBe(6);
      const text = terminal.screen().join("\n");
      expect(text).toContain("skipped: www-web-1: it was made anew under the same name");
      expect(text).toContain("nothing was scaled");
      expect((await scenario.read(kinds.claim, "www-web-1"))?.metadata.uid).toBe(anew);
    });
    expect(await replicasOf(scenario)).toBe(1);
  });

  it("leaves alone what became wanted before the answer: exit 6", async ({ scenario }) => {
    await leftBehind(scenario);
    const before = await uidsOf(scenario);
    await inTerminal(scenario, fresh, async (terminal) => {
      await question(terminal, "Delete these 2 claims and scale to 3? [y/N]");
      await scaled(scenario, "web", 3);
      terminal.type("y\r");
      expect(await terminal.ended).toBe(6);
    });
    expect(await uidsOf(scenario)).toEqual(before);
  });

  it("waits for one that is still Terminating; killed meanwhile, it is finished by running it again", async ({
    scenario,
  }) => {
    await leftBehind(scenario);
    const before = await uidsOf(scenario);
    await finalizers(scenario, "www-web-2", ["sts.test/hold"]);
    const late = await ends(scenario, 3, ...fresh, "--yes", "--timeout=1s");
    expect(late.stdout).toContain('persistentvolumeclaim "www-web-2" is Terminating');
    expect(late.stderr).toContain("nothing was scaled");
    const first = scenario.start([...fresh, "--yes"]);
    await first.untilWritten(/Left over from/);
    first.kill("SIGKILL");
    await first.ended;
    expect(await replicasOf(scenario)).toBe(1);
    // Everything is on its way already: there is nothing to ask.
    const second = scenario.start(fresh);
    await second.untilWritten(/Terminating/);
    await finalizers(scenario, "www-web-2", null);
    const { code, stdout, stderr } = await second.ended;
    expect(code, stderr).toBe(0);
    expect(stdout).toContain("statefulset.apps/web scaled");
    const after = await uidsOf(scenario);
    expect(names(after.keys())).toEqual(all);
    for (const name of ["www-web-1", "www-web-2"]) expect(after.get(name)).not.toBe(before.get(name));
    expect((await ends(scenario, 0, ...fresh)).stderr).toContain("no claim comes back");
  });

  it("--keep-data keeps the volumes", async ({ scenario }) => {
    await leftBehind(scenario);
    const volume = (await scenario.read(kinds.claim, "www-web-1"))?.spec.volumeName ?? "";
    await ends(scenario, 0, "scale", "web", "--replicas=2", "--fresh", "--keep-data", "--yes");
    const kept = await scenario.read(kinds.volume, volume);
    expect(kept?.spec.persistentVolumeReclaimPolicy).toBe("Retain");
    expect((await scenario.read(kinds.claim, "www-web-1"))?.spec.volumeName).not.toBe(volume);
    await scenario.cluster.delete(kinds.volume, { name: volume });
  });

  it("of several sets asks once, and only for those that go up", async ({ scenario }) => {
    const storageClass = await leftBehind(scenario, { labels: { tier: "one" } });
    const labels = { tier: "one" };
    await runningSet(scenario, "db", { replicas: 3, templates: ["data"], storageClass, labels });
    const { stdout, stderr } = await ends(
      scenario,
      0,
      ...["scale", "-l", "tier=one", "--replicas=2", "--fresh", "--yes"],
    );
    expect(stderr).toContain(`${scenario.namespace}/db: not scaled up, so no claim comes back (--fresh)`);
    expect(stdout.split("\n")[0]).toBe(deleted("www-web-1"));
    expect(names((await claimsOf(scenario)).keys())).toEqual(["data-db-0", "data-db-1", "data-db-2", ...all]);
    await writeReplicas(scenario, "db", 1);
  });

  it("refuses what makes no sense: exit 2", async ({ scenario }) => {
    for (const words of [
      ["--replicas=0", "--fresh"],
      ["--replicas=2", "--keep-data"],
      ["--replicas=2", "--backup=x"],
    ]) {
      await ends(scenario, 2, "scale", "web", ...words);
    }
  });
});
