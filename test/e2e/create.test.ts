import { describe, expect } from "vitest";
import { parseAllDocuments } from "yaml";
import { kinds } from "../../src/core/kinds.js";
import type { Manifest } from "../../src/core/model.js";
import { it } from "./support/cluster.js";
import { setManifest } from "./support/sets.js";
import { ends, lines, order } from "./support/walk.js";

const yaml = (text: string) => parseAllDocuments(text).map((document) => document.toJS() as Manifest);

/** Every flag that describes a set, once. Not all pods can run on the simulated nodes, so nothing waits for them. */
const everyFlag = (storageClass: string) => [
  ...["create", "db", "--wait=false", "--image=postgres:17", "--image=exporter=exporter:1", "--replicas=3"],
  ...["--port=sql:5432", "--port=9187/TCP", "--service=db-hs", "--env=A=b", "--env=URL=x=y,z"],
  ...["--env-from=configmap/settings", "--env-from=secret/password", "--labels=team=data,app=db"],
  ...["--requests=cpu=100m,memory=128Mi", "--limits=cpu=1,memory=1Gi", "--service-account=runner"],
  ...[
    `--storage=data=10Gi:/data,class=${storageClass}`,
    `--storage=wal=1Gi:/wal,class=${storageClass},mode=RWOP`,
  ],
  ...["--mount=configmap/settings:/etc/db", "--mount=secret/password:/etc/secret", "--mount=emptydir:/tmp"],
  ...["--readiness=tcp:sql", "--liveness=http:9187/healthz", "--startup=exec:pg_isready -q"],
  ...["--pod-management=Parallel", "--strategy=RollingUpdate", "--partition=1", "--max-unavailable=1"],
  ...["--min-ready-seconds=5", "--start-ordinal=2", "--grace-period=45", "--revision-history-limit=4"],
  ...["--pvc-retention=scaled=Delete,deleted=Retain", "--anti-affinity=required", "--pdb=max-unavailable=1"],
  ...["--spread=topology.kubernetes.io/zone", "--", "postgres", "-c", "max_connections=200"],
];

