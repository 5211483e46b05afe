import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import { it, type Scenario } from "./support/cluster.js";
import { inTerminal, question } from "./support/pty.js";
import { autoscaler, leftover, runningSet, scaled, setManifest, writeReplicas } from "./support/sets.js";
import { claimsOf, ends, names, podsOf } from "./support/walk.js";

type Policy = "Retain" | "Delete";
type Shape = NonNullable<Parameters<typeof runningSet>[2]>;

const updated = "statefulset.apps/web retention policy updated\n";
const all = ["www-web-0", "www-web-1", "www-web-2"];

async function web(scenario: Scenario, shape: Shape = {}): Promise<string> {
  const storageClass = await scenario.storageClass();
  await runningSet(scenario, "web", { replicas: 3, templates: ["www"], storageClass, ...shape });
  return storageClass;
}

async function claimNames(scenario: Scenario): Promise<string[]> {
  return names((await claimsOf(scenario)).keys());
}

/** `www-web-0:web www-web-3:-`: each claim and its owners. */
async function owners(scenario: Scenario): Promise<string> {
  const claims = await claimsOf(scenario);
  const words = names(claims.keys()).map((name) => {
    const found = (claims.get(name)?.metadata.ownerReferences ?? []).map((owner) => owner.name);
    return `${name}:${found.join("+") || "-"}`;
  });
  return words.join(" ");
}

async function policyOf(scenario: Scenario) {
  return (await scenario.read(kinds.statefulSet, "web"))?.spec.persistentVolumeClaimRetentionPolicy;
}

async function ownedBySet(scenario: Scenario, name: string, storageClass: string): Promise<void> {
  const uid = (await scenario.read(kinds.statefulSet, "web"))?.metadata.uid ?? "";
  const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name: "web", uid, controller: true };
  const old = leftover(name, "web", storageClass);
  await scenario.create({ ...old, metadata: { ...old.metadata, ownerReferences: [owner] } });
}

/** Waits until these claims are left; what the garbage collector takes needs its time. */
async function untilLeft(scenario: Scenario, ...left: string[]): Promise<void> {
  await scenario.until(`only ${left.join(", ")} to be left`, kinds.claim, (claims) => {
    return names(claims.keys()).join() === left.join();
  });
}

