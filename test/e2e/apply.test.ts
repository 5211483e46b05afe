import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect } from "vitest";
import { kinds, type Kind } from "../../src/core/kinds.js";
import type { Manifest, StatefulSet } from "../../src/core/model.js";
import { findProgram } from "../support/control-plane/assets.js";
import { it, type Scenario } from "./support/cluster.js";
import { setManifest, type SetShape } from "./support/sets.js";
import { ends, images, lines, order, podsOf } from "./support/walk.js";

const run = promisify(execFile);

interface Wanted extends SetShape {
  image?: string;
  partition?: number;
  /** Over those of the spec. */
  spec?: Record<string, unknown>;
}

/** A set as a repository has it. */
function web({ image = "nginx:1", partition, spec, ...shape }: Wanted = {}): Manifest {
  const set = setManifest("web", shape);
  const fields = set["spec"] as { template: { spec: { containers: { image: string }[] } } };
  for (const container of fields.template.spec.containers) container.image = image;
  const updateStrategy = { rollingUpdate: { partition } };
  return { ...set, spec: { ...fields, ...(partition !== undefined && { updateStrategy }), ...spec } };
}

const service: Manifest = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web" },
  spec: { clusterIP: "None", selector: { app: "web" } },
};
const config = (value = "b"): Manifest => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "web" },
  data: { a: value },
});
const text = (...objects: Manifest[]) => objects.map((object) => JSON.stringify(object)).join("\n---\n");

/** Writes the objects into a file and applies it. */
async function apply(scenario: Scenario, code: number, objects: Manifest[], ...flags: string[]) {
  return ends(scenario, code, "apply", "-f", scenario.file("web.yaml", text(...objects)), ...flags);
}

const set = async (scenario: Scenario): Promise<StatefulSet> => {
  const found = await scenario.read(kinds.statefulSet, "web");
  if (!found) throw new Error("there is no set");
  return found;
};
const partition = async (scenario: Scenario) =>
  (await set(scenario)).spec.updateStrategy?.rollingUpdate?.partition;

/** The versions of what was applied, once its controllers have come to rest. */
async function versions(scenario: Scenario): Promise<string> {
  await scenario.until("the set to be at rest", kinds.statefulSet, (sets) => isAtRest(sets.get("web")));
  const read = async (kind: Kind<{ metadata: { resourceVersion: string } }>) =>
    (await scenario.read(kind, "web"))?.metadata.resourceVersion;
  const all = await Promise.all(
    [kinds.statefulSet, kinds.service, kinds.configMap].map((kind) => read(kind)),
  );
  return all.join(" ");
}

