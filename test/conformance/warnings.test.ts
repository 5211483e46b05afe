import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { missingAssets } from "../support/control-plane/index.js";
import { onBoth, openSides, type Side } from "./support/side.js";

const pair = inject("pair");
const namespace = `warnings-${process.pid}`;

const labels = { app: "web" };
const container = (more: object = {}): object => ({ name: "nginx", image: "nginx", ...more });

interface Written {
  path: string;
  object: object;
}

const pod = (spec: object, metadata: object = {}): Written => ({
  path: `/api/v1/namespaces/${namespace}/pods`,
  object: {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", ...metadata },
    spec: { containers: [container()], ...spec },
  },
});

const set = (more: object, spec: object = {}, annotations: object = {}): Written => ({
  path: `/apis/apps/v1/namespaces/${namespace}/statefulsets`,
  object: {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "web" },
    spec: {
      replicas: 0,
      serviceName: "web",
      selector: { matchLabels: labels },
      template: { metadata: { labels, annotations }, spec: { containers: [container()], ...spec } },
      ...more,
    },
  },
});

const service = (spec: object, annotations: object = {}): Written => ({
  path: `/api/v1/namespaces/${namespace}/services`,
  object: {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", annotations },
    spec: { selector: labels, ports: [{ port: 80 }], ...spec },
  },
});

const claimSpec = (storage: string): object => ({
  accessModes: ["ReadWriteOnce"],
  resources: { requests: { storage } },
});

const volume = (spec: object, annotations: object = {}): Written => ({
  path: "/api/v1/persistentvolumes",
  object: {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: `${namespace}-v`, annotations },
    spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/a" }, ...spec },
  },
});

const term = { matchExpressions: [{ key: "beta.kubernetes.io/os", operator: "In", values: ["linux"] }] };
const containers = (...more: object[]): object => ({ containers: more.map((one) => container(one)) });
const required = "requiredDuringSchedulingIgnoredDuringExecution";
const preferred = "preferredDuringSchedulingIgnoredDuringExecution";

/** Objects that the API takes and has something to say about. */
const written: Record<string, Written> = {
  "nothing to warn of": set({}),
  "a pod whose name is no label": pod({}, { name: "a.b" }),
  "a node selector by an old label": set({}, { nodeSelector: { "beta.kubernetes.io/os": "linux" } }),
  "node affinity by old labels": set(
    {},
    {
      affinity: {
        nodeAffinity: {
          [required]: { nodeSelectorTerms: [term] },
          [preferred]: [{ weight: 1, preference: term }],
        },
      },
    },
  ),
  "a spread over an old label": set(
    {},
    {
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: "failure-domain.beta.kubernetes.io/zone",
          whenUnsatisfiable: "DoNotSchedule",
        },
      ],
    },
  ),
  "affinity to no pod": pod({
    affinity: {
      podAffinity: { [required]: [{ topologyKey: "a" }] },
      podAntiAffinity: { [preferred]: [{ weight: 1, podAffinityTerm: { topologyKey: "a" } }] },
    },
  }),
  "an old annotation": set({}, {}, { "scheduler.alpha.kubernetes.io/critical-pod": "" }),
  "old volumes": set(
    {},
    {
      volumes: [
        { name: "a", gitRepo: { repository: "x" } },
        { name: "b", rbd: { image: "x", monitors: ["x"] } },
        { name: "c", storageos: { volumeName: "x" } },
      ],
    },
  ),
  "the same host twice": pod({
    hostAliases: [
      { ip: "1.2.3.4", hostnames: ["a"] },
      { ip: "1.2.3.4", hostnames: ["b"] },
    ],
  }),
  "the same pull secret twice": set({}, { imagePullSecrets: [{ name: "a" }, { name: "a" }] }),
  "half a byte": set(
    {},
    containers({
      resources: { requests: { memory: "100m", "ephemeral-storage": "1.5" }, limits: { memory: "1.5" } },
    }),
  ),
  "variables that hide others": set(
    {},
    containers({
      env: [
        { name: "A", value: "1" },
        { name: "A", value: "2" },
        { name: "B", value: "1" },
        { name: "B", value: "$(B)2" },
        { name: "A", value: "$(A)" },
      ],
    }),
  ),
  "ports of two containers": set(
    {},
    containers(
      { name: "a", ports: [{ containerPort: 80, name: "http" }] },
      {
        name: "b",
        ports: [
          { containerPort: 80, name: "http" },
          { containerPort: 80, hostPort: 80, protocol: "TCP" },
        ],
      },
    ),
  ),
  "a negative grace period": set({}, { terminationGracePeriodSeconds: -1 }),
  "a negative history": set({ revisionHistoryLimit: -1 }),
  "half a byte to claim": set({
    volumeClaimTemplates: [{ metadata: { name: "a" }, spec: claimSpec("1500m") }],
  }),
  "a claim of half a byte": {
    path: `/api/v1/namespaces/${namespace}/persistentvolumeclaims`,
    object: {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "a", annotations: { "volume.beta.kubernetes.io/storage-class": "x" } },
      spec: claimSpec("1500m"),
    },
  },
  "a volume to recycle": volume({ persistentVolumeReclaimPolicy: "Recycle" }),
  "a volume with old annotations": volume(
    { hostPath: undefined, nfs: { server: "a", path: "/a" } },
    { "volume.beta.kubernetes.io/mount-options": "ro" },
  ),
  "a class of old labels": {
    path: "/apis/storage.k8s.io/v1/storageclasses",
    object: {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: `${namespace}-c` },
      provisioner: "a/b",
      allowedTopologies: [
        { matchLabelExpressions: [{ key: "failure-domain.beta.kubernetes.io/zone", values: ["a"] }] },
      ],
    },
  },
  "a headless service with an affinity": service({ clusterIP: "None", sessionAffinity: "ClientIP" }),
  "a headless service with addresses": service({ clusterIP: "None", externalIPs: ["1.2.3.4"] }),
  "a service with addresses": service({ externalIPs: ["1.2.3.4"] }),
  "a service with a name": service({ externalName: "a.b" }),
  "a service that prefers what is close": service({ trafficDistribution: "PreferClose" }),
  "a service with an old annotation": service({}, { "service.kubernetes.io/topology-aware-hints": "auto" }),
  endpoints: {
    path: `/api/v1/namespaces/${namespace}/endpoints`,
    object: { apiVersion: "v1", kind: "Endpoints", metadata: { name: "a" } },
  },
};

