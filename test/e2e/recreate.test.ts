import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import type { StatefulSet } from "../../src/core/model.js";
import { it, type Scenario } from "./support/cluster.js";
import { killedAfterEach } from "./support/kill.js";
import { runningSet, setManifest, type SetShape } from "./support/sets.js";
import { claimsOf, ends, podsOf, uids } from "./support/walk.js";

const hold = "example.com/hold";
const toHs = ["--set", "spec.serviceName=web-hs"];
const recreated = "statefulset.apps/web recreated\n";

async function web(scenario: Scenario, shape: SetShape = {}): Promise<StatefulSet> {
  const storageClass = await scenario.storageClass();
  await runningSet(scenario, "web", { replicas: 3, templates: ["www"], storageClass, ...shape });
  return setNow(scenario);
}

async function setNow(scenario: Scenario, name = "web"): Promise<StatefulSet> {
  const set = await scenario.read(kinds.statefulSet, name);
  if (!set) throw new Error(`there is no ${name}`);
  return set;
}

function change(scenario: Scenario, body: object, name = "web"): Promise<unknown> {
  const ref = { namespace: scenario.namespace, name };
  return scenario.cluster.patch(kinds.statefulSet, ref, { type: "merge", body });
}

/** By kind and name: which one it is, of all that must outlive the set. */
async function identities(scenario: Scenario): Promise<Record<string, string>> {
  const { items: revisions } = await scenario.cluster.list(kinds.revision, { namespace: scenario.namespace });
  const objects = [
    ...(await podsOf(scenario)).values(),
    ...(await claimsOf(scenario)).values(),
    ...revisions.map((revision) => revision),
  ];
  return Object.fromEntries(objects.map(({ kind, metadata }) => [`${kind} ${metadata.name}`, metadata.uid]));
}

function record(scenario: Scenario, name = "web") {
  return scenario.read(kinds.configMap, `sts-recreate-${name}`);
}

/** Holds the old set in its deletion by a finalizer of somebody else's, until `letGo`. */
async function held(scenario: Scenario) {
  await change(scenario, { metadata: { finalizers: [hold] } });
  return async () => {
    await change(scenario, { metadata: { finalizers: null } });
  };
}