function isAtRest(found: StatefulSet | undefined): boolean {
  const { spec, status, metadata } = found ?? {};
  const all = spec?.replicas ?? 0;
  const { partition = 0 } = spec?.updateStrategy?.rollingUpdate ?? {};
  const { observedGeneration, replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status ?? {};
  const isWhole = [replicas, readyReplicas, availableReplicas].every((count) => count === all);
  const isUpdated = partition > 0 || status?.currentRevision === status?.updateRevision;
  return observedGeneration === metadata?.generation && isWhole && isUpdated;
}

/** Applies once more, as a pipeline does: nothing may change. */
async function changesNothing(scenario: Scenario, objects: Manifest[], ...flags: string[]): Promise<void> {
  const before = await versions(scenario);
  const { stdout } = await apply(scenario, 0, objects, ...flags);
  expect(stdout).toMatch(/^(\S+ unchanged\n)+$/);
  expect(await versions(scenario)).toBe(before);
}

/** Writes as another field manager does. */
async function other(scenario: Scenario, spec: object, manager = "other"): Promise<void> {
  const ref = { namespace: scenario.namespace, name: "web" };
  await scenario.cluster.patch(
    kinds.statefulSet,
    ref,
    { type: "strategic", body: { spec } },
    { fieldManager: manager },
  );
}
const otherImage = (image: string) => ({ template: { spec: { containers: [{ name: "main", image }] } } });

describe("apply", () => {
  it("creates a bundle in order, changes it, waits, and the second time does nothing", async ({
    scenario,
  }) => {
    const bundle = [web({ replicas: 2 }), service, config()];
    const created = await apply(scenario, 0, bundle);
    expect(created.stdout).toBe("configmap/web created\nservice/web created\nstatefulset.apps/web created\n");
    expect(order(created, "ready").toSorted()).toEqual(["web-0", "web-1"]);
    await changesNothing(scenario, bundle);

    const next = [web({ replicas: 3, image: "nginx:2" }), service, config("c")];
    const configured = await apply(scenario, 0, next);
    expect(configured.stdout).toBe(
      "configmap/web configured\nservice/web unchanged\nstatefulset.apps/web configured\n",
    );
    expect(configured.stderr).toContain("default/web".replace("default", scenario.namespace));
    expect(configured.stderr).toContain("main → nginx:2, 2 → 3 replicas");
    expect(await images(scenario)).toBe("2 2 2");
    await changesNothing(scenario, next);
  });

  it("makes the headless Service that is missing, once", async ({ scenario }) => {
    const { stdout, stderr } = await apply(scenario, 0, [web()]);
    expect(stdout).toBe("service/web created\nstatefulset.apps/web created\n");
    expect(stderr).toContain("no Service web yet: a headless one is made from the ports of web");
    const again = await apply(scenario, 0, [web()]);
    expect(again.stdout).toBe("statefulset.apps/web unchanged\n");
    expect(again.stderr).not.toContain("Service");
  });

  it("applies a Namespace of the bundle first, with what is in it", async ({ scenario }) => {
    const namespace = `${scenario.namespace}-b`.slice(-63).replace(/^-+/, "");
    const inside = (object: Manifest): Manifest => ({
      ...object,
      metadata: { ...object.metadata, namespace },
    });
    const own: Manifest = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
    const bundle = [inside(web()), inside(service), own];
    try {
      const created = await apply(scenario, 0, bundle);
      expect(created.stdout).toBe(
        `namespace/${namespace} created\nservice/web created\nstatefulset.apps/web created\n`,
      );
      expect((await apply(scenario, 0, bundle)).stdout).toMatch(/^(\S+ unchanged\n){3}$/);
    } finally {
      await scenario.cluster.delete(kinds.namespace, { name: namespace });
    }
  });

  it("finds kinds unchanged that the server stores in another form", async ({ scenario }) => {
    const secret: Manifest = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "web" },
      stringData: { a: "b" },
    };
    const budget: Manifest = {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "web", labels: {} },
      spec: { maxUnavailable: "50%", selector: { matchLabels: { app: "web" } } },
    };
    const claim: Manifest = {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "web" },
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: await scenario.storageClass(),
        resources: { requests: { storage: "1024Mi" } },
      },
    };
    const bundle = [secret, budget, claim, config()];
    expect((await apply(scenario, 0, bundle)).stdout).toMatch(/^(\S+ created\n){4}$/);
    const versionOf = async () => (await scenario.read(kinds.secret, "web"))?.metadata.resourceVersion;
    const before = await versionOf();
    expect((await apply(scenario, 0, bundle)).stdout).toMatch(/^(\S+ unchanged\n){4}$/);
    expect(await versionOf()).toBe(before);
  });

  it("gives documents, names, and dry runs that write nothing", async ({ scenario }) => {
    const bundle = [web(), service];
    const said = (suffix: string) => `service/web created${suffix}\nstatefulset.apps/web created${suffix}\n`;
    expect((await apply(scenario, 0, bundle, "--dry-run=client")).stdout).toBe(said(" (dry run)"));
    expect((await apply(scenario, 0, bundle, "--dry-run=server")).stdout).toBe(said(" (server dry run)"));
    expect((await apply(scenario, 0, bundle, "--dry-run=server", "-o", "name")).stdout).toBe(
      "service/web\nstatefulset.apps/web\n",
    );
    expect(await scenario.read(kinds.service, "web")).toBeUndefined();
    const { stdout } = await apply(scenario, 0, bundle, "-o", "json");
    const { items } = JSON.parse(stdout) as { items: StatefulSet[] };
    expect(items.map(({ kind }) => kind)).toEqual(["Service", "StatefulSet"]);
    expect(items[1]?.status?.readyReplicas).toBe(1);
    const client = await apply(scenario, 0, [web({ image: "nginx:2" }), service], "--dry-run=client");
    expect(client.stdout).toBe(
      "service/web unchanged (dry run)\nstatefulset.apps/web configured (dry run)\n",
    );
  });

  it("writes nothing when an object is invalid, and says which field of which file", async ({ scenario }) => {
    const bad = { ...web(), metadata: { name: "web", labels: { "not a label": "x" } } };
    const invalid = await apply(scenario, 1, [config(), bad]);
    expect(invalid.stdout).toBe("");
    expect(invalid.stderr).toContain('The StatefulSet "web" is invalid: metadata.labels');
    expect(invalid.stderr).toContain("nothing was applied");
    const unknown = await apply(scenario, 1, [config(), web({ spec: { replicaz: 3 } })]);
    expect(unknown.stderr).toContain("field not declared in schema");
    expect(unknown.stderr).toMatch(/web\.yaml:\d+:\d+: spec\.replicaz/);
    expect(await scenario.read(kinds.configMap, "web")).toBeUndefined();
    expect((await ends(scenario, 2, "apply")).stderr).toContain("-f FILE is needed");
    expect((await ends(scenario, 2, "apply", "-f", "nope.yaml")).stderr).toContain("does not exist");
  });

  it("killed while it waits, goes on to wait", async ({ scenario }) => {
    await apply(scenario, 0, [web({ replicas: 2, ordered: true }), service]);
    const slow = web({ replicas: 2, ordered: true, image: "nginx:2" });
    const template = (slow["spec"] as { template: { metadata: object } }).template;
    template.metadata = { ...template.metadata, annotations: { "sandbox/slow": "40s" } };
    const first = scenario.start(["apply", "-f", scenario.file("web.yaml", text(slow, service))]);
    await first.untilWritten(/web-1: created/);
    first.kill("SIGKILL");
    await first.ended;
    const again = await apply(scenario, 0, [slow, service]);
    expect(again.stdout).toContain("statefulset.apps/web unchanged\n");
    expect(again.stderr).toContain("web-0: ready");
    expect(await images(scenario)).toBe("2 2");
  });

  it("ends with the verdict's code when the new template cannot start", async ({ scenario }) => {
    await apply(scenario, 0, [web({ replicas: 2 }), service]);
    const failed = await apply(scenario, 4, [web({ replicas: 2, image: "nginx:crash-loop" }), service]);
    expect(failed.stderr).toContain("sts rollout undo web");
    await apply(scenario, 0, [web({ replicas: 2, image: "nginx:3" }), service]);
    expect(await images(scenario)).toBe("3 3");
  });
});

