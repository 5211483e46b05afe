import { describe, expect } from "vitest";
import { parse } from "yaml";
import { kinds } from "../../src/core/kinds.js";
import type { Manifest } from "../../src/core/model.js";
import { it, type Scenario } from "./support/cluster.js";
import { claimsOf, ends, imageOf, lines, names, order, podsOf, seed } from "./support/walk.js";

// The walk-throughs of the documents whose manifests are in test/fixtures/seeds. In one file, because they bring
// StorageClasses and volumes of fixed names: 000 needs a default class, 004 none.

const provisioner = "sandbox.sts/volumes";

/** A StorageClass of a name that a document uses, for as long as `use` runs. */
async function withClass<T>(
  scenario: Scenario,
  name: string,
  isDefault: boolean,
  use: () => Promise<T>,
): Promise<T> {
  const annotations = isDefault ? { "storageclass.kubernetes.io/is-default-class": "true" } : {};
  const metadata = { name, annotations };
  await scenario.create({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata, provisioner });
  try {
    return await use();
  } finally {
    await scenario.cluster.delete(kinds.storageClass, { name });
  }
}

/** Static volumes of a document, gone afterwards with whatever the scenario's claims made of them. */
async function withVolumes<T>(scenario: Scenario, volumes: string[], use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } finally {
    await scenario.cluster.delete(kinds.namespace, { name: scenario.namespace });
    for (const name of volumes) await scenario.cluster.delete(kinds.volume, { name }).catch(() => undefined);
    await scenario.until(
      "the volumes to be gone",
      kinds.volume,
      (found) => !volumes.some((name) => found.has(name)),
    );
  }
}

describe("000: nginx with claims of the default class", () => {
  it("creates, in order, pods with claims and DNS names", async ({ scenario }) => {
    await withClass(scenario, "standard", true, async () => {
      const file = scenario.file("web.yaml", seed("000-web.yaml"));
      const created = await ends(scenario, 0, "create", "-f", file);
      expect(created.stdout).toBe("service/nginx created\nstatefulset.apps/web created\n");
      expect(order(created, "created")).toEqual(["web-0", "web-1"]);
      expect(names((await claimsOf(scenario)).keys())).toEqual(["www-web-0", "www-web-1"]);
      expect(await lines(scenario, "get", "web")).toEqual([
        expect.stringMatching(/^NAME\s+READY\s+AGE$/),
        expect.stringMatching(/^web\s+2\/2\s/),
      ]);
      const { stdout } = await ends(scenario, 0, "status", "web");
      expect(stdout).toContain(`web-1.nginx.${scenario.namespace}.svc`);
      const pods = await podsOf(scenario);
      expect(pods.get("web-1")?.spec).toMatchObject({ hostname: "web-1", subdomain: "nginx" });
    });
  });
});

describe("001: static volumes without a provisioner", () => {
  it("binds three volumes, gives a deleted pod its claim back, and wipes what is cleaned up", async ({
    scenario,
  }) => {
    const volumes = ["pv1", "pv2", "pv3"];
    await withVolumes(scenario, volumes, async () => {
      const file = (name: string) => scenario.file(name, seed(name));
      const volumeFiles = ["001-pv1.yaml", "001-pv2-pv3.yaml"].flatMap((name) => ["-f", file(name)]);
      expect(await lines(scenario, "create", ...volumeFiles)).toEqual(
        volumes.map((name) => `persistentvolume/${name} created`),
      );
      await ends(scenario, 0, "create", "-f", file("001-headless-service.yaml"), "-f", file("001-web.yaml"));
      const claims = await claimsOf(scenario);
      expect(names(claims.keys())).toEqual(["www-web-0", "www-web-1", "www-web-2"]);
      expect(names([...claims.values()].map(({ spec }) => spec.volumeName ?? ""))).toEqual(volumes);

      const before = (await podsOf(scenario)).get("web-0");
      await scenario.cluster.delete(kinds.pod, { namespace: scenario.namespace, name: "web-0" });
      const again = await scenario.until("web-0 to be back", kinds.pod, (pods) => {
        const pod = pods.get("web-0");
        return pod && pod.metadata.uid !== before?.metadata.uid && pod;
      });
      expect(again.spec.volumes).toContainEqual({
        name: "www",
        persistentVolumeClaim: { claimName: "www-web-0" },
      });
      await ends(scenario, 0, "rollout", "status", "web");
      expect((await claimsOf(scenario)).get("www-web-0")?.spec.volumeName).toBe(
        claims.get("www-web-0")?.spec.volumeName,
      );

      await ends(scenario, 0, "scale", "web", "--replicas=2");
      const cleaned = await ends(scenario, 0, "pvc", "cleanup", "web", "--yes");
      expect(cleaned.stdout).toBe('persistentvolumeclaim "www-web-2" deleted\n');
      expect(cleaned.stderr).toContain("wiped");
      const freed = claims.get("www-web-2")?.spec.volumeName ?? "";
      await scenario.until("the volume to be free again", kinds.volume, (all) => {
        return all.get(freed)?.status?.phase === "Available";
      });
    });
  });

  it("warns about a claim template whose class does not exist, and says what it waits for", async ({
    scenario,
  }) => {
    const file = scenario.file("web.yaml", seed("001-web-template.yaml"));
    const created = await ends(scenario, 0, "create", "-f", file, "--wait=false");
    expect(created.stderr).toContain("my-storage-class");
    expect(created.stdout).toBe("service/nginx created\nstatefulset.apps/web created\n");
  });

  it("creates the document's StorageClass and claim as they stand", async ({ scenario }) => {
    const files = ["001-storage-class-slow.yaml", "001-claim1.yaml"].flatMap((name) => [
      "-f",
      scenario.file(name, seed(name)),
    ]);
    try {
      expect(await lines(scenario, "create", ...files)).toEqual([
        "storageclass.storage.k8s.io/slow created",
        "persistentvolumeclaim/claim1 created",
      ]);
    } finally {
      await scenario.cluster.delete(kinds.storageClass, { name: "slow" });
    }
  });
});