describe("recreate changes an immutable field", () => {
  it("and keeps pods, claims and revisions, and all that was written into the set", async ({ scenario }) => {
    const before = await web(scenario, {
      retention: { whenDeleted: "Delete" },
      labels: { team: "a" },
    });
    await scenario.cluster.patch(
      kinds.statefulSet,
      { namespace: scenario.namespace, name: "web" },
      {
        type: "apply",
        body: {
          apiVersion: "apps/v1",
          kind: "StatefulSet",
          metadata: { name: "web", annotations: { "example.com/note": "keep me" } },
        },
      },
      { fieldManager: "alice" },
    );
    const kept = await identities(scenario);
    const { stdout, stderr } = await ends(scenario, 0, "recreate", "web", ...toHs, "--yes");
    expect(stdout).toBe(recreated);
    expect(stderr).toContain("spec.serviceName web → web-hs");
    expect(stderr).toContain("DNS names stay below web for web-0 to web-2 until restarted");
    expect(stderr).toContain("Service web-hs does not exist");
    expect(stderr).toContain("took over all 3 pods");
    expect(await identities(scenario)).toEqual(kept);

    const after = await setNow(scenario);
    expect(after.metadata.uid).not.toBe(before.metadata.uid);
    expect(after.spec).toEqual({ ...before.spec, serviceName: "web-hs" });
    expect(after.metadata.labels).toEqual({ team: "a" });
    expect(after.metadata.annotations).toEqual({ "example.com/note": "keep me" });
    expect(after.metadata.managedFields?.map(({ manager }) => manager)).toContain("alice");
    expect(after.status?.updateRevision).toBe(before.status?.updateRevision);
    expect(after.status?.currentRevision).toBe(before.status?.updateRevision);
    for (const pod of (await podsOf(scenario)).values()) {
      expect(pod.metadata.ownerReferences?.map(({ uid }) => uid)).toEqual([after.metadata.uid]);
    }
    await scenario.until("the claims to be the new set's", kinds.claim, (claims) =>
      [...claims.values()].every(
        ({ metadata }) => metadata.ownerReferences?.map(({ uid }) => uid).join() === after.metadata.uid,
      ),
    );
    expect(await record(scenario)).toBeUndefined();

    const file = path.join(
      ...[scenario.env["HOME"] ?? "", ".local/state/sts/recreate", scenario.namespace],
      `web.${before.metadata.uid.slice(0, 8)}.json`,
    );
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ spec: before.spec });

    const again = await ends(scenario, 0, "recreate", "web", ...toHs, "--yes");
    expect(again.stdout).toBe("statefulset.apps/web unchanged\n");
    expect((await setNow(scenario)).metadata.uid).toBe(after.metadata.uid);
  });

  it("with pods that are not ready, and with OnDelete pods of an older revision", async ({ scenario }) => {
    await web(scenario, { ordered: true });
    await change(scenario, { spec: { updateStrategy: { type: "OnDelete", rollingUpdate: null } } });
    const metadata = { annotations: { "sandbox/fault": "never-ready" } };
    await change(scenario, { spec: { template: { metadata } } });
    await scenario.until("the new revision", kinds.statefulSet, (sets) => {
      const { status } = sets.get("web") ?? {};
      return status?.currentRevision !== status?.updateRevision;
    });
    const ref = { namespace: scenario.namespace, name: "web-1" };
    const old = (await podsOf(scenario)).get("web-1")?.metadata.uid;
    await scenario.cluster.delete(kinds.pod, ref);
    await scenario.until("another web-1", kinds.pod, (pods) => {
      const pod = pods.get("web-1");
      return pod && pod.metadata.uid !== old && pod.status?.phase === "Running";
    });
    const kept = await identities(scenario);
    const args = ["recreate", "web", "--set", "spec.podManagementPolicy=Parallel", "--yes"];
    expect((await ends(scenario, 0, ...args)).stdout).toBe(recreated);
    expect(await identities(scenario)).toEqual(kept);
    const { spec } = await setNow(scenario);
    expect([spec.podManagementPolicy, spec.updateStrategy?.type]).toEqual(["Parallel", "OnDelete"]);
  });

  it("of claim templates: another class for new claims; one that no pod mounts goes", async ({
    scenario,
  }) => {
    await web(scenario);
    const other = await scenario.storageClass();
    const kept = await identities(scenario);
    const field = "spec.volumeClaimTemplates[www]";
    const classOf = [`--set`, `${field}.spec.storageClassName=${other}`];
    await ends(scenario, 0, "recreate", "web", ...classOf, "--yes");
    expect(await identities(scenario)).toEqual(kept);
    expect((await setNow(scenario)).spec.volumeClaimTemplates?.[0]?.spec?.storageClassName).toBe(other);

    const gone = ["recreate", "web", "--set", `${field}=null`, "--yes"];
    const mounted = await ends(scenario, 7, ...gone);
    expect(mounted.stderr).toContain("web-0, web-1 and web-2 have a claim of template www");
    const more = await ends(
      scenario,
      7,
      "recreate",
      "web",
      "--set",
      "spec.volumeClaimTemplates[x]={}",
      "--yes",
    );
    expect(more.stderr).toContain("none can be added around its pods");
  });

  it("only after it was asked for: --dry-run shows it, and without --yes nothing is done", async ({
    scenario,
  }) => {
    const before = await web(scenario);
    for (const mode of ["client", "server"]) {
      const { stdout, stderr } = await ends(scenario, 0, "recreate", "web", ...toHs, `--dry-run=${mode}`);
      expect(stdout).toContain("recreated (");
      expect(stderr).toContain("delete the set alone: web-0 to web-2 and the claims stay as they are");
    }
    const asked = await ends(scenario, 7, "recreate", "web", ...toHs);
    expect(asked.stderr).toContain("web was not touched");
    const invalid = ["recreate", "web", "--set", "spec.serviceName=Not_A_Name"];
    expect((await ends(scenario, 1, ...invalid, "--dry-run=server")).stderr).toContain("spec.serviceName");
    expect((await ends(scenario, 1, ...invalid, "--yes")).stderr).toContain("spec.serviceName");
    expect((await setNow(scenario)).metadata.uid).toBe(before.metadata.uid);
    expect(await record(scenario)).toBeUndefined();
  });

  it("and of no other field: each has its own command, or a reason", async ({ scenario }) => {
    const before = await web(scenario);
    const answers: [field: string, code: number, says: string][] = [
      ["spec.replicas=5", 2, "sts scale web --replicas=N"],
      ["spec.template.spec.containers[0].image=x", 2, "sts set image web"],
      ["spec.volumeClaimTemplates[www].spec.resources.requests.storage=2Gi", 2, "sts pvc resize web www=2Gi"],
      ["spec.selector.matchLabels.app=x", 7, "which pods are web's own"],
      ["spec.podManagementPolicy=Sometimes", 2, "OrderedReady, Parallel"],
      ["metadata.name=x", 2, "another name is another set"],
      ["spec.nonsense=x", 2, "no such field"],
      ["nonsense", 2, "FIELD=VALUE"],
    ];
    for (const [field, code, says] of answers) {
      const { stderr } = await ends(scenario, code, "recreate", "web", "--set", field, "--yes");
      expect(stderr).toContain(says);
    }
    await ends(scenario, 1, "recreate", "nobody", ...toHs, "--yes");
    await ends(scenario, 2, "recreate", "web");
    expect((await setNow(scenario)).metadata.uid).toBe(before.metadata.uid);
  });
});

