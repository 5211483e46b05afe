import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import type { Manifest } from "../../src/core/model.js";
import { selfSigned } from "../support/certificates.js";
import { it, type Scenario } from "./support/cluster.js";
import { type CountingProxy, openCountingProxy } from "./support/counting-proxy.js";
import { inTerminal, question, type Terminal } from "./support/pty.js";
import { bound, leftover, runningSet, setManifest, writeReplicas } from "./support/sets.js";
import { claimsOf, names } from "./support/walk.js";

const webs = ["www-web-1", "www-web-2"];

/** One replica each of `web` and `db`, two claims above that of `web`, and one of `db`. */
async function twoSets(scenario: Scenario): Promise<string> {
  const storageClass = await scenario.storageClass();
  const shape = { templates: ["www"], storageClass };
  await Promise.all(["web", "db"].map((name) => runningSet(scenario, name, shape)));
  await scenario.create(...webs.map((name) => leftover(name, "web", storageClass)));
  await scenario.create(leftover("www-db-1", "db", storageClass));
  await bound(scenario, ...webs, "www-db-1");
  return storageClass;
}

const podWith = (claimName: string): Manifest => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "backup" },
  spec: {
    containers: [{ name: "main", image: "busybox" }],
    volumes: [{ name: "data", persistentVolumeClaim: { claimName } }],
  } as object,
});

const autoscaler = (maxReplicas: number): Manifest => ({
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "grow" },
  spec: {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "StatefulSet", name: "web" },
    maxReplicas,
  } as object,
});

async function deleteSet(scenario: Scenario): Promise<void> {
  await scenario.cluster.delete(kinds.statefulSet, { namespace: scenario.namespace, name: "web" });
  await scenario.until("web to go", kinds.statefulSet, (sets) => !sets.has("web"));
}

async function patchClaim(scenario: Scenario, name: string, metadata: object): Promise<void> {
  const ref = { namespace: scenario.namespace, name };
  await scenario.cluster.patch(kinds.claim, ref, { type: "merge", body: { metadata } });
}

async function giveController(scenario: Scenario): Promise<void> {
  const { namespace, cluster } = scenario;
  const config = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "operator", namespace } };
  const { uid } = (await cluster.create(kinds.configMap, config)).metadata;
  const owner = { apiVersion: "v1", kind: "ConfigMap", name: "operator", uid, controller: true };
  await patchClaim(scenario, "www-web-1", { ownerReferences: [owner] });
}

interface Race {
  what: string;
  /** What somebody does while the question is open. */
  change(scenario: Scenario): Promise<void>;
  /** The event by which it is known. */
  event: RegExp;
  /** The claims that are left alone for it, and what is said of them. */
  left: RegExp[];
}

