import { describe, expect } from "vitest";
import { isApiError } from "../../src/cluster/index.js";
import { kinds } from "../../src/core/kinds.js";
import type { Manifest } from "../../src/core/model.js";
import { it, type Scenario } from "./support/cluster.js";
import { bound, leftover, runningSet, type SetShape } from "./support/sets.js";
import { claimsOf, ends } from "./support/walk.js";

/** Names that begin, end or divide like each other, and ranges that do not begin at 0. */
const sets: Readonly<Record<string, SetShape>> = {
  web: { replicas: 2, templates: ["www"] },
  "web-1": { replicas: 1, templates: ["www"] },
  "web-web": { replicas: 1, templates: ["www"] },
  // www-a-b-3 is of either: template www of a-b, or template www-a of b.
  "a-b": { replicas: 1, templates: ["www"] },
  b: { replicas: 1, start: 5, templates: ["www-a", "data"] },
  db: { replicas: 2, start: 9, templates: ["data", "data-x"] },
  zero: { replicas: 0, templates: ["www"] },
  auto: { replicas: 1, templates: ["www"] },
};

/** Which clean-up takes a claim: none, the plain one, or the one that includes its state, or names its set. */
type Fate = "stays" | "goes" | "set-at-zero" | "autoscaled" | "template-gone" | "set-deleted" | "--set";

/** Claims that the sets' own pods use, made by the controller: all of them stay. */
const used = [
  ...["www-web-0", "www-web-1", "www-web-1-0", "www-web-web-0", "www-a-b-0", "www-a-b-5", "data-b-5"],
  ...["data-db-9", "data-db-10", "data-x-db-9", "data-x-db-10", "www-auto-0"],
];

/** Claims that nobody's pod uses, by the set whose labels they have. */
const remains: readonly [claim: string, labelledAs: string | undefined, fate: Fate][] = [
  ["www-web-2", "web", "goes"],
  ["www-web-9", "web", "goes"],
  ["www-web-10", "web", "goes"],
  ["www-web-11", "web", "goes"],
  ["www-web-100", "web", "goes"],
  ["www-web-2147483647", "web", "goes"],
  ["www-web-2147483648", "web", "stays"],
  ["www-web-99999999999999999999", "web", "stays"],
  ["www-web-007", "web", "stays"],
  ["www-web-00", "web", "stays"],
  ["www-web", "web", "stays"],
  ["www", "web", "stays"],
  ["xwww-web-3", "web", "template-gone"],
  ["www-webx-3", "web", "stays"],
  ["www-web-8", undefined, "stays"],
  ["www-web-6", "api", "stays"],
  ["www-web-1-1", "web-1", "goes"],
  ["www-web-1-10", "web-1", "goes"],
  ["www-web-1-2", "web", "stays"],
  ["www-web-web-1", "web-web", "goes"],
  ["www-web-web-100", "web-web", "goes"],
  ["www-web-web-2", "web", "stays"],
  ["www-a-b-1", "a-b", "stays"],
  ["www-a-b-100", "b", "stays"],
  ["data-b-4", "b", "goes"],
  ["data-b-0", "b", "goes"],
  ["data-db-0", "db", "goes"],
  ["data-db-8", "db", "goes"],
  ["data-db-11", "db", "goes"],
  ["data-x-db-100", "db", "goes"],
  ["www-zero-0", "zero", "set-at-zero"],
  ["www-zero-10", "zero", "set-at-zero"],
  ["www-auto-1", "auto", "autoscaled"],
  ["www-auto-4", "auto", "autoscaled"],
  ["www-auto-5", "auto", "goes"],
  ["old-web-0", "web", "template-gone"],
  ["old-web-9", "web", "template-gone"],
  ["data-old-0", "old", "set-deleted"],
  ["data-old-11", "old", "set-deleted"],
  ["data-old-3", "other", "stays"],
  ["data-lonely-0", "lonely", "stays"],
  ["x-y-z-3", undefined, "--set"],
  ["x-y-z-10", undefined, "--set"],
  ["x-y-z", undefined, "stays"],
  ["w-x-y-z-3", undefined, "stays"],
];

/** Claims with something special about them, made by `createSpecial`. */
const special: readonly [claim: string, fate: Fate][] = [
  ["www-web-7", "stays"], // mounted by a bare pod
  ["www-web-14", "stays"], // the ephemeral volume 14 of the pod www-web
  ["www-web-5", "stays"], // an operator's: its controller is another object
  ["www-web-12", "goes"], // that owner is no controller
  ["www-web-13", "stays"], // owned by another set
  ["cache-api-0", "stays"], // a person's, for a Deployment
  ["cache-api-1", "stays"],
];

const podWith = (name: string, volume: object): Manifest => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: { containers: [{ name: "main", image: "busybox" }], volumes: [volume] } as object,
});

async function createSpecial(scenario: Scenario, storageClass: string): Promise<void> {
  const { namespace, cluster } = scenario;
  const owned = async (name: string, owner: object) => {
    const claim = leftover(name, "web", storageClass);
    await scenario.create({ ...claim, metadata: { ...claim.metadata, ownerReferences: [owner] } });
  };
  const config = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "operator", namespace } };
  const operator = await cluster.create(kinds.configMap, config);
  const { uid } = operator.metadata;
  const operated = { apiVersion: "v1", kind: "ConfigMap", name: "operator", uid };
  await owned("www-web-5", { ...operated, controller: true });
  await owned("www-web-12", operated);
  const other = await scenario.read(kinds.statefulSet, "web-1");
  await owned("www-web-13", {
    ...{ apiVersion: "apps/v1", kind: "StatefulSet" },
    ...{ name: "web-1", uid: other?.metadata.uid },
  });
  await scenario.create(
    leftover("www-web-7", "web", storageClass),
    podWith("backup", { name: "data", persistentVolumeClaim: { claimName: "www-web-7" } }),
  );
  for (const name of ["cache-api-0", "cache-api-1"]) {
    const claim = leftover(name, "api", storageClass);
    const metadata = { ...claim.metadata, namespace };
    await cluster.create(kinds.claim, { ...claim, metadata }, { fieldManager: "kubectl-create" });
  }
  await createEphemeral(scenario, storageClass);
}