describe("create from flags", () => {
  it("stores what every flag asked for", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    expect(await lines(scenario, ...everyFlag(storageClass))).toEqual([
      "service/db-hs created",
      "statefulset.apps/db created",
      "poddisruptionbudget.policy/db created",
    ]);
    const set = await scenario.read(kinds.statefulSet, "db");
    const app = { app: "db" };
    expect(set?.metadata.labels).toEqual({ app: "db", team: "data" });
    expect(set?.spec).toMatchObject({
      serviceName: "db-hs",
      replicas: 3,
      ordinals: { start: 2 },
      podManagementPolicy: "Parallel",
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1, maxUnavailable: 1 } },
      minReadySeconds: 5,
      revisionHistoryLimit: 4,
      persistentVolumeClaimRetentionPolicy: { whenScaled: "Delete", whenDeleted: "Retain" },
      selector: { matchLabels: app },
      template: { metadata: { labels: { app: "db", team: "data" } } },
    });
    expect(set?.spec.volumeClaimTemplates).toMatchObject([
      {
        metadata: { name: "data" },
        spec: {
          accessModes: ["ReadWriteOnce"],
          storageClassName: storageClass,
          resources: { requests: { storage: "10Gi" } },
        },
      },
      { metadata: { name: "wal" }, spec: { accessModes: ["ReadWriteOncePod"] } },
    ]);
    const pod = set?.spec.template.spec;
    expect(pod).toMatchObject({
      serviceAccountName: "runner",
      terminationGracePeriodSeconds: 45,
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { labelSelector: { matchLabels: app }, topologyKey: "kubernetes.io/hostname" },
          ],
        },
      },
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: "topology.kubernetes.io/zone", labelSelector: { matchLabels: app } },
      ],
    });
    expect(pod?.containers.map(({ image }) => image)).toEqual(["postgres:17", "exporter:1"]);
    expect(pod?.containers[1]?.name).toBe("exporter");
    const [main] = pod?.containers ?? [];
    expect([...(main?.command ?? []), ...(main?.args ?? [])]).toEqual([
      "postgres",
      "-c",
      "max_connections=200",
    ]);
    expect(main).toMatchObject({
      ports: [
        { name: "sql", containerPort: 5432 },
        { containerPort: 9187, protocol: "TCP" },
      ],
      env: [
        { name: "A", value: "b" },
        { name: "URL", value: "x=y,z" },
      ],
      envFrom: [{ configMapRef: { name: "settings" } }, { secretRef: { name: "password" } }],
      resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "1", memory: "1Gi" } },
      readinessProbe: { tcpSocket: {} },
      livenessProbe: { httpGet: { port: 9187, path: "/healthz" } },
      startupProbe: { exec: { command: expect.any(Array) as unknown } },
    });
    expect(main?.volumeMounts?.map(({ mountPath }) => mountPath).toSorted()).toEqual(
      ["/data", "/etc/db", "/etc/secret", "/tmp", "/wal"].toSorted(),
    );
    expect((await scenario.read(kinds.service, "db-hs"))?.spec).toMatchObject({
      clusterIP: "None",
      selector: app,
      ports: [{ name: "sql", port: 5432 }, { port: 9187 }],
    });
    expect((await scenario.read(kinds.disruptionBudget, "db"))?.spec).toMatchObject({
      maxUnavailable: 1,
      selector: { matchLabels: app },
    });
  });

  it("--dry-run=client -o yaml is fit to be committed, asks nobody, and can be created", async ({
    scenario,
  }) => {
    const storageClass = await scenario.storageClass();
    const [create = "", name = "", ...flags] = everyFlag(storageClass);
    const args = [create, name, "--dry-run=client", "-o", "yaml", ...flags];
    const { code, stdout, stderr } = await scenario.sts(args, { env: { KUBECONFIG: "/nonexistent" } });
    expect(code, stderr).toBe(0);
    expect(stdout).not.toMatch(/null|status:|creationTimestamp|namespace:|managedFields/);
    expect(yaml(stdout).map(({ kind }) => kind)).toEqual(["Service", "StatefulSet", "PodDisruptionBudget"]);
    const created = await scenario.sts(["create", "-f", "-", "--wait=false"], { stdin: stdout });
    expect(created.code, created.stderr).toBe(0);
    // The same from flags is, to the server, the same.
    const again = await scenario.sts(everyFlag(storageClass));
    expect(again.stderr).toContain("db is as asked for already");
  });

  it("starts in order, waits until all are ready, and gives one document after the waiting", async ({
    scenario,
  }) => {
    const { stdout, stderr } = await ends(
      scenario,
      0,
      ...["create", "web", "--image=nginx", "--replicas=3", "--port=80", "-o", "json"],
    );
    const list = JSON.parse(stdout) as {
      kind: string;
      items: { kind: string; status?: { readyReplicas?: number } }[];
    };
    expect(list.items.map(({ kind }) => kind)).toEqual(["Service", "StatefulSet"]);
    expect(list.items[1]?.status?.readyReplicas).toBe(3);
    expect(order({ stderr } as never, "created")).toEqual(["web-0", "web-1", "web-2"]);
  });

  it("says what is there already, and whether it is what was asked for", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx");
    const same = await ends(scenario, 1, "create", "web", "--image=nginx");
    expect(same.stdout).toBe("");
    expect(same.stderr).toContain(
      'Error from server (AlreadyExists): statefulsets.apps "web" already exists',
    );
    expect(same.stderr).toContain("sts rollout status web");
    const other = await ends(scenario, 1, "create", "web", "--image=nginx:1.30");
    expect(other.stderr).toContain("it is not as asked for");
    expect((await scenario.read(kinds.statefulSet, "web"))?.metadata.generation).toBe(1);
  });

  it("--no-service makes none and says what that means; an existing one is used", async ({ scenario }) => {
    const without = await ends(scenario, 0, "create", "web", "--image=nginx", "--no-service", "--wait=false");
    expect(without.stdout).toBe("statefulset.apps/web created\n");
    expect(without.stderr).toContain("warning: Service web does not exist");
    await ends(scenario, 0, "create", "db", "--image=nginx", "--port=80", "--wait=false");
    const used = await ends(
      scenario,
      0,
      ...["create", "db2", "--image=nginx", "--service=db", "--wait=false", "--labels=app=db"],
    );
    expect(used.stdout).toBe("statefulset.apps/db2 created\n");
    expect(used.stderr).toContain("service/db exists already and is used");
  });

  it("warns of a class that does not exist, and of pods that will then wait", async ({ scenario }) => {
    const dry = await ends(
      scenario,
      0,
      ...["create", "web", "--image=nginx", "--storage=www=1Gi:/d,class=no-such-class", "--dry-run=server"],
    );
    expect(dry.stderr).toContain("warning: StorageClass no-such-class does not exist");
    expect(dry.stdout).toContain("statefulset.apps/web created (server dry run)\n");
    expect(await scenario.read(kinds.statefulSet, "web")).toBeUndefined();
  });
});