describe("recreate is refused", () => {
  it("while a partition holds pods back, or a staging, a pause or a rollout is under way", async ({
    scenario,
  }) => {
    const before = await web(scenario, { ordered: true });
    const refused = async (says: string | RegExp) => {
      const { stderr } = await ends(scenario, 7, "recreate", "web", ...toHs, "--yes");
      expect(stderr).toMatch(says);
      expect((await setNow(scenario)).metadata.uid).toBe(before.metadata.uid);
      expect(await record(scenario)).toBeUndefined();
    };
    await ends(scenario, 0, "rollout", "pause", "web");
    await refused("sts rollout resume web");
    await ends(scenario, 0, "rollout", "resume", "web");
    await ends(scenario, 0, "set", "image", "web", "main=nginx:1.30", "--stage=1");
    await refused("sts rollout promote web --all");
    await ends(scenario, 0, "rollout", "promote", "web", "--all");
    await change(scenario, { spec: { updateStrategy: { rollingUpdate: { partition: 2 } } } });
    await ends(scenario, 0, "set", "image", "web", "main=nginx:1.31");
    await refused("partition 2 holds web-0 and web-1 back at an older revision");
    await change(scenario, { spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } });
    await ends(scenario, 0, "rollout", "status", "web");
    const metadata = { annotations: { "sandbox/fault": "never-ready" } };
    await change(scenario, { spec: { template: { metadata } } });
    await scenario.until(
      "web-2 of the new revision",
      kinds.pod,
      (pods) => pods.get("web-2")?.metadata.annotations?.["sandbox/fault"],
    );
    await refused("a rollout of web is under way, web-0 and web-1 at an older revision");
  });

  it("where another controller would take the pods over while the set is away", async ({ scenario }) => {
    const before = await web(scenario);
    if (scenario.target === "sandbox") return;
    const metadata = { labels: { app: "web" } };
    const spec = { containers: [{ name: "main", image: "nginx:1" }] };
    await scenario.create({
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      metadata: { name: "greedy" },
      spec: { replicas: 0, selector: { matchLabels: { app: "web" } }, template: { metadata, spec } },
    });
    const { stderr } = await ends(scenario, 7, "recreate", "web", ...toHs, "--yes");
    expect(stderr).toContain("ReplicaSet greedy selects the pods of web, too");
    expect((await setNow(scenario)).metadata.uid).toBe(before.metadata.uid);
  });

  it("for a second sts, and for a set that is being deleted", async ({ scenario }) => {
    await web(scenario);
    const letGo = await held(scenario);
    const first = scenario.start(["recreate", "web", ...toHs, "--yes"]);
    await first.untilWritten(/deleted without its pods/);
    const second = await ends(scenario, 6, "recreate", "web", ...toHs, "--yes");
    expect(second.stderr).toContain("is being made anew by");
    await letGo();
    const { code, stdout, stderr } = await first.ended;
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: recreated });

    const finalizers = await held(scenario);
    const ref = { namespace: scenario.namespace, name: "web" };
    await scenario.cluster.delete(kinds.statefulSet, ref, { propagation: "Orphan" });
    const third = await ends(scenario, 7, "recreate", "web", "--set", "spec.serviceName=x", "--yes");
    expect(third.stderr).toContain("web is being deleted");
    await finalizers();
  });
});

