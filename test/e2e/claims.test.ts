import { describe, expect } from "vitest";
import { isApiError } from "../../src/cluster/index.js";
import { kinds } from "../../src/core/kinds.js";
import type { Claim } from "../../src/core/model.js";
import { it, type Scenario } from "./support/cluster.js";
import { inTerminal, question, type Terminal } from "./support/pty.js";
import { bound, leftover, runningSet, scaled, setManifest, writeReplicas } from "./support/sets.js";
import { claimsOf, ends, lines, names } from "./support/walk.js";

/** `web` with so many left-over claims above its replicas. */
async function leftBehind(
  scenario: Scenario,
  shape: { replicas: number; left: number; class?: string },
): Promise<string> {
  const storageClass = shape.class ?? (await scenario.storageClass());
  const { replicas, left } = shape;
  await runningSet(scenario, "web", { replicas: replicas + left, templates: ["www"], storageClass });
  await scaled(scenario, "web", replicas);
  return storageClass;
}

async function cleanUp(scenario: Scenario, ...args: string[]): Promise<string[]> {
  const { stdout } = await ends(scenario, 0, "pvc", "cleanup", ...args, "--yes");
  return names(stdout.trimEnd().split("\n"));
}

async function claimNames(scenario: Scenario): Promise<string[]> {
  return names((await claimsOf(scenario)).keys());
}

/** What is printed of claims that went; they go at the same time, so their order is nobody's promise. */
const gone = (...claims: string[]) => claims.map((name) => `persistentvolumeclaim "${name}" deleted`);

async function volumeOf(scenario: Scenario, claim: string): Promise<string> {
  const volume = (await scenario.read(kinds.claim, claim))?.spec.volumeName;
  if (volume === undefined) throw new Error(`${claim} has no volume`);
  return volume;
}

async function withoutFinalizers(scenario: Scenario, name: string): Promise<void> {
  const ref = { namespace: scenario.namespace, name };
  const body = { metadata: { finalizers: null } };
  await scenario.cluster.patch(kinds.claim, ref, { type: "merge", body });
}