async function warned(side: Side, method: string, { path, object }: Written): Promise<object> {
  const { name } = (object as { metadata: { name: string } }).metadata;
  const answer = await side.request({
    method,
    path: `${path}${method === "POST" ? "" : `/${name}`}?dryRun=All${method === "PATCH" ? "&fieldManager=me&force=true" : ""}`,
    headers: { "Content-Type": method === "PATCH" ? "application/apply-patch+yaml" : "application/json" },
    body: JSON.stringify(object),
  });
  const { code, body, headers } = answer;
  return { code, message: code >= 400 ? (body?.message as unknown) : "", warnings: headers["warning"] ?? "" };
}

describe.skipIf(!pair)(`warnings (${pair ? "found" : missingAssets})`, () => {
  if (!pair) return;
  const sides = openSides(pair);
  beforeAll(async () => {
    await onBoth(sides, async (side) => {
      await side.port.create("namespaces", {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: namespace },
      });
      await side.port
        .create("serviceaccounts", { metadata: { name: "default", namespace } })
        .catch(() => undefined);
      const { path, object } = set({});
      await side.request({ method: "POST", path, body: { ...object, metadata: { name: "there" } } });
    });
  });
  afterAll(async () => {
    await onBoth(sides, (side) => side.port.delete("namespaces", { name: namespace }));
    sides.forEach((side) => side.close());
  });

  it.each(Object.entries(written))("are the API's for %s", async (_what, one) => {
    for (const method of ["POST", "PATCH"]) {
      const [ours, real] = await onBoth(sides, (side) => warned(side, method, one));
      expect(ours).toEqual(real);
    }
  });

  const updates = Object.entries(written).filter(([, { path }]) => path.endsWith("/statefulsets"));
  it.each(updates)("are the API's for an update to %s", async (_what, { path, object }) => {
    const there = { path, object: { ...object, metadata: { name: "there" } } };
    const [ours, real] = await onBoth(sides, (side) => warned(side, "PUT", there));
    expect(ours).toEqual(real);
  });
});