describe("recreate, interrupted", () => {
  it("by Ctrl-C says how it goes on, and goes on by its name alone", async ({ scenario }) => {
    await web(scenario);
    const kept = await identities(scenario);
    const letGo = await held(scenario);
    const first = scenario.start(["recreate", "web", ...toHs, "--yes"]);
    await first.untilWritten(/deleted without its pods/);
    first.kill("SIGINT");
    const { code, stdout, stderr } = await first.ended;
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    expect(stderr).toContain("sts recreate web --set spec.serviceName=web-hs");
    expect(await record(scenario)).toBeDefined();
    await letGo();
    await scenario.until("web to be gone", kinds.statefulSet, (sets) => !sets.has("web"));
    const status = await ends(scenario, 1, "status", "web");
    expect(status.stderr).toContain("around web-0 to web-2 was begun and not finished: spec.serviceName");
    expect(status.stderr).toMatch(/go on +sts recreate web --set spec.serviceName=web-hs/);
    const asked = await ends(scenario, 7, "recreate", "web");
    expect(asked.stderr).toContain("did not finish: spec.serviceName web → web-hs");
    expect((await ends(scenario, 0, "recreate", "web", "--yes")).stdout).toBe(recreated);
    expect(await identities(scenario)).toEqual(kept);
    expect((await setNow(scenario)).spec.serviceName).toBe("web-hs");
  });

  it("while the old set stays in its deletion ends at --timeout, with exit code 3", async ({ scenario }) => {
    await web(scenario);
    const letGo = await held(scenario);
    const { stderr } = await ends(scenario, 3, "recreate", "web", ...toHs, "--yes", "--timeout=1s");
    expect(stderr).toContain(hold);
    await letGo();
    expect((await ends(scenario, 0, "recreate", "web", ...toHs, "--yes")).stdout).toBe(recreated);
  });

  it("and made by somebody else meanwhile is a conflict, and what was saved is kept", async ({
    scenario,
  }) => {
    await web(scenario);
    const letGo = await held(scenario);
    const first = scenario.start(["recreate", "web", ...toHs, "--yes"]);
    await first.untilWritten(/deleted without its pods/);
    first.kill("SIGKILL");
    await first.ended;
    await letGo();
    await scenario.until("web to be gone", kinds.statefulSet, (sets) => !sets.has("web"));
    await scenario.create(setManifest("web", { replicas: 3 }));
    const { stderr } = await ends(scenario, 6, "recreate", "web", ...toHs, "--yes");
    expect(stderr).toContain("made anew by somebody else");
    expect(stderr).toContain("kubectl delete configmap sts-recreate-web");
    expect(await record(scenario)).toBeDefined();
  });

  it(
    "by a kill after any request is finished by the same command",
    { timeout: 300_000 },
    async ({ scenario }) => {
      const storageClass = await scenario.storageClass();
      const kept = async (name: string) =>
        Object.entries(await identities(scenario)).filter(([key]) => key.includes(`${name}-`));
      const kills = await killedAfterEach(scenario, {
        async prepare(run) {
          const name = `r${run}`;
          await runningSet(scenario, name, { replicas: 2, templates: ["www"], storageClass });
          const { uid } = (await setNow(scenario, name)).metadata;
          return { name, uid, before: await kept(name) };
        },
        args: ({ name }) => ["recreate", name, "--set", "spec.serviceName=hs", "--yes"],
        async afterKill({ name, before }) {
          expect(await kept(name)).toEqual(before);
        },
        async afterEnd({ name, uid, before }) {
          const set = await setNow(scenario, name);
          expect(set.metadata.uid).not.toBe(uid);
          expect([set.spec.serviceName, set.spec.updateStrategy?.type]).toEqual(["hs", "RollingUpdate"]);
          expect(set.metadata.annotations ?? {}).toEqual({});
          expect(await kept(name)).toEqual(before);
          expect(await record(scenario, name)).toBeUndefined();
        },
        mostOnRealCluster: 6,
      });
      if (scenario.target === "sandbox") {
        const deletes = kills.filter(({ method }) => method === "DELETE").map(({ path: at }) => at);
        expect(deletes.some((at) => at.includes("/statefulsets/"))).toBe(true);
        expect(deletes.some((at) => at.includes("/configmaps/"))).toBe(true);
      }
      expect((await uids(scenario)).size).toBeGreaterThan(0);
    },
  );
});