describe("replicas that are left out of a manifest", () => {
  it("stay as they are, whoever sets them from then on", async ({ scenario }) => {
    await apply(scenario, 0, [web({ replicas: 3 }), service]);
    const left = [web({ spec: { replicas: undefined } }), service];
    const given = await apply(scenario, 0, left);
    expect(given.stderr).toContain("spec.replicas is not in the manifest any more: it stays 3");
    expect((await podsOf(scenario)).size).toBe(3);
    await changesNothing(scenario, left);
    await ends(scenario, 0, "scale", "web", "--replicas=2");
    const scaled = await apply(scenario, 0, left);
    expect(scaled.stderr).not.toContain("spec.replicas");
    expect((await set(scenario)).spec.replicas).toBe(2);
    await changesNothing(scenario, left);
  });
});

describe("apply to a set that somebody else has made", () => {
  const stored = (storageClass: string) => web({ replicas: 2, templates: ["www"], storageClass });

  it("by sts create", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    const file = scenario.file("made.yaml", text(stored(storageClass), service));
    await ends(scenario, 0, "create", "-f", file);
    const { generation } = (await set(scenario)).metadata;
    expect(await lines(scenario, "apply", "-f", file)).toEqual([
      "service/web unchanged",
      "statefulset.apps/web unchanged",
    ]);
    expect((await set(scenario)).metadata.generation).toBe(generation);
    await changesNothing(scenario, [stored(storageClass), service]);
  });

  it("by a plain POST of another manager, amounts written in another form", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    const made = stored(storageClass);
    const amounts = (cpu: string) => ({ resources: { requests: { cpu } } });
    const container = ({ spec }: Manifest) =>
      (spec as StatefulSet["spec"]).template.spec?.containers[0] ?? {};
    Object.assign(container(made), amounts("100m"));
    await scenario.create(service);
    await scenario.cluster.create(
      kinds.statefulSet,
      { ...made, metadata: { ...made.metadata, namespace: scenario.namespace } },
      { fieldManager: "kubectl-create" },
    );
    const wanted = structuredClone(made) as Manifest & { spec: StatefulSet["spec"] };
    const [claim] = wanted.spec.volumeClaimTemplates ?? [];
    Object.assign(claim?.spec?.resources?.requests ?? {}, { storage: "1024Mi" });
    Object.assign(container(wanted), amounts("0.1"));
    expect((await apply(scenario, 0, [wanted, service])).stdout).toBe(
      "service/web unchanged\nstatefulset.apps/web unchanged\n",
    );
    await changesNothing(scenario, [wanted, service]);
    Object.assign(container(wanted), { image: "nginx:2" });
    const { stdout, stderr } = await apply(scenario, 6, [wanted, service]);
    expect(stderr).toContain('.image is owned by "kubectl-create"');
    expect(stdout).toBe("");
  });

  it("takes over what sts itself has updated", async ({ scenario }) => {
    await apply(scenario, 0, [web({ replicas: 2 }), service]);
    await ends(scenario, 0, "set", "image", "web", "main=nginx:2");
    await ends(scenario, 0, "scale", "web", "--replicas=1");
    const { stdout } = await apply(scenario, 0, [web({ replicas: 2, image: "nginx:3" }), service]);
    expect(stdout).toContain("statefulset.apps/web configured\n");
    expect(await images(scenario)).toBe("3 3");
    await changesNothing(scenario, [web({ replicas: 2, image: "nginx:3" }), service]);
  });
});