describe("002: a set without claims", () => {
  it("starts two pods under the headless service", async ({ scenario }) => {
    const files = ["002-headless-service.yaml", "002-web.yaml"].flatMap((name) => [
      "-f",
      scenario.file(name, seed(name)),
    ]);
    expect(await lines(scenario, "create", ...files)).toEqual([
      "service/nginx created",
      "statefulset.apps/web created",
    ]);
    expect(names((await podsOf(scenario)).keys())).toEqual(["web-0", "web-1"]);
    expect([...(await claimsOf(scenario)).keys()]).toEqual([]);
  });
});

describe("003: the life of a set", () => {
  const web = (change: (set: Manifest) => void = () => undefined): Manifest[] => {
    const [service, set] = seed("003-web.yaml")
      .split("\n---\n")
      .map((text) => parse(text) as Manifest);
    if (!service || !set) throw new Error("003-web.yaml has a Service and a StatefulSet");
    change(set);
    return [service, set];
  };
  const fragment = (name: string) => parse(seed(`003-${name}.fragment.yaml`)) as Record<string, unknown>;
  const created = async (scenario: Scenario, change?: (set: Manifest) => void) => {
    const file = scenario.file(
      "web.json",
      JSON.stringify({ apiVersion: "v1", kind: "List", items: web(change) }),
    );
    return ends(scenario, 0, "create", "-f", file);
  };
  const specOf = (set: Manifest) => set["spec"] as Record<string, unknown>;

  it("3 → 5 → 3 → 5: claims are kept and attached again, then cleaned up", async ({ scenario }) => {
    await withClass(scenario, "standard", false, async () => {
      await created(scenario);
      const up = await ends(scenario, 0, "scale", "web", "--replicas=5");
      expect(order(up, "created")).toEqual(["web-3", "web-4"]);
      const first = await claimsOf(scenario);
      const down = await ends(scenario, 0, "scale", "web", "--replicas=3");
      expect(order(down, "gone")).toEqual(["web-4", "web-3"]);
      expect(names((await claimsOf(scenario)).keys())).toHaveLength(5);
      const again = await ends(scenario, 0, "scale", "web", "--replicas=5");
      expect(again.stderr).toContain("www-web-3 and www-web-4 come back with their old data");
      const back = await claimsOf(scenario);
      for (const [name, claim] of first) expect(back.get(name)?.metadata.uid).toBe(claim.metadata.uid);
      await ends(scenario, 0, "scale", "web", "--replicas=3");
      expect(await lines(scenario, "pvc", "cleanup", "web", "--yes")).toEqual([
        'persistentvolumeclaim "www-web-3" deleted',
        'persistentvolumeclaim "www-web-4" deleted',
      ]);
      expect(names((await claimsOf(scenario)).keys())).toEqual(["www-web-0", "www-web-1", "www-web-2"]);
    });
  });

  it("a deleted pod comes back with its name, claim and DNS identity", async ({ scenario }) => {
    await withClass(scenario, "standard", false, async () => {
      await created(scenario);
      const before = (await podsOf(scenario)).get("web-1");
      await scenario.cluster.delete(kinds.pod, { namespace: scenario.namespace, name: "web-1" });
      await scenario.until("another web-1", kinds.pod, (pods) => {
        const pod = pods.get("web-1");
        return pod && pod.metadata.uid !== before?.metadata.uid;
      });
      await ends(scenario, 0, "rollout", "status", "web");
      const after = (await podsOf(scenario)).get("web-1");
      expect(after?.spec).toMatchObject({ hostname: "web-1", subdomain: "nginx-svc" });
      expect(after?.spec.volumes).toContainEqual({
        name: "www",
        persistentVolumeClaim: { claimName: "www-web-1" },
      });
    });
  });

  it("updates images in reverse order", async ({ scenario }) => {
    await withClass(scenario, "standard", false, async () => {
      await created(scenario);
      const updated = await ends(scenario, 0, "set", "image", "web", "nginx=nginx:1.22");
      expect(updated.stdout).toBe("statefulset.apps/web image updated\n");
      expect(order(updated, "created")).toEqual(["web-2", "web-1", "web-0"]);
      for (const pod of (await podsOf(scenario)).values()) expect(imageOf(pod)).toBe("nginx:1.22");
    });
  });

  it("pauses a rollout and lets it go on, tells its history and takes it back", async ({ scenario }) => {
    await withClass(scenario, "standard", false, async () => {
      await created(scenario);
      const rollout = (verb: string) => ends(scenario, 0, "rollout", verb, "statefulset/web");
      const images = async () => {
        const pods = await podsOf(scenario);
        return names(pods.keys()).map((name) => imageOf(pods.get(name)));
      };
      expect((await rollout("pause")).stdout).toBe("statefulset.apps/web paused\n");
      await ends(scenario, 0, "set", "image", "statefulset/web", "nginx=nginx:1.22");
      expect(await images()).toEqual(["nginx:1.21", "nginx:1.21", "nginx:1.21"]);
      const resumed = await rollout("resume");
      expect(resumed.stdout).toBe("statefulset.apps/web resumed\n");
      expect(order(resumed, "created")).toEqual(["web-2", "web-1", "web-0"]);
      expect(await images()).toEqual(["nginx:1.22", "nginx:1.22", "nginx:1.22"]);
      const history = (await rollout("history")).stdout;
      expect(history).toMatch(/^1\s.*nginx:1\.21\s.*\n2\s.*nginx:1\.22\s.*web-0 to web-2/m);
      expect((await rollout("undo")).stdout).toBe("statefulset.apps/web rolled back\n");
      expect(await images()).toEqual(["nginx:1.21", "nginx:1.21", "nginx:1.21"]);
      expect((await rollout("history")).stdout).toMatch(
        /^2\s.*nginx:1\.22\s.*\n3\s.*nginx:1\.21\s.*web-0 to web-2/m,
      );
    });
  });

  it("partition 2 updates web-2 and later only, until it is promoted", async ({ scenario }) => {
    await withClass(scenario, "standard", false, async () => {
      await created(scenario, (set) => Object.assign(specOf(set), fragment("partition")));
      const updated = await ends(scenario, 0, "set", "image", "web", "nginx=nginx:1.22");
      expect(updated.stderr).toContain("web-0 and web-1");
      const images = async () =>
        names((await podsOf(scenario)).keys()).map(async (name) =>
          imageOf((await podsOf(scenario)).get(name)),
        );
      expect(await Promise.all(await images())).toEqual(["nginx:1.21", "nginx:1.21", "nginx:1.22"]);
      const status = await ends(scenario, 0, "rollout", "status", "web");
      expect(status.stdout).toContain("web-0 and web-1 held");
      await ends(scenario, 0, "rollout", "stage", "web", "--partition=0");
      expect(await Promise.all(await images())).toEqual(["nginx:1.22", "nginx:1.22", "nginx:1.22"]);
    });
  });

  it("OnDelete updates a pod only when somebody deletes it", async ({ scenario }) => {
    await withClass(scenario, "standard", false, async () => {
      await created(scenario, (set) => Object.assign(specOf(set), fragment("on-delete")));
      await ends(scenario, 0, "set", "image", "web", "nginx=nginx:1.22", "--wait=false");
      await scenario.until("the new revision", kinds.statefulSet, (sets) => {
        const status = sets.get("web")?.status;
        return status?.updateRevision !== undefined && status.updateRevision !== status.currentRevision;
      });
      expect(imageOf((await podsOf(scenario)).get("web-1"))).toBe("nginx:1.21");
      const { stdout } = await ends(scenario, 0, "rollout", "status", "web", "--watch=false");
      expect(stdout).toContain("web-0 to web-2 held at an older revision (OnDelete");
      for (const name of ["web-0", "web-1", "web-2"]) {
        await scenario.cluster.delete(kinds.pod, { namespace: scenario.namespace, name });
      }
      await ends(scenario, 0, "rollout", "status", "web");
      for (const pod of (await podsOf(scenario)).values()) expect(imageOf(pod)).toBe("nginx:1.22");
    });
  });

  it("Parallel starts all pods at once; OrderedReady one after the other", async ({ scenario }) => {
    await withClass(scenario, "standard", false, async () => {
      const parallel = await created(scenario, (set) =>
        Object.assign(specOf(set), { podManagementPolicy: "Parallel" }),
      );
      expect(parallel.stderr).toContain("all at once (Parallel)");
      const lastCreated = parallel.stderr.lastIndexOf(": created");
      const firstReady = parallel.stderr.search(/web-\d: ready/);
      expect(lastCreated).toBeLessThan(firstReady);
    });
  });

  it("keeps the document's probe, resources, anti-affinity and claim template", async ({ scenario }) => {
    const file = scenario.file(
      "web.json",
      JSON.stringify({
        apiVersion: "v1",
        kind: "List",
        items: web((set) => {
          Object.assign(specOf(set), fragment("claim-template"));
          const template = specOf(set)["template"] as { spec: { containers: Record<string, unknown>[] } };
          Object.assign(template.spec, fragment("anti-affinity"));
          const [container] = template.spec.containers;
          Object.assign(container ?? {}, fragment("readiness"), fragment("resources"), {
            volumeMounts: [{ name: "data", mountPath: "/data" }],
          });
        }),
      }),
    );
    const dry = await ends(scenario, 0, "create", "-f", file, "--dry-run=server");
    expect(dry.stdout).toBe(
      "service/nginx-svc created (server dry run)\nstatefulset.apps/web created (server dry run)\n",
    );
  });

  it("MySQL with its ConfigMap, scaled to twelve: ordinals beyond nine", async ({ scenario }) => {
    await withClass(scenario, "standard", false, async () => {
      const files = ["003-mysql-config.yaml", "003-mysql.yaml"].flatMap((name) => [
        "-f",
        scenario.file(name, seed(name)),
      ]);
      expect(await lines(scenario, "create", ...files)).toEqual([
        "configmap/mysql-config created",
        "service/mysql created",
        "statefulset.apps/mysql created",
      ]);
      const up = await ends(scenario, 0, "scale", "mysql", "--replicas=12");
      expect(order(up, "created").slice(-3)).toEqual(["mysql-9", "mysql-10", "mysql-11"]);
      await ends(scenario, 0, "scale", "mysql", "--replicas=9");
      expect(await lines(scenario, "pvc", "cleanup", "mysql", "--yes")).toEqual(
        [9, 10, 11].map((ordinal) => `persistentvolumeclaim "data-mysql-${ordinal}" deleted`),
      );
    });
  });

  it("orphan delete keeps the pods, and a new set adopts them", async ({ scenario }) => {
    await withClass(scenario, "standard", false, async () => {
      await created(scenario);
      const before = await podsOf(scenario);
      expect(await lines(scenario, "delete", "web", "--cascade=orphan")).toEqual([
        'statefulset.apps "web" deleted',
      ]);
      const orphans = await podsOf(scenario);
      expect(names(orphans.keys())).toEqual(["web-0", "web-1", "web-2"]);
      const [, set] = web();
      await ends(scenario, 0, "create", "-f", scenario.file("set.json", JSON.stringify(set)));
      const adopted = await podsOf(scenario);
      for (const [name, pod] of before) {
        expect(adopted.get(name)?.metadata.uid).toBe(pod.metadata.uid);
        expect(adopted.get(name)?.metadata.ownerReferences?.[0]?.kind).toBe("StatefulSet");
      }
    });
  });

  it("deletes in order, keeping the claims, which are then cleaned up", async ({ scenario }) => {
    await withClass(scenario, "standard", false, async () => {
      await created(scenario);
      const deleted = await ends(scenario, 0, "delete", "web", "--ordered");
      expect(order(deleted, "gone")).toEqual(["web-2", "web-1", "web-0"]);
      expect(deleted.stdout).toBe('statefulset.apps "web" deleted\n');
      expect(names((await claimsOf(scenario)).keys())).toEqual(["www-web-0", "www-web-1", "www-web-2"]);
      const args = ["pvc", "cleanup", "--set=web", "--template=www", "--include=set-deleted", "--yes"];
      expect(await lines(scenario, ...args)).toHaveLength(3);
      expect([...(await claimsOf(scenario)).keys()]).toEqual([]);
    });
  });
});

describe("004: volumes of several sizes and no class", () => {
  it("binds each claim to the smallest volume that fits", async ({ scenario }) => {
    const volumes = ["pv001", "pv002", "pv003", "pv004", "pv005"];
    await withVolumes(scenario, volumes, async () => {
      await ends(scenario, 0, "create", "-f", scenario.file("pv-demo.yaml", seed("004-pv-demo.yaml")));
      await ends(scenario, 0, "create", "-f", scenario.file("demo.yaml", seed("004-stateful-demo.yaml")));
      const claims = await claimsOf(scenario);
      expect(claims.get("myappdata-myapp-0")?.spec.volumeName).toBe("pv003");
      expect(claims.get("myappdata-myapp-1")?.spec.volumeName).toBe("pv002");
    });
  });
});