describe("pvc cleanup never chooses", () => {
  it("a claim in use, in range or of another set with a name like it: web and web-web, ordinals 9 and 10", async ({
    scenario,
  }) => {
    const storageClass = await scenario.storageClass();
    await runningSet(scenario, "web", { replicas: 11, templates: ["www"], storageClass });
    await runningSet(scenario, "web-web", { replicas: 2, templates: ["www"], storageClass });
    await scaled(scenario, "web", 9);
    await scaled(scenario, "web-web", 1);
    expect(await cleanUp(scenario, "web")).toEqual(gone("www-web-9", "www-web-10"));
    const kept = Array.from({ length: 9 }, (_, ordinal) => `www-web-${ordinal}`);
    expect(await claimNames(scenario)).toEqual([...kept, "www-web-web-0", "www-web-web-1"]);
    expect(await cleanUp(scenario)).toEqual(gone("www-web-web-1"));
  });

  it("a claim whose name two sets could have given, by the dashes of their templates", async ({
    scenario,
  }) => {
    const storageClass = await scenario.storageClass();
    // data-web-db-1: template data of web-db, or template data-web of db.
    await runningSet(scenario, "db", { replicas: 2, templates: ["data-web"], storageClass });
    await scaled(scenario, "db", 1);
    await scenario.create(setManifest("web-db", { replicas: 0, templates: ["data"], storageClass }));
    const cleaned = await ends(scenario, 0, "pvc", "cleanup", "--yes", "--include=set-at-zero");
    expect(cleaned.stdout).toBe("");
    expect(cleaned.stderr).toContain("ambiguous");
    expect(await claimNames(scenario)).toEqual(["data-web-db-0", "data-web-db-1"]);
    const { items } = JSON.parse((await lines(scenario, "pvc", "list", "-o", "json")).join("\n")) as {
      items: { name: string; state: string; reason: string }[];
    };
    expect(items.map(({ name, state }) => [name, state])).toEqual([
      ["data-web-db-0", "in-use"],
      ["data-web-db-1", "ambiguous"],
    ]);
    expect(items[1]?.reason).toContain("template data of web-db");
  });

  it("claims below a start ordinal's range wrongly: ordinals 5 to 7, scaled down from the top", async ({
    scenario,
  }) => {
    const storageClass = await scenario.storageClass();
    await runningSet(scenario, "db", { replicas: 3, start: 5, templates: ["a", "b-c"], storageClass });
    await scaled(scenario, "db", 2);
    expect(await cleanUp(scenario, "db")).toEqual(gone("a-db-7", "b-c-db-7"));
    expect(await claimNames(scenario)).toEqual(["a-db-5", "a-db-6", "b-c-db-5", "b-c-db-6"]);
  });

  it("claims of a bare pod, of nobody's labels, or of another namespace that look alike", async ({
    scenario,
  }) => {
    const storageClass = await scenario.storageClass();
    const other = `${scenario.namespace}-x`.slice(-63).replace(/^-+/, "");
    await runningSet(scenario, "web", { replicas: 1, templates: ["www"], storageClass });
    const byHand = leftover("www-web-8", "web", storageClass);
    await scenario.create(
      leftover("www-web-7", "web", storageClass),
      leftover("www-web-6", "web", storageClass),
      { ...byHand, metadata: { name: "www-web-8" } },
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "backup" },
        spec: {
          containers: [{ name: "main", image: "busybox" }],
          volumes: [{ name: "data", persistentVolumeClaim: { claimName: "www-web-7" } }],
        },
      },
      { apiVersion: "v1", kind: "Namespace", metadata: { name: other } },
    );
    try {
      const elsewhere = leftover("www-web-9", "web", storageClass);
      await scenario.create({ ...elsewhere, metadata: { ...elsewhere.metadata, namespace: other } });
      expect(await cleanUp(scenario)).toEqual(gone("www-web-6"));
      expect(await claimNames(scenario)).toEqual(["www-web-0", "www-web-7", "www-web-8"]);
      // Of the whole cluster only a dry run: other scenarios are at work in it.
      const all = await ends(scenario, 0, "pvc", "cleanup", "web", "-A", "--dry-run");
      for (const namespace of [scenario.namespace, other]) {
        expect(all.stdout).not.toContain(`from ${namespace} namespace`);
      }
      const { items } = await scenario.cluster.list(kinds.claim, { namespace: other });
      expect(items.map(({ metadata }) => metadata.name)).toEqual(["www-web-9"]);
    } finally {
      await scenario.cluster.delete(kinds.namespace, { name: other });
    }
  });

  it("one below what an autoscaler may reach, unless it is included", async ({ scenario }) => {
    await leftBehind(scenario, { replicas: 1, left: 3 });
    await scenario.create({
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "web" },
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "StatefulSet", name: "web" },
        minReplicas: 1,
        maxReplicas: 3,
        metrics: [
          {
            type: "Resource",
            resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
          },
        ],
      },
    });
    const cleaned = await ends(scenario, 0, "pvc", "cleanup", "web", "--yes");
    expect(cleaned.stdout).toBe('persistentvolumeclaim "www-web-3" deleted\n');
    expect(cleaned.stderr).toContain("autoscaled: --include=autoscaled");
    expect(await claimNames(scenario)).toEqual(["www-web-0", "www-web-1", "www-web-2"]);
    expect(await cleanUp(scenario, "web", "--include=autoscaled")).toEqual(gone("www-web-1", "www-web-2"));
  });

  it("the claims of a set at zero or of one that is gone, unless they are included", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    await runningSet(scenario, "web", { replicas: 2, templates: ["www"], storageClass });
    await scaled(scenario, "web", 0);
    const nothing = await ends(scenario, 0, "pvc", "cleanup", "web", "--yes");
    expect(nothing.stdout).toBe("");
    expect(nothing.stderr).toContain("Nothing to clean up.");
    expect(nothing.stderr).toContain("--include=set-at-zero");
    expect(await cleanUp(scenario, "web", "--include=set-at-zero")).toHaveLength(2);

    await scaled(scenario, "web", 2);
    await ends(scenario, 0, "delete", "web");
    const kept = await ends(scenario, 0, "pvc", "cleanup", "--yes");
    expect(kept.stdout).toBe("");
    expect(kept.stderr).toContain("set-deleted: --include=set-deleted");
    expect(await claimNames(scenario)).toEqual(["www-web-0", "www-web-1"]);
    expect(await cleanUp(scenario, "--include=set-deleted")).toEqual(gone("www-web-0", "www-web-1"));
  });

  it("what nobody has used for too short a time", async ({ scenario }) => {
    await leftBehind(scenario, { replicas: 1, left: 1 });
    const young = await ends(scenario, 0, "pvc", "cleanup", "web", "--older-than=1h", "--yes");
    expect(young.stdout).toBe("");
    expect(young.stderr).toContain("left alone: 1 claim (1Gi) not unused for so long");
    expect(await claimNames(scenario)).toEqual(["www-web-0", "www-web-1"]);
    expect(await cleanUp(scenario, "web", "--older-than=0s")).toEqual(gone("www-web-1"));
  });

  it("a claim that the retention policy deletes by itself", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    const retention = { whenScaled: "Delete", whenDeleted: "Retain" };
    await runningSet(scenario, "web", { replicas: 2, templates: ["www"], storageClass, retention });
    await scenario.create({
      ...leftover("www-web-5", "web", storageClass),
      metadata: {
        name: "www-web-5",
        labels: { app: "web" },
        finalizers: ["sts.test/hold"],
        ownerReferences: [
          { apiVersion: "v1", kind: "Pod", name: "web-5", uid: "6ad4e4e6-6c7c-4a2b-a6cb-6d4c2b54be22" },
        ],
      },
    });
    const cleaned = await ends(scenario, 0, "pvc", "cleanup", "web", "--yes");
    expect(cleaned.stdout).toBe("");
    expect(cleaned.stderr).toContain("policy");
    await withoutFinalizers(scenario, "www-web-5");
  });
});