describe("a conflict", () => {
  it("names managers and fields, writes nothing, and --force-conflicts takes over", async ({ scenario }) => {
    await apply(scenario, 0, [web({ replicas: 2 }), service, config()]);
    await other(scenario, otherImage("nginx:9"), "their-tool");
    await other(scenario, { replicas: 1 }, "their-scaler");
    const before = await versions(scenario);
    const wanted = [web({ replicas: 2, image: "nginx:2" }), service, config("c")];
    const conflict = await apply(scenario, 6, wanted);
    expect(conflict.stdout).toBe("");
    expect(conflict.stderr).toContain("statefulset.apps/web: 2 fields belong to other field managers");
    expect(conflict.stderr).toMatch(
      /web\.yaml:\d+:\d+: \.spec\.template\.spec\.containers\[name="main"\]\.image is owned by "their-tool" using apps\/v1/,
    );
    expect(conflict.stderr).toContain('.spec.replicas is owned by "their-scaler"');
    expect(conflict.stderr).toContain("--force-conflicts");
    expect(await versions(scenario)).toBe(before);
    await apply(scenario, 0, wanted, "--force-conflicts");
    expect(await images(scenario)).toBe("2 2");
    await changesNothing(scenario, wanted);
  });

  it("with another applier, until the field is left to it", async ({ scenario }) => {
    await apply(scenario, 0, [web({ replicas: 2 }), service]);
    const ref = { namespace: scenario.namespace, name: "web" };
    const { spec: _all, ...rest } = web();
    const body = { ...rest, spec: { replicas: 1 } };
    await scenario.cluster.patch(
      kinds.statefulSet,
      ref,
      { type: "apply", body, force: true },
      { fieldManager: "kubectl" },
    );
    const conflict = await apply(scenario, 6, [web({ replicas: 3 }), service]);
    expect(conflict.stderr).toContain("a field belongs to another field manager");
    expect(conflict.stderr).toContain('.spec.replicas is owned by "kubectl"');
    const left = [web({ spec: { replicas: undefined } }), service];
    await apply(scenario, 0, left);
    expect((await set(scenario)).spec.replicas).toBe(1);
  });
});

const kubectl = findProgram("kubectl");

describe("apply beside kubectl's", () => {
  it.skipIf(!kubectl)(
    `goes on where kubectl has applied, either way${kubectl ? "" : " (skipped: kubectl not found in KUBEBUILDER_ASSETS or PATH)"}`,
    async ({ scenario }) => {
      const byKubectl = async (manifests: Manifest[], ...flags: string[]): Promise<void> => {
        const env = { ...scenario.env, PATH: process.env["PATH"] ?? "" };
        const list = { apiVersion: "v1", kind: "List", items: manifests };
        const file = scenario.file("kubectl.json", JSON.stringify(list));
        await run(kubectl ?? "", ["apply", "-f", file, "--validate=false", ...flags], {
          env,
          timeout: 30_000,
        });
      };
      const at = (image: string) => [web({ replicas: 2, image }), service];
      await byKubectl(at("nginx:1"));
      expect((await apply(scenario, 0, at("nginx:1"))).stdout).toMatch(/^(\S+ unchanged\n){2}$/);
      const former = await apply(scenario, 6, at("nginx:2"));
      expect(former.stderr).toContain('is owned by "kubectl-client-side-apply"');
      const taken = await apply(scenario, 0, at("nginx:2"), "--force-conflicts");
      expect(taken.stderr).toContain("its next apply puts it back");

      await byKubectl(at("nginx:3"), "--server-side", "--force-conflicts");
      const applied = await apply(scenario, 6, at("nginx:2"));
      expect(applied.stderr).toMatch(/\.image is owned by "kubectl"/);
      await apply(scenario, 0, at("nginx:3"));
      await changesNothing(scenario, at("nginx:3"));
    },
  );
});

