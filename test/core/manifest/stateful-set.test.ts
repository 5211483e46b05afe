import { describe, expect, it } from "vitest";
import { inCreationOrder } from "../../../src/core/manifest/bundle.js";
import { checkStatefulSet } from "../../../src/core/manifest/check-set.js";
import { headlessService, serviceProblems } from "../../../src/core/manifest/service.js";
import type { Manifest, Service } from "../../../src/core/model.js";
import { main } from "../../../src/main.js";
import { toYaml } from "../../../src/view/yaml.js";
import { testContext } from "../../support/test-context.js";

async function manifestOf(line: string): Promise<string> {
  const context = testContext();
  const code = await main(`create ${line} --dry-run=client -o yaml`.split(" "), context);
  expect(context.err.text).toBe("");
  expect(code).toBe(0);
  return context.out.text;
}

describe("manifests from flags", () => {
  it("are as short as a person would write them", async () => {
    expect(await manifestOf("web --image=nginx:1.29 --replicas=3 --port=web:80 --storage=www=1Gi:/data"))
      .toMatchInlineSnapshot(`
      "apiVersion: v1
      kind: Service
      metadata:
        name: web
        labels:
          app: web
      spec:
        clusterIP: None
        ports:
        - name: web
          port: 80
        selector:
          app: web
      ---
      apiVersion: apps/v1
      kind: StatefulSet
      metadata:
        name: web
        labels:
          app: web
      spec:
        serviceName: web
        replicas: 3
        selector:
          matchLabels:
            app: web
        template:
          metadata:
            labels:
              app: web
          spec:
            containers:
            - name: nginx
              image: nginx:1.29
              ports:
              - name: web
                containerPort: 80
              volumeMounts:
              - name: www
                mountPath: /data
        volumeClaimTemplates:
        - metadata:
            name: www
          spec:
            accessModes:
            - ReadWriteOnce
            resources:
              requests:
                storage: 1Gi
      "
    `);
  });

  it("select by app alone, whatever other labels say", async () => {
    const text = await manifestOf("web --image=nginx --labels=app=shop,version=3 --no-service -n prod");
    expect(text).toContain('  name: web\n  namespace: prod\n  labels:\n    app: shop\n    version: "3"\n');
    expect(text).toContain("    matchLabels:\n      app: shop\n  template:");
    expect(text).not.toContain("kind: Service");
  });

  it("put a command after -- into the container", async () => {
    const context = testContext();
    await main(
      ["create", "x", "--image=nginx", "--dry-run=client", "-o", "json", "--", "sh", "-c", "a b"],
      context,
    );
    expect(context.out.text).toMatch(/"command": \[\s+"sh",\s+"-c",\s+"a b"\s+\]/);
  });

  it("give one volume a name of its own, however often it is mounted", async () => {
    const text = await manifestOf(
      "x --image=a --storage=c=1Gi:/s --mount=configmap/c:/1 --mount=configmap/c:/2 --mount=secret/c:/3 --mount=emptydir:/x/c",
    );
    expect(text.slice(text.indexOf("      volumes:"), text.indexOf("  volumeClaimTemplates"))).toBe(
      [
        "      volumes:",
        "      - name: c-2",
        "        configMap:",
        "          name: c",
        "      - name: c-3",
        "        secret:",
        "          secretName: c",
        "      - name: c-4",
        "        emptyDir: {}",
        "",
      ].join("\n"),
    );
  });
});

const set = (spec: object, name = "web"): Manifest => ({
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: { name, namespace: "shop" },
  spec: {
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web", tier: "x" } } },
    ...spec,
  },
});

describe("the headless Service of a set", () => {
  it("has the ports of all containers, each once and with a name", () => {
    const containers = [
      {
        ports: [
          { containerPort: 80, name: "web" },
          { containerPort: 80 },
          { containerPort: 53, protocol: "UDP" },
        ],
      },
      { ports: [{ containerPort: 81, name: "web" }] },
    ];
    const service = headlessService(
      set({ serviceName: "hs", template: { metadata: { labels: { app: "web" } }, spec: { containers } } }),
    );
    expect(toYaml(service?.["spec"])).toBe(
      "clusterIP: None\nports:\n- name: tcp-80\n  port: 80\n- name: udp-53\n  port: 53\n  protocol: UDP\n- name: web\n  port: 81\nselector:\n  app: web\n",
    );
    expect(service?.metadata).toEqual({ name: "hs", namespace: "shop" });
  });

  it("is not made for a set that names none", () => {
    expect(headlessService(set({}))).toBeUndefined();
  });

  it.each([
    [{ clusterIP: "None", selector: { app: "web" } }, []],
    [{ clusterIP: "10.0.0.1", selector: { app: "web" } }, ["is not headless"]],
    [
      { clusterIP: "None", selector: { app: "api" } },
      ["does not select the pods of web: it selects app=api"],
    ],
    [{ clusterIP: "None" }, ["it has no selector"]],
  ])("%j", (spec, expected) => {
    const problems = serviceProblems(set({}), { metadata: { name: "hs" }, spec } as unknown as Service);
    expect(problems).toHaveLength(expected.length);
    expected.forEach((text, index) => expect(problems[index]).toContain(text));
  });
});

describe("checks and order", () => {
  it("finds what no server says in time", () => {
    expect(checkStatefulSet(set({}))).toEqual([]);
    const paths = (manifest: Manifest) => checkStatefulSet(manifest).map(({ path }) => path.join("."));
    expect(paths(set({}, "x".repeat(53)))).toEqual(["metadata.name"]);
    expect(paths(set({}, "x".repeat(52)))).toEqual([]);
    expect(paths(set({ replicas: -1 }))).toEqual(["spec.replicas"]);
    expect(paths(set({ replicas: 1_000_000_000 }))).toEqual(["spec.replicas"]);
    expect(paths(set({ serviceName: "9x", ordinals: { start: -1 } }))).toEqual([
      "spec.serviceName",
      "spec.ordinals.start",
    ]);
  });

  it("creates what others refer to first, and the rest as written", () => {
    const kinds = ["Widget", "StatefulSet", "Deployment", "Service", "ConfigMap", "Namespace"];
    const objects = kinds.map((kind) => ({ manifest: { apiVersion: "v1", kind, metadata: { name: "x" } } }));
    expect(inCreationOrder(objects).map(({ manifest }) => manifest.kind)).toEqual([
      ...["Namespace", "ConfigMap", "Service", "StatefulSet", "Widget", "Deployment"],
    ]);
  });
});