const races: readonly Race[] = [
  {
    what: "a pod came that uses one",
    change: (scenario) => scenario.create(podWith("www-web-1")),
    event: /"name":"backup"/,
    left: [/^skipped: www-web-1: it is in-use now \(mounted by pod backup\)$/],
  },
  {
    what: "their set was deleted",
    change: deleteSet,
    event: /"DELETED","object":\{"kind":"StatefulSet"/,
    left: webs.map(
      (name) => new RegExp(`^skipped: ${name}: it is set-deleted now \\(StatefulSet web is gone\\)$`),
    ),
  },
  {
    what: "their set was scaled to 0",
    change: (scenario) => writeReplicas(scenario, "web", 0),
    event: /"replicas":0,/,
    left: webs.map((name) => new RegExp(`^skipped: ${name}: it is set-at-zero now `)),
  },
  {
    what: "an autoscaler came that may want one",
    change: (scenario) => scenario.create(autoscaler(2)),
    event: /"name":"grow"/,
    left: [/^skipped: www-web-1: it is autoscaled now \(HorizontalPodAutoscaler grow may scale web up to 2 /],
  },
  {
    what: "another controller took one over",
    change: giveController,
    event: /"name":"operator"/,
    left: [/^skipped: www-web-1: it is ambiguous now \(its controller is ConfigMap operator\)$/],
  },
  {
    what: "the labels of its set were taken off one",
    change: (scenario) => patchClaim(scenario, "www-web-2", { labels: { app: "else" } }),
    event: /"app":"else"/,
    left: [/^skipped: www-web-2: it is ambiguous now \(named like a claim of web, but without its labels /],
  },
  {
    what: "one was made anew",
    async change(scenario) {
      const storageClass = (await claimsOf(scenario)).get("www-web-2")?.spec.storageClassName ?? "";
      const ref = { namespace: scenario.namespace, name: "www-web-2" };
      await scenario.cluster.delete(kinds.claim, ref);
      await scenario.until("www-web-2 to go", kinds.claim, (claims) => !claims.has("www-web-2"));
      const anew = leftover("www-web-2", "web", storageClass);
      const annotations = { made: "anew" };
      await scenario.create({ ...anew, metadata: { ...anew.metadata, annotations } });
    },
    event: /"made":"anew"/,
    left: [/^skipped: www-web-2: it was made anew under the same name$/],
  },
];

/** `sts pvc cleanup` in a terminal wide enough for its lines, by a proxy that knows what it has been told. */
async function whileAsked(
  scenario: Scenario,
  { change, event }: Pick<Race, "change" | "event">,
): Promise<{ code: number; screen: string[] }> {
  const pair = selfSigned({ addresses: ["127.0.0.1"] });
  const proxy = await openCountingProxy(scenario.env["KUBECONFIG"] ?? "", pair, () => false);
  const use = async (terminal: Terminal) => {
    await question(terminal);
    await change(scenario);
    await proxy.passed(event);
    terminal.type("y\r");
    return { code: await terminal.ended, screen: terminal.screen() };
  };
  const options = { columns: 200, rows: 40, env: { KUBECONFIG: proxy.kubeconfig } };
  try {
    return await inTerminal(scenario, ["pvc", "cleanup"], use, options);
  } finally {
    await proxy.close();
  }
}

describe("pvc cleanup, while its question is open", () => {
  it.for(races)("skips claims when $what: exit 6, and deletes the rest", async (race, { scenario }) => {
    await twoSets(scenario);
    const before = names((await claimsOf(scenario)).keys());
    const { code, screen } = await whileAsked(scenario, race);
    expect(code, screen.join("\n")).toBe(6);
    const skipped = screen.filter((line) => line.startsWith("skipped: "));
    expect(skipped).toEqual(race.left.map((said) => expect.stringMatching(said)));
    const kept = skipped.map((line) => line.split(" ")[1]?.replace(":", "") ?? "");
    const gone = [...webs, "www-db-1"].filter((name) => !kept.includes(name));
    for (const name of gone) expect(screen).toContain(`persistentvolumeclaim "${name}" deleted`);
    expect(names((await claimsOf(scenario)).keys())).toEqual(before.filter((name) => !gone.includes(name)));
  });

  it("skips what another set could own since it was shown", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    await runningSet(scenario, "web", { templates: ["www-a"], storageClass });
    await scenario.create(leftover("www-a-web-1", "web", storageClass));
    await bound(scenario, "www-a-web-1");
    const { code, screen } = await whileAsked(scenario, {
      change: () => scenario.create(setManifest("a-web", { replicas: 0, templates: ["www"], storageClass })),
      event: /"name":"a-web"/,
    });
    expect(code).toBe(6);
    expect(screen.join("\n")).toContain("skipped: www-a-web-1: it is ambiguous now");
    expect((await claimsOf(scenario)).get("www-a-web-1")?.metadata.deletionTimestamp).toBeUndefined();
  });
});

describe("pvc cleanup, between two deletions", () => {
  it("skips what a scale-up wants by then, and keeps the volume of what was on its way", async ({
    scenario,
  }) => {
    await twoSets(scenario);
    const volume = (await claimsOf(scenario)).get("www-web-1")?.spec.volumeName ?? "";
    await patchClaim(scenario, "www-web-1", {
      finalizers: ["kubernetes.io/pvc-protection", "sts.test/hold"],
    });
    const pair = selfSigned({ addresses: ["127.0.0.1"] });
    const kubeconfig = scenario.env["KUBECONFIG"] ?? "";
    const proxy: CountingProxy = await openCountingProxy(kubeconfig, pair, async ({ method, path }) => {
      if (method !== "DELETE" || !path.includes("www-web-1")) return false;
      // The server has begun to delete it; that is known only after the scale-up is.
      await writeReplicas(scenario, "web", 3);
      await proxy.passed(/"replicas":3,/);
      return false;
    });
    try {
      const args = ["pvc", "cleanup", "web", "--yes", "--concurrency=1"];
      const running = scenario.start(args, { env: { KUBECONFIG: proxy.kubeconfig } });
      await running.untilWritten(/wanted: www-web-1: became wanted while it was being deleted/);
      await patchClaim(scenario, "www-web-1", { finalizers: null });
      const { code, stderr } = await running.ended;
      expect(code, stderr).toBe(6);
      expect(stderr).toMatch(/^skipped: www-web-2: it is (reserved|in-use) now/m);
      expect(stderr).toContain(`its volume ${volume} now has reclaim policy Retain`);
      const kept = await scenario.read(kinds.volume, volume);
      expect(kept?.spec.persistentVolumeReclaimPolicy).toBe("Retain");
      expect(kept?.metadata.deletionTimestamp).toBeUndefined();
    } finally {
      await proxy.close();
      await scenario.cluster.delete(kinds.namespace, { name: scenario.namespace });
      await scenario.cluster.delete(kinds.volume, { name: volume });
    }
  });
});