describe("pvc cleanup asks", () => {
  it("and skips what was remade or became wanted before the answer", async ({ scenario }) => {
    const storageClass = await leftBehind(scenario, { replicas: 2, left: 3 });
    const use = async (terminal: Terminal) => {
      await question(terminal, "Delete these 3 claims? [y/N]");
      expect(await claimNames(scenario)).toHaveLength(5);
      await scaled(scenario, "web", 3);
      await scenario.cluster.delete(kinds.claim, { namespace: scenario.namespace, name: "www-web-3" });
      await scenario.until("www-web-3 to go", kinds.claim, (claims) => !claims.has("www-web-3"));
      await scenario.create(leftover("www-web-3", "web", storageClass));
      const anew = (await scenario.read(kinds.claim, "www-web-3"))?.metadata.uid;
      terminal.type("y\r");
      expect(await terminal.ended).toBe(6);
      const text = terminal.screen().join("\n");
      expect(text).toContain("skipped: www-web-2: it is in-use now (mounted by pod web-2)");
      expect(text).toContain("skipped: www-web-3: it was made anew under the same name");
      expect(text).toContain('persistentvolumeclaim "www-web-4" deleted');
      expect((await scenario.read(kinds.claim, "www-web-3"))?.metadata.uid).toBe(anew);
      expect(await claimNames(scenario)).toEqual(["www-web-0", "www-web-1", "www-web-2", "www-web-3"]);
    };
    await inTerminal(scenario, ["pvc", "cleanup", "web"], use, { columns: 160 });
  });

  it("and takes anything but a yes for a no: exit 7, nothing changed", async ({ scenario }) => {
    await leftBehind(scenario, { replicas: 1, left: 1 });
    for (const answer of ["n\r", "\r", "yes please\r", "\x04"]) {
      await inTerminal(scenario, ["pvc", "cleanup", "web"], async (terminal) => {
        await question(terminal);
        terminal.type(answer);
        expect(await terminal.ended, JSON.stringify(answer)).toBe(7);
        expect(terminal.screen().join("\n")).toContain("no claim was deleted");
      });
    }
    expect(await claimNames(scenario)).toEqual(["www-web-0", "www-web-1"]);
  });

  it("nobody where there is no terminal: exit 7 without --yes, and nothing changed", async ({ scenario }) => {
    await leftBehind(scenario, { replicas: 1, left: 1 });
    const before = await claimsOf(scenario);
    for (const stdin of [undefined, "y\n"]) {
      const refused = await scenario.sts(["pvc", "cleanup", "web"], stdin === undefined ? {} : { stdin });
      expect(refused.code).toBe(7);
      expect(refused.stdout).toBe("");
      expect(refused.stderr).toContain("www-web-1");
      expect(refused.stderr).toContain(
        "error: no claim was deleted: without a terminal to ask on, this needs --yes",
      );
    }
    const after = await claimsOf(scenario);
    for (const [name, claim] of before) expect(after.get(name)?.metadata.uid).toBe(claim.metadata.uid);
    expect(after.get("www-web-1")?.metadata.deletionTimestamp).toBeUndefined();
  });

  it("and Ctrl-C at the question leaves everything as it is", async ({ scenario }) => {
    await leftBehind(scenario, { replicas: 1, left: 1 });
    await inTerminal(scenario, ["pvc", "cleanup", "web"], async (terminal) => {
      await question(terminal);
      terminal.type("\x03");
      expect(await terminal.ended).toBe(130);
    });
    expect(await claimNames(scenario)).toEqual(["www-web-0", "www-web-1"]);
  });
});