/** The controller of a real cluster makes the claim of an ephemeral volume; where there is none it is made like that. */
async function createEphemeral(scenario: Scenario, storageClass: string): Promise<void> {
  const { spec, ...claim } = leftover("www-web-14", "web", storageClass);
  const labels = { app: "web" };
  const ephemeral = { volumeClaimTemplate: { metadata: { labels }, spec } };
  await scenario.create(podWith("www-web", { name: "14", ephemeral }));
  const owner = { apiVersion: "v1", kind: "Pod", name: "www-web", controller: true };
  const uid = (await scenario.read(kinds.pod, "www-web"))?.metadata.uid;
  const ownerReferences = [{ ...owner, uid }];
  const made = scenario.create({ ...claim, spec, metadata: { ...claim.metadata, ownerReferences } });
  await made.catch((error: unknown) => {
    if (!isApiError(error, "AlreadyExists")) throw error;
  });
}

const autoscaler: Manifest = {
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "auto" },
  spec: {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "StatefulSet", name: "auto" },
    maxReplicas: 5,
    metrics: [
      {
        type: "Resource",
        resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
      },
    ],
  } as object,
};

/** Claims that are there and not on their way out, by name with their UIDs. */
async function present(scenario: Scenario): Promise<Map<string, string>> {
  const claims = [...(await claimsOf(scenario))];
  return new Map(
    claims
      .filter(([, { metadata }]) => metadata.deletionTimestamp === undefined)
      .map(([name, { metadata }]) => [name, metadata.uid]),
  );
}

describe("pvc cleanup among hostile names", () => {
  it("takes exactly what is left over, state by state", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    const running = Object.entries(sets);
    await Promise.all(running.map(([name, shape]) => runningSet(scenario, name, { ...shape, storageClass })));
    await scenario.create(autoscaler);
    for (const [name, set] of remains) {
      const claim = leftover(name, set ?? "", storageClass);
      await scenario.create(set === undefined ? { ...claim, metadata: { name } } : claim);
    }
    await createSpecial(scenario, storageClass);
    const fates = new Map<string, Fate>([
      ...used.map((name): [string, Fate] => [name, "stays"]),
      ...remains.map(([name, , fate]): [string, Fate] => [name, fate]),
      ...special,
    ]);
    await bound(scenario, ...fates.keys());
    const before = await present(scenario);
    expect([...before.keys()].toSorted()).toEqual([...fates.keys()].toSorted());

    const taken = new Set<Fate>();
    const takes = async (fate: Fate, ...flags: string[]) => {
      await ends(scenario, 0, "pvc", "cleanup", ...flags, "--yes");
      taken.add(fate);
      const left = [...before].filter(([name]) => !taken.has(fates.get(name) ?? "stays"));
      expect(await present(scenario), flags.join(" ")).toEqual(new Map(left));
    };
    await takes("goes");
    await takes("autoscaled", "--include=autoscaled");
    await takes("set-at-zero", "--include=set-at-zero");
    await takes("template-gone", "--include=template-gone");
    await takes("set-deleted", "--include=set-deleted");
    await takes("--set", "--set=z", "--template=x-y");
    const all = "--include=autoscaled,set-at-zero,template-gone,set-deleted";
    await ends(scenario, 0, "pvc", "cleanup", all, "--yes");
    await takes("goes", all);
    const named = await scenario.sts(["pvc", "cleanup", "--set=web", "--template=www", "--yes"]);
    expect([named.code, named.stderr]).toEqual([2, expect.stringContaining("StatefulSet web exists")]);
  });

  it("and leaves those of another namespace alone, whose sets have the same names", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    const other = `${scenario.namespace}-x`.slice(-63).replace(/^-+/, "");
    await runningSet(scenario, "web", { templates: ["www"], storageClass });
    const metadata = { name: other };
    await scenario.create(leftover("www-web-3", "web", storageClass), {
      ...{ apiVersion: "v1", kind: "Namespace" },
      metadata,
    });
    try {
      const elsewhere = leftover("www-web-3", "web", storageClass);
      const set = (await scenario.read(kinds.statefulSet, "web"))?.spec;
      await scenario.create(
        { ...elsewhere, metadata: { ...elsewhere.metadata, namespace: other } },
        {
          ...{ apiVersion: "apps/v1", kind: "StatefulSet" },
          ...{ metadata: { name: "web", namespace: other }, spec: { ...set, replicas: 0 } },
        },
      );
      await bound(scenario, "www-web-3");
      const flags = ["--include=set-at-zero,autoscaled,template-gone,set-deleted", "--yes"];
      await ends(scenario, 0, "pvc", "cleanup", ...flags);
      expect([...(await present(scenario)).keys()]).toEqual(["www-web-0"]);
      const { items } = await scenario.cluster.list(kinds.claim, { namespace: other });
      expect(items.map((claim) => [claim.metadata.name, claim.metadata.deletionTimestamp])).toEqual([
        ["www-web-3", undefined],
      ]);
    } finally {
      await scenario.cluster.delete(kinds.namespace, { name: other });
    }
  });
});