describe("apply of a staged rollout", () => {
  const at = (image: string, more: Wanted = {}) => [web({ replicas: 3, image, ...more }), service];

  it("stages in one write; again nothing; promoted, again nothing", async ({ scenario }) => {
    await apply(scenario, 0, at("nginx:1"));
    const { generation = 0 } = (await set(scenario)).metadata;
    const staged = await apply(scenario, 0, at("nginx:2"), "--stage=1");
    expect(staged.stdout).toContain("statefulset.apps/web configured\n");
    expect(staged.stderr).toContain("main → nginx:2: web-2 first; web-0 and web-1 held");
    expect((await set(scenario)).metadata.generation).toBe(generation + 1);
    expect(await images(scenario)).toBe("1 1 2");

    await changesNothing(scenario, at("nginx:2"), "--stage=1");
    await changesNothing(scenario, at("nginx:2"));
    expect(await partition(scenario)).toBe(2);

    await ends(scenario, 0, "rollout", "promote", "web");
    expect(await images(scenario)).toBe("2 2 2");
    await changesNothing(scenario, at("nginx:2"));
    await changesNothing(scenario, at("nginx:2"), "--stage=1");
    expect(await partition(scenario)).toBe(0);
    expect((await set(scenario)).metadata.annotations).toBeUndefined();
  });

  it("keeps the partition of a staging that was begun by hand", async ({ scenario }) => {
    await apply(scenario, 0, at("nginx:1", { partition: 0 }));
    await ends(scenario, 0, "set", "image", "web", "main=nginx:2", "--stage=1");
    const { stdout, stderr } = await apply(scenario, 0, at("nginx:2", { partition: 0 }));
    expect(stdout).toContain("statefulset.apps/web unchanged\n");
    expect(stderr).toContain("a staged rollout is under way: its partition 2 is kept (web-0 and web-1 held)");
    expect(await images(scenario)).toBe("1 1 2");
    await apply(scenario, 0, at("nginx:3", { partition: 0 }));
    expect(await images(scenario)).toBe("1 1 3");
    await ends(scenario, 0, "rollout", "promote", "web");
    expect(await images(scenario)).toBe("3 3 3");
  });

  it("stages a set of somebody else's, whose partition is theirs", async ({ scenario }) => {
    await scenario.create(...at("nginx:1"));
    await apply(scenario, 0, at("nginx:1"));
    await apply(scenario, 0, at("nginx:2"), "--stage=1", "--force-conflicts");
    expect(await images(scenario)).toBe("1 1 2");
  });

  it("goes in steps to the end", async ({ scenario }) => {
    await apply(scenario, 0, at("nginx:1"));
    const stepped = await apply(scenario, 0, at("nginx:2"), "--steps=1,100%", "--gate=echo gate $STS_STEP");
    expect(stepped.stdout).toBe("service/web unchanged\nstatefulset.apps/web configured\n");
    expect(stepped.stderr).toContain("gate 1");
    expect(await images(scenario)).toBe("2 2 2");
    expect(await partition(scenario)).toBe(0);
    await changesNothing(scenario, at("nginx:2"), "--steps=1,100%");
  });

  it("stops at a gate that fails, and the same again goes on from there", async ({ scenario }) => {
    await apply(scenario, 0, at("nginx:1"));
    await apply(scenario, 4, at("nginx:2"), "--steps=1,100%", "--gate=exit 1");
    expect(await images(scenario)).toBe("1 1 2");
    await changesNothing(scenario, at("nginx:2"));
    await apply(scenario, 0, at("nginx:2"), "--steps=1,100%", "--gate=exit 0");
    expect(await images(scenario)).toBe("2 2 2");
  });

  it("steps several sets in turn, stops at the first that fails, and reports them together", async ({
    scenario,
  }) => {
    const named = (name: string, image: string): Manifest =>
      JSON.parse(text(web({ replicas: 2, image })).replaceAll('"web"', `"${name}"`)) as Manifest;
    const both = (image: string) => [named("a", image), named("b", image)];
    await apply(scenario, 0, both("nginx:1"), "--no-service");
    const flags = ["--no-service", "--steps=1,100%", "--report=report.json"];
    const failed = await apply(scenario, 4, both("nginx:2"), ...flags, "--gate=exit 1");
    expect(failed.stderr).toContain("/b: left at its step, because of the set before it");
    expect(await images(scenario)).toBe("1 2 1 2");
    expect(failed.stderr).toMatch(/the same command goes on, sts rollout abort b takes it back/);
    const done = await apply(scenario, 0, both("nginx:2"), ...flags);
    expect(done.stdout).toBe("statefulset.apps/a unchanged\nstatefulset.apps/b unchanged\n");
    expect(await images(scenario)).toBe("2 2 2 2");
    await apply(scenario, 4, both("nginx:3"), ...flags, "--gate=exit 1", "--on-failure=undo");
    expect(await images(scenario)).toBe("2 2 2 2");
    for (const set of await Promise.all(["a", "b"].map((name) => scenario.read(kinds.statefulSet, name)))) {
      expect(set?.metadata.annotations?.["sts/staging"]).toBeUndefined();
    }
    const report = readFileSync(path.join(scenario.directory, "report.json"), "utf8");
    expect(report).toContain('"set": "a"');
    expect(report).toContain('"set": "b"');
  });

  it("killed in a step, is gone on with by the same again", async ({ scenario }) => {
    await apply(scenario, 0, at("nginx:1"));
    const file = scenario.file("next.yaml", text(...at("nginx:2")));
    const args = ["apply", "-f", file, "--steps=1,100%", "--soak=30s"];
    const first = scenario.start(args);
    await first.untilWritten(/soaking/);
    first.kill("SIGKILL");
    await first.ended;
    expect(await images(scenario)).toBe("1 1 2");
    await ends(scenario, 0, ...args.slice(0, -1));
    expect(await images(scenario)).toBe("2 2 2");
  });

  it("leaves a paused set paused", async ({ scenario }) => {
    await apply(scenario, 0, at("nginx:1"));
    await ends(scenario, 0, "rollout", "pause", "web");
    const paused = await partition(scenario);
    const { stderr } = await apply(scenario, 0, at("nginx:2"));
    expect(stderr).toContain("paused");
    expect(await partition(scenario)).toBe(paused);
    expect(await images(scenario)).toBe("1 1 1");
    await changesNothing(scenario, at("nginx:2"));
    expect((await apply(scenario, 7, at("nginx:3"), "--stage=1")).stderr).toContain("sts rollout resume web");
    await ends(scenario, 0, "rollout", "resume", "web");
    expect(await images(scenario)).toBe("2 2 2");
  });
});