describe("pvc cleanup loses nothing", () => {
  it("when the set is scaled up while a claim goes: its volume is kept, and the way back works", async ({
    scenario,
  }) => {
    await leftBehind(scenario, { replicas: 2, left: 1 });
    const ref = { namespace: scenario.namespace, name: "www-web-2" };
    const body = { metadata: { finalizers: ["kubernetes.io/pvc-protection", "sts.test/hold"] } };
    await scenario.cluster.patch(kinds.claim, ref, { type: "merge", body });
    const volume = await volumeOf(scenario, "www-web-2");
    const running = scenario.start(["pvc", "cleanup", "web", "--yes"]);
    await scenario.until("www-web-2 to be Terminating", kinds.claim, (claims) =>
      Boolean(claims.get("www-web-2")?.metadata.deletionTimestamp),
    );
    await writeReplicas(scenario, "web", 3);
    await running.untilWritten(/wanted: www-web-2: became wanted while it was being deleted/);
    await withoutFinalizers(scenario, "www-web-2");
    const { code, stderr } = await running.ended;
    expect(code).toBe(6);
    expect(stderr).toContain(`its volume ${volume} now has reclaim policy Retain`);
    const kept = await scenario.read(kinds.volume, volume);
    expect(kept?.spec.persistentVolumeReclaimPolicy).toBe("Retain");
    expect(kept?.metadata.deletionTimestamp).toBeUndefined();
    await followWayBack(scenario, stderr);
    await bound(scenario, "www-web-2");
    expect(await volumeOf(scenario, "www-web-2")).toBe(volume);
    await scenario.cluster.delete(kinds.namespace, { name: scenario.namespace });
    await scenario.cluster.delete(kinds.volume, { name: volume });
  });

  /** The lines that were printed, each as a person would type it. */
  async function followWayBack(scenario: Scenario, stderr: string): Promise<void> {
    const steps = stderr.split("\n").filter((line) => /^\s+(sts|kubectl) /.test(line));
    expect(steps).toHaveLength(4);
    for (const step of steps) {
      const words = step.trim().split(" ");
      if (words[0] === "sts") {
        await ends(scenario, 0, ...words.slice(1));
      } else if (words[1] === "delete") {
        // The set's controller may not have made the claim again before the set was scaled back.
        await scenario.cluster
          .delete(kinds.claim, { namespace: scenario.namespace, name: words[3] ?? "" })
          .catch((error: unknown) => {
            if (!isApiError(error, "NotFound")) throw error;
          });
        await scenario.until("the claim to go", kinds.claim, (claims) => !claims.has(words[3] ?? ""));
      } else {
        const body = JSON.parse(/'(.*)'/.exec(step)?.[1] ?? "") as object;
        await scenario.cluster.patch(kinds.volume, { name: words[3] ?? "" }, { type: "merge", body });
      }
    }
  }

  it("killed in the middle, and finishes when run again", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    await runningSet(scenario, "web", { replicas: 1, templates: ["www"], storageClass });
    const left = Array.from({ length: 30 }, (_, index) => `www-web-${index + 1}`);
    await scenario.create(...left.map((name) => leftover(name, "web", storageClass)));
    await bound(scenario, ...left);
    const first = scenario.start(["pvc", "cleanup", "web", "--yes", "--concurrency=1"]);
    await first.untilWritten(/"www-web-3" deleted/);
    first.kill("SIGKILL");
    expect((await first.ended).signal).toBe("SIGKILL");
    expect((await claimNames(scenario)).length).toBeGreaterThan(1);
    await ends(scenario, 0, "pvc", "cleanup", "web", "--yes");
    expect(await claimNames(scenario)).toEqual(["www-web-0"]);
  });

  it("and says of a Retain class that the volume stays, which it does", async ({ scenario }) => {
    const retain = await scenario.storageClass({ reclaimPolicy: "Retain" });
    await leftBehind(scenario, { replicas: 1, left: 1, class: retain });
    const volumes = await Promise.all(["www-web-0", "www-web-1"].map((name) => volumeOf(scenario, name)));
    const cleaned = await ends(scenario, 0, "pvc", "cleanup", "web", "--yes");
    expect(cleaned.stderr).toContain("the volume stays, Released");
    expect(cleaned.stderr).not.toContain("destroyed");
    await scenario.until("the volume to be Released", kinds.volume, (all) => {
      return all.get(volumes[1] ?? "")?.status?.phase === "Released";
    });
    await scenario.cluster.delete(kinds.namespace, { name: scenario.namespace });
    for (const name of volumes) await scenario.cluster.delete(kinds.volume, { name });
  });

  it("with volumes that wait for their first consumer", async ({ scenario }) => {
    const late = await scenario.storageClass({ volumeBindingMode: "WaitForFirstConsumer" });
    await leftBehind(scenario, { replicas: 1, left: 1, class: late });
    await scenario.create(leftover("www-web-2", "web", late));
    const volume = await volumeOf(scenario, "www-web-1");
    const cleaned = await ends(scenario, 0, "pvc", "cleanup", "web", "--yes");
    expect(names(cleaned.stdout.trimEnd().split("\n"))).toEqual(gone("www-web-1", "www-web-2"));
    expect(cleaned.stderr).toMatch(/www-web-1 .*the volume and its data are destroyed/);
    expect(cleaned.stderr).toMatch(/www-web-2 .*it has no volume/);
    await scenario.until("the volume to be gone", kinds.volume, (all) => !all.has(volume));
  });

  it("and says when a claim is still Terminating: exit 3 after --timeout, 0 with --wait=false", async ({
    scenario,
  }) => {
    await leftBehind(scenario, { replicas: 1, left: 1 });
    const ref = { namespace: scenario.namespace, name: "www-web-1" };
    const body = { metadata: { finalizers: ["sts.test/hold"] } };
    await scenario.cluster.patch(kinds.claim, ref, { type: "merge", body });
    const late = await ends(scenario, 3, "pvc", "cleanup", "web", "--yes", "--timeout=1s");
    expect(late.stdout).toBe('persistentvolumeclaim "www-web-1" is Terminating\n');
    expect(late.stderr).toContain("0 of 1 claim is gone; the same command again goes on with the rest\n");
    const again = await ends(scenario, 0, "pvc", "cleanup", "web", "--yes", "--wait=false");
    expect(again.stdout).toBe('persistentvolumeclaim "www-web-1" is Terminating\n');
    expect(again.stderr).not.toContain("goes on with the rest");
    await withoutFinalizers(scenario, "www-web-1");
  });
});