describe("create from files", () => {
  const config = (name: string, namespace?: string): Manifest => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, ...(namespace !== undefined && { namespace }) },
    data: { a: "b" },
  });
  const text = (...objects: Manifest[]) => objects.map((object) => JSON.stringify(object)).join("\n---\n");

  it("creates nothing when a later object is invalid", async ({ scenario }) => {
    const invalid = { ...setManifest("web"), metadata: { name: "web", labels: { "not a label": "x" } } };
    const file = scenario.file("bundle.yaml", text(config("one"), setManifest("ok"), invalid));
    const result = await ends(scenario, 1, "create", "-f", file);
    expect(result.stdout).toBe("");
    expect(result.stderr).toContain('The StatefulSet "web" is invalid: metadata.labels');
    expect(result.stderr).toContain("nothing was created");
    expect(await scenario.read(kinds.configMap, "one")).toBeUndefined();
    expect(await scenario.read(kinds.statefulSet, "ok")).toBeUndefined();
  });

  it("goes on with what is missing after it was half done", async ({ scenario }) => {
    await scenario.create(config("one"));
    const file = scenario.file("bundle.yaml", text(setManifest("web"), config("one"), config("two")));
    expect(await lines(scenario, "create", "-f", file)).toEqual([
      "configmap/one unchanged",
      "configmap/two created",
      "service/web created",
      "statefulset.apps/web created",
    ]);
  });

  it("killed while it waits, goes on to wait", async ({ scenario }) => {
    const set = setManifest("web", { replicas: 2, ordered: true });
    const template = (set["spec"] as { template: { metadata: object } }).template;
    template.metadata = { ...template.metadata, annotations: { "sandbox/slow": "40s" } };
    const file = scenario.file("web.yaml", text(set));
    const first = scenario.start(["create", "-f", file]);
    await first.untilWritten(/web-0: created/);
    first.kill("SIGKILL");
    await first.ended;
    const again = await ends(scenario, 0, "create", "-f", file);
    expect(again.stdout).toContain("statefulset.apps/web unchanged\n");
    expect(again.stderr).toContain("web-1: ready");
    expect((await scenario.read(kinds.statefulSet, "web"))?.status?.readyReplicas).toBe(2);
  });

  it("reads directories, deeper with -R, several files, lists and standard input", async ({ scenario }) => {
    scenario.file("all/b.yaml", text(config("b1"), config("b2")));
    scenario.file("all/a.json", JSON.stringify({ apiVersion: "v1", kind: "List", items: [config("a")] }));
    scenario.file("all/notes.txt", "not a manifest");
    scenario.file("all/deeper/c.yml", text(config("c")));
    expect(await lines(scenario, "create", "-f", "all")).toEqual(
      ["a", "b1", "b2"].map((name) => `configmap/${name} created`),
    );
    expect(await lines(scenario, "create", "-f", "all", "-R")).toEqual([
      ...["a", "b1", "b2"].map((name) => `configmap/${name} unchanged`),
      "configmap/c created",
    ]);
    const piped = await scenario.sts(["create", "-f", "-"], { stdin: text(config("d"), config("e")) });
    expect(piped).toMatchObject({ code: 0, stdout: "configmap/d created\nconfigmap/e created\n" });
  });

  it("a Namespace of the bundle first, whatever the order in the file", async ({ scenario }) => {
    const name = `${scenario.namespace}-n`.slice(-63).replace(/^-+/, "");
    const set = setManifest("web");
    const bundle = [
      { ...set, metadata: { ...set.metadata, namespace: name } },
      config("settings", name),
      { apiVersion: "v1", kind: "Namespace", metadata: { name } },
    ];
    try {
      expect(await lines(scenario, "create", "-f", scenario.file("all.yaml", text(...bundle)))).toEqual([
        `namespace/${name} created`,
        "configmap/settings created",
        "service/web created",
        "statefulset.apps/web created",
      ]);
    } finally {
      await scenario.cluster.delete(kinds.namespace, { name });
    }
  });

  it("makes the headless Service that a set names from its ports", async ({ scenario }) => {
    const set = setManifest("web");
    const { containers } = (set["spec"] as { template: { spec: { containers: object[] } } }).template.spec;
    Object.assign(containers[0] ?? {}, { ports: [{ name: "web", containerPort: 80 }] });
    const result = await ends(scenario, 0, "create", "-f", scenario.file("web.yaml", text(set)));
    expect(result.stderr).toContain("no Service web yet: a headless one is made");
    expect((await scenario.read(kinds.service, "web"))?.spec).toMatchObject({
      clusterIP: "None",
      ports: [{ name: "web", port: 80 }],
    });
  });

  it("refuses an object of another namespace than -n", async ({ scenario }) => {
    const file = scenario.file("web.yaml", text(config("one", "elsewhere")));
    const result = await ends(scenario, 2, "create", "-f", file, "-n", scenario.namespace);
    expect(result.stderr).toContain('the namespace from the provided object "elsewhere" does not match');
  });
});