describe("pvc retention", () => {
  const policies: [Policy, Policy][] = [
    ["Retain", "Retain"],
    ["Retain", "Delete"],
    ["Delete", "Retain"],
    ["Delete", "Delete"],
  ];
  for (const [whenScaled, whenDeleted] of policies) {
    it(`scaled=${whenScaled} deleted=${whenDeleted}: does what it says when the set is scaled down and deleted`, async ({
      scenario,
    }) => {
      const opposite = (policy: Policy): Policy => (policy === "Retain" ? "Delete" : "Retain");
      await web(scenario, {
        retention: { whenScaled: opposite(whenScaled), whenDeleted: opposite(whenDeleted) },
      });
      const change = [`scaled=${whenScaled}`, `deleted=${whenDeleted}`, "--yes"];
      const { stdout, stderr } = await ends(scenario, 0, "pvc", "retention", "web", ...change);
      expect(stdout).toBe(updated);
      expect(await policyOf(scenario)).toEqual({ whenScaled, whenDeleted });
      const owner = whenDeleted === "Delete" ? "web" : "-";
      expect(await owners(scenario)).toBe(all.map((name) => `${name}:${owner}`).join(" "));
      const scaling =
        whenScaled === "Delete"
          ? "scaling down to 0 deletes 3 claims, 3Gi (data destroyed)"
          : "scaling down keeps";
      const deletion = whenDeleted === "Delete" ? "deleting web deletes" : "deleting web keeps";
      expect(stderr).toContain(scaling);
      expect(stderr).toContain(deletion);

      await scaled(scenario, "web", 2);
      const left = whenScaled === "Delete" ? all.slice(0, 2) : all;
      await untilLeft(scenario, ...left);
      await ends(scenario, 0, "delete", "web");
      // What is left over by then, and has the set as its owner, goes with it.
      if (whenDeleted === "Delete") await untilLeft(scenario);
      else expect(await claimNames(scenario)).toEqual(left);
      for (const { metadata } of (await claimsOf(scenario)).values())
        expect(metadata.deletionTimestamp).toBeUndefined();
    });
  }

  it("without a policy says which one is in force and what it means, and changes nothing", async ({
    scenario,
  }) => {
    await web(scenario, { retention: { whenDeleted: "Delete" } });
    const before = (await scenario.read(kinds.statefulSet, "web"))?.metadata.generation;
    const { stdout, stderr } = await ends(scenario, 0, "pvc", "retention", "web");
    expect(stdout).toContain(`${scenario.namespace}/web: retention policy scaled=Retain deleted=Delete\n`);
    expect(stdout).toMatch(/www-web-2 +1Gi +web +kept +data destroyed/);
    expect(stdout).toContain("scaling down keeps the claims\n");
    expect(stdout).toContain("deleting web deletes 3 claims, 3Gi (data destroyed)\n");
    expect(stderr).toBe("");
    expect((await scenario.read(kinds.statefulSet, "web"))?.metadata.generation).toBe(before);
    const document = await ends(scenario, 0, "pvc", "retention", "web", "-o", "json");
    expect(JSON.parse(document.stdout)).toMatchObject({
      name: "web",
      policy: { whenScaled: "Retain", whenDeleted: "Delete" },
      claims: all.map((name) => ({ name, owner: "set", whenScaled: "kept", whenDeleted: "deleted" })),
    });
  });

  it("asks before a policy that will delete, 7 without a yes; not before one that keeps", async ({
    scenario,
  }) => {
    await web(scenario, { replicas: 2 });
    const refused = await ends(scenario, 7, "pvc", "retention", "web", "scaled=Delete");
    expect(refused.stdout).toBe("");
    expect(refused.stderr).toMatch(/www-web-1 +1Gi +none +data destroyed +kept/);
    expect(refused.stderr).toContain("the retention policy was not changed");
    expect(await policyOf(scenario)).toEqual({ whenScaled: "Retain", whenDeleted: "Retain" });
    await inTerminal(scenario, ["pvc", "retention", "web", "deleted=Delete"], async (terminal) => {
      await question(terminal, "Let this policy delete claims of web? [y/N]");
      terminal.type("y\r");
      expect(await terminal.ended).toBe(0);
    });
    expect(await owners(scenario)).toBe("www-web-0:web www-web-1:web");
    expect((await ends(scenario, 0, "pvc", "retention", "web", "deleted=Retain")).stdout).toBe(updated);
    expect(await owners(scenario)).toBe("www-web-0:- www-web-1:-");
    const same = await ends(scenario, 0, "pvc", "retention", "web", "scaled=Retain");
    expect(same.stdout).toBe("statefulset.apps/web retention policy unchanged\n");
  });

  it("--dry-run shows it, in both modes, and changes nothing", async ({ scenario }) => {
    await web(scenario, { replicas: 1 });
    for (const [mode, suffix] of [
      ["client", " (dry run)"],
      ["server", " (server dry run)"],
    ]) {
      const dry = await ends(scenario, 0, "pvc", "retention", "web", "deleted=Delete", `--dry-run=${mode}`);
      expect(dry.stdout).toBe(`statefulset.apps/web retention policy updated${suffix}\n`);
      expect(dry.stderr).toMatch(/www-web-0 +1Gi +none → web/);
    }
    expect(await policyOf(scenario)).toEqual({ whenScaled: "Retain", whenDeleted: "Retain" });
    expect(await owners(scenario)).toBe("www-web-0:-");
  });

  it("says what no policy reaches, and takes references of before off left-over claims", async ({
    scenario,
  }) => {
    const storageClass = await web(scenario, { replicas: 1, retention: { whenDeleted: "Delete" } });
    await scenario.create(leftover("www-web-4", "web", storageClass));
    await ownedBySet(scenario, "www-web-5", storageClass);
    const kept = await ends(scenario, 0, "pvc", "retention", "web", "scaled=Delete", "--yes");
    expect(kept.stderr).toMatch(/www-web-4 +1Gi +none +kept +kept +left over/);
    expect(kept.stderr).toMatch(/www-web-5 +1Gi +web +kept +data destroyed +left over/);
    expect(kept.stderr).toContain("www-web-4 is left over: no policy deletes what has no pod and no owner");
    expect(await owners(scenario)).toBe("www-web-0:web www-web-4:- www-web-5:web");
    const off = await ends(scenario, 0, "pvc", "retention", "web", "deleted=Retain");
    expect(off.stderr).toMatch(/www-web-5 +1Gi +web → none +kept +kept +left over/);
    expect(await owners(scenario)).toBe("www-web-0:- www-web-4:- www-web-5:-");
  });

  it("takes claims out of danger although a pod that is not ready keeps the controller from them", async ({
    scenario,
  }) => {
    await web(scenario, { ordered: true, retention: { whenDeleted: "Delete" } });
    const body = { metadata: { annotations: { "sandbox/fault": "node-lost" } } };
    await scenario.cluster.patch(
      kinds.pod,
      { namespace: scenario.namespace, name: "web-0" },
      { type: "merge", body },
    );
    await scenario.until("web-0 to be not ready", kinds.pod, (pods) =>
      pods
        .get("web-0")
        ?.status?.conditions?.some(({ type, status }) => type === "Ready" && status !== "True"),
    );
    const { stdout } = await ends(scenario, 0, "pvc", "retention", "web", "deleted=Retain");
    expect(stdout).toBe(updated);
    expect(await owners(scenario)).toBe(all.map((name) => `${name}:-`).join(" "));
    const late = await ends(
      scenario,
      3,
      "pvc",
      "retention",
      "web",
      "deleted=Delete",
      "--yes",
      "--timeout=1s",
    );
    expect(late.stderr).toContain("web-0 is not ready");
    expect(late.stderr).toMatch(/timed out waiting for the controller to give www-web-.* its owner/);
    expect(await policyOf(scenario)).toEqual({ whenScaled: "Retain", whenDeleted: "Delete" });
  });

  it("says of a pod that is being scaled away that its claims go at once", async ({ scenario }) => {
    await web(scenario);
    const ref = { namespace: scenario.namespace, name: "web-2" };
    const hold = (finalizers: string[] | null) =>
      scenario.cluster.patch(kinds.pod, ref, { type: "merge", body: { metadata: { finalizers } } });
    await hold(["sts.test/hold"]);
    await writeReplicas(scenario, "web", 2);
    await scenario.until("web-2 to be on its way", kinds.pod, (pods) =>
      Boolean(pods.get("web-2")?.metadata.deletionTimestamp),
    );
    const done = await ends(scenario, 0, "pvc", "retention", "web", "scaled=Delete", "--yes");
    expect(done.stderr).toMatch(/www-web-2 +1Gi +none → pod web-2 +now: data destroyed/);
    expect(done.stderr).toContain("being deleted now, with or without web: www-web-2");
    expect(await owners(scenario)).toBe("www-web-0:- www-web-1:- www-web-2:web-2");
    await hold(null);
    await untilLeft(scenario, "www-web-0", "www-web-1");
    expect(names((await podsOf(scenario)).keys())).toEqual(["web-0", "web-1"]);
  });

  it("killed after the write, is finished by the same command; warns about who may revert it", async ({
    scenario,
  }) => {
    const storageClass = await web(scenario, { replicas: 1, retention: { whenDeleted: "Delete" } });
    await ownedBySet(scenario, "www-web-5", storageClass);
    const ref = { namespace: scenario.namespace, name: "web" };
    const spec = { persistentVolumeClaimRetentionPolicy: { whenScaled: "Retain", whenDeleted: "Retain" } };
    const annotations = { "meta.helm.sh/release-name": "shop" };
    await scenario.cluster.patch(kinds.statefulSet, ref, {
      type: "merge",
      body: { metadata: { annotations }, spec },
    });
    const again = await ends(scenario, 0, "pvc", "retention", "web", "deleted=Retain");
    expect(again.stdout).toBe("statefulset.apps/web retention policy unchanged\n");
    expect(await owners(scenario)).toBe("www-web-0:- www-web-5:-");
    await scenario.create(autoscaler("web", 3));
    const warned = await ends(scenario, 0, "pvc", "retention", "web", "scaled=Delete", "--yes");
    expect(warned.stderr).toContain(
      "warning: HorizontalPodAutoscaler web (1 to 3 replicas) may scale it again, and each scale-down deletes claims then",
    );
    expect(warned.stderr).toContain("is managed by Helm release shop, which may revert this change");
  });

  it("refuses what it cannot read: exit 2, nothing changed", async ({ scenario }) => {
    await scenario.create(setManifest("web"));
    for (const [words, message] of [
      [["web", "scaled=delete"], 'scaled: "delete" is not one of Retain, Delete'],
      [
        ["web", "whenScaled=Delete"],
        '"whenScaled=Delete" is not scaled=Retain|Delete or deleted=Retain|Delete',
      ],
      [["web", "scaled=Retain", "scaled=Delete"], "scaled is given twice, and differs"],
      [["scaled=Retain"], "the name of a StatefulSet is needed"],
      [["web", "db", "scaled=Retain"], "one StatefulSet at a time"],
    ] as const) {
      const refused = await ends(scenario, 2, "pvc", "retention", ...words);
      expect(refused.stderr).toContain(message);
    }
    const none = await ends(scenario, 1, "pvc", "retention", "wbe", "scaled=Retain");
    expect(none.stderr).toContain('statefulsets.apps "wbe" not found');
  });
});