describe("pvc cleanup prints", () => {
  it("what a dry run would do, changing nothing, in each mode", async ({ scenario }) => {
    await leftBehind(scenario, { replicas: 1, left: 1 });
    const version = async () => (await scenario.read(kinds.claim, "www-web-1"))?.metadata.uid;
    const before = await version();
    const suffixes = {
      "--dry-run": "(dry run)",
      "--dry-run=client": "(dry run)",
      "--dry-run=server": "(server dry run)",
    };
    for (const [flag, suffix] of Object.entries(suffixes)) {
      expect(await lines(scenario, "pvc", "cleanup", "web", flag)).toEqual([
        `persistentvolumeclaim "www-web-1" deleted ${suffix}`,
      ]);
    }
    expect(await version()).toBe(before);
    expect((await scenario.read(kinds.claim, "www-web-1"))?.metadata.deletionTimestamp).toBeUndefined();
  });

  it("one document, or names only, where that was asked", async ({ scenario }) => {
    await leftBehind(scenario, { replicas: 1, left: 2 });
    const { stdout } = await ends(scenario, 0, "pvc", "cleanup", "web", "--dry-run", "-o", "name");
    expect(stdout).toBe("persistentvolumeclaim/www-web-1\npersistentvolumeclaim/www-web-2\n");
    const document = await ends(scenario, 0, "pvc", "cleanup", "web", "--yes", "-o", "json");
    const { items } = JSON.parse(document.stdout) as {
      items: (Partial<Claim> & { name: string; outcome: string })[];
    };
    expect(items).toMatchObject([
      {
        name: "www-web-1",
        set: "web",
        template: "www",
        ordinal: 1,
        state: "scaled-down",
        outcome: "deleted",
      },
      { name: "www-web-2", ordinal: 2, size: "1Gi", reclaimPolicy: "Delete", outcome: "deleted" },
    ]);
  });

  it("that there is nothing to do: exit 0; an unknown name is NotFound", async ({ scenario }) => {
    await runningSet(scenario, "web", { replicas: 1 });
    const nothing = await ends(scenario, 0, "pvc", "cleanup", "web");
    expect(nothing.stdout).toBe("");
    expect(nothing.stderr).toBe("Nothing to clean up.\n");
    expect((await ends(scenario, 0, "pvc", "cleanup")).stderr).toBe("Nothing to clean up.\n");
    const unknown = await ends(scenario, 1, "pvc", "cleanup", "wbe");
    expect(unknown.stderr).toBe('Error from server (NotFound): statefulsets.apps "wbe" not found\n');
    const document = await ends(scenario, 0, "pvc", "cleanup", "web", "-o", "json");
    expect(JSON.parse(document.stdout)).toEqual({ items: [] });
  });
});

describe("a set that an autoscaler scaled down", () => {
  it("keeps its claims when the autoscaler is paused, as KEDA's is by losing its HorizontalPodAutoscaler", async ({
    scenario,
  }) => {
    const storageClass = await scenario.storageClass();
    await runningSet(scenario, "web", { replicas: 3, templates: ["www"], storageClass });
    const scale = (replicas: number, fieldManager: string) =>
      scenario.cluster.patch(
        kinds.statefulSet,
        { namespace: scenario.namespace, name: "web" },
        { type: "merge", body: { spec: { replicas } } },
        { subresource: "scale", fieldManager },
      );
    await scale(1, "keda");
    await scenario.until("one pod", kinds.pod, (pods) => pods.size === 1);
    const { stdout } = await ends(scenario, 0, "pvc", "cleanup", "web", "--yes");
    expect(stdout).toBe("");
    expect(await claimNames(scenario)).toEqual(["www-web-0", "www-web-1", "www-web-2"]);

    // Once a person decides on the replicas, it is a person's decision.
    await scale(2, "kubectl");
    await scenario.until("two pods", kinds.pod, (pods) => pods.size === 2);
    expect(await cleanUp(scenario, "web")).toEqual(gone("www-web-2"));
  });
});