describe("a field that cannot be changed", () => {
  it("is named, with the reason and what can be done", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    const stored = (spec: Record<string, unknown> = {}) => web({ templates: ["www"], storageClass, spec });
    await apply(scenario, 0, [stored(), service]);
    const before = await versions(scenario);
    const renamed = await apply(
      scenario,
      1,
      [stored({ serviceName: "web-hs" }), service, config()],
      "--no-service",
    );
    expect(renamed.stdout).toBe("");
    expect(renamed.stderr).toContain(
      "error: spec.serviceName of a StatefulSet cannot be changed (web → web-hs): the DNS names of its pods are made of it",
    );
    expect(renamed.stderr).toMatch(/web\.yaml:\d+:\d+: spec\.serviceName/);
    expect(renamed.stderr).toContain("sts recreate web --set spec.serviceName=web-hs");
    const [template] = setManifest("web", { templates: ["www"], storageClass })["spec"] ? [storageClass] : [];
    const larger = {
      metadata: { name: "www" },
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: template,
        resources: { requests: { storage: "2Gi" } },
      },
    };
    const grown = await apply(scenario, 1, [stored({ volumeClaimTemplates: [larger] }), service]);
    expect(grown.stderr).toContain(
      "spec.volumeClaimTemplates of a StatefulSet cannot be changed (www 1Gi → 2Gi)",
    );
    expect(grown.stderr).toContain("sts pvc resize web www=2Gi");
    expect(await versions(scenario)).toBe(before);
    expect(await scenario.read(kinds.configMap, "web")).toBeUndefined();

    // What it says is true.
    const pod = (await podsOf(scenario)).get("web-0")?.metadata.uid;
    await ends(scenario, 0, "recreate", "web", "--set", "spec.serviceName=web-hs", "--yes");
    await apply(scenario, 0, [stored({ serviceName: "web-hs" }), service], "--no-service");
    expect((await set(scenario)).spec.serviceName).toBe("web-hs");
    expect((await podsOf(scenario)).get("web-0")?.metadata.uid).toBe(pod);
  });
});
