import { afterAll, beforeAll, describe, expect, it, onTestFailed, onTestFinished } from "vitest";
import { findAssets, missingAssets } from "../../support/control-plane/index.js";
import { headlessService, type SetFields, statefulSet, storageClass } from "../../support/manifests.js";
import { isReady, watching } from "../../support/watching.js";
import { controlPlane, inProcess, type TestCluster } from "./clusters.js";
import {
  type Scenario,
  pods,
  present,
  containerOf,
  waitingReason,
  conditions,
  reasons,
  messageOf,
  firstSeen,
  firstReady,
  gone,
  imagePatch,
  object,
  recycledVolume,
} from "./scenario.js";

const real = findAssets() ? "a real control plane" : `a real control plane (${missingAssets})`;

describe.each([
  { where: "the sandbox", real: false, open: inProcess, skip: false },
  { where: real, real: true, open: controlPlane, skip: !findAssets() },
])("the simulator on $where", ({ real: isReal, open, skip }) => {
  let cluster: TestCluster;
  let failed = false;
  let serial = 0;

  beforeAll(async () => {
    if (!skip) cluster = await open();
  }, 60_000);
  afterAll(() => cluster?.stop(failed));

  /** A namespace with a headless service and a set, watched. */
  async function setUp(fields: SetFields): Promise<Scenario> {
    onTestFailed(() => void (failed = true));
    const namespace = `scenario-${++serial}`;
    const { port } = cluster;
    await port.create("namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    const seen = await watching(
      port,
      ["pods", "persistentvolumeclaims", "persistentvolumes", "events"],
      namespace,
    );
    onTestFinished(() => seen.stop());
    await port.create("services", headlessService(namespace));
    await port.create("statefulsets", statefulSet(namespace, fields));
    return { namespace, seen, target: { namespace, name: "web" } };
  }

  it.skipIf(skip)(
    "brings pods up in order, takes them down in reverse, and removes released volumes",
    async () => {
      await cluster.port.create("storageclasses", storageClass("fast"));
      const { seen, target, namespace } = await setUp({ replicas: 3, storageClassName: "fast" });
      await seen.until("three ready pods", () => pods(seen).filter(isReady).length === 3);
      expect(firstSeen(seen, "web-1")).toBeGreaterThan(firstReady(seen, "web-0"));
      expect(firstSeen(seen, "web-2")).toBeGreaterThan(firstReady(seen, "web-1"));
      expect(reasons(seen, "web-0")).toEqual(
        expect.arrayContaining(["Scheduled", "Pulling", "Pulled", "Created", "Started"]),
      );

      await cluster.port.patch("statefulsets", target, { spec: { replicas: 1 } });
      await seen.until("one pod", () => pods(seen).length === 1);
      expect(gone(seen)).toEqual(["web-2", "web-1"]);

      await cluster.port.delete("statefulsets", target);
      await seen.until("no pods", () => pods(seen).length === 0);
      const claims = [...seen.objects("persistentvolumeclaims").keys()];
      expect(claims).toEqual(["www-web-0", "www-web-1", "www-web-2"]);
      for (const name of claims) await cluster.port.delete("persistentvolumeclaims", { namespace, name });
      await seen.until("no volumes", () => seen.objects("persistentvolumes").size === 0);
    },
  );

  it.skipIf(skip)(
    "lets a container crash again and again, with the kubelet's back-off, events and logs",
    async () => {
      const { seen, namespace } = await setUp({
        replicas: 2,
        annotations: { "sandbox/fault": "crash-loop" },
      });
      const status = await seen.until("the second restart", () => {
        const container = containerOf(seen, "web-0");
        return container?.restartCount >= 2 && container.state.waiting ? container : undefined;
      });
      expect(status.state.waiting.reason).toBe("CrashLoopBackOff");
      expect(status.state.waiting.message).toMatch(
        /^back-off 20s restarting failed container=nginx pod=web-0_scenario/,
      );
      expect(status.lastState.terminated).toMatchObject({ exitCode: 1, reason: "Error" });
      await seen.until("a BackOff event", () => reasons(seen, "web-0").includes("BackOff"));
      await seen.until("logs", () => cluster.simulator.logs(namespace, "web-0").includes("FATAL: "));
      expect(pods(seen)).toHaveLength(1);
    },
  );

  it.skipIf(skip)("cannot pull an image, for the ordinals that are told to", async () => {
    const annotations = { "sandbox/fault": "image-pull", "sandbox/fault-ordinals": "1-" };
    const { seen } = await setUp({ replicas: 2, annotations });
    const waiting = await seen.until("back-off", () => {
      const state = containerOf(seen, "web-1")?.state.waiting;
      return state?.reason === "ImagePullBackOff" ? state : undefined;
    });
    expect(waiting.message).toContain('Back-off pulling image "nginx:1.29"');
    expect(isReady(seen.objects("pods").get("web-0"))).toBe(true);
  });

  it.skipIf(skip)("reads faults off image tags", async () => {
    const { seen, target } = await setUp({ image: "nginx:never-ready" });
    // Two watches: the event may come before the pod that it is about.
    await seen.until("an Unhealthy event", () => reasons(seen, "web-0").includes("Unhealthy"));
    await seen.until("a container that runs", () => containerOf(seen, "web-0")?.started === true);
    expect(containerOf(seen, "web-0")).toMatchObject({ ready: false });
    await cluster.port.patch("statefulsets", target, imagePatch("nginx:1.29"));
    await cluster.port.delete("pods", { namespace: target.namespace, name: "web-0" });
    await seen.until("a ready pod", () => isReady(seen.objects("pods").get("web-0")));
  });

  it.skipIf(skip)("keeps a claim pending until its template no longer says so", async () => {
    await cluster.port.create("storageclasses", storageClass("slow"));
    const { seen, namespace } = await setUp({
      storageClassName: "slow",
      annotations: { "sandbox/fault": "volume-pending" },
    });
    await seen.until("a provisioner at work", () => reasons(seen, "www-web-0").includes("Provisioning"));
    const message = await seen.until("the scheduler's words", () =>
      messageOf(seen, "web-0", "FailedScheduling"),
    );
    expect(message).toBe(
      "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found",
    );
    expect(seen.objects("persistentvolumeclaims").get("www-web-0")?.["status"].phase).toBe("Pending");
    const repair = { metadata: { annotations: { "sandbox/fault": null } } };
    await cluster.port.patch("pods", { namespace, name: "web-0" }, repair);
    await seen.until("a ready pod", () => isReady(seen.objects("pods").get("web-0")));
  });

  it.skipIf(skip)("loses a node: its pod stays Terminating until it is removed by force", async () => {
    const { seen, namespace } = await setUp({ annotations: { "sandbox/fault": "node-lost" } });
    await seen.until("NodeNotReady", () => reasons(seen, "web-0").includes("NodeNotReady"));
    const pod = { namespace, name: "web-0" };
    const { uid } = present(seen, "web-0").metadata;
    await cluster.port.delete("pods", pod);
    await seen.until(
      "a terminating pod",
      () => present(seen, "web-0").metadata.deletionTimestamp !== undefined,
    );
    await cluster.port.delete("pods", pod, { gracePeriodSeconds: 0 });
    await seen.until("another pod", () => seen.objects("pods").get("web-0")?.metadata.uid !== uid);
    const lost = () => reasons(seen, "web-0").filter((reason) => reason === "NodeNotReady").length;
    await seen.until("its node gone, too", () => lost() === 2);
    await cluster.port.patch("pods", pod, { metadata: { annotations: { "sandbox/fault": null } } });
    await seen.until("a ready pod", () => isReady(seen.objects("pods").get("web-0")));
    await cluster.port.patch("pods", pod, { metadata: { annotations: { "sandbox/fault": "node-lost" } } });
    await seen.until("its node gone again", () => !isReady(seen.objects("pods").get("web-0")));
  });

  it.skipIf(skip)(
    "waits for configuration: volumes before the container is made, environment after",
    async () => {
      const volumes = [{ name: "config", configMap: { name: "app" } }];
      const env = [{ name: "PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "password" } } }];
      const { seen, namespace } = await setUp({ podSpec: { volumes }, container: { env } });
      expect(await seen.until("FailedMount", () => messageOf(seen, "web-0", "FailedMount"))).toBe(
        'MountVolume.SetUp failed for volume "config" : configmap "app" not found',
      );
      await cluster.port.create("configmaps", object("ConfigMap", namespace, "app"));
      await seen.until("a config error", () => waitingReason(seen, "web-0") === "CreateContainerConfigError");
      const message = await seen.until("its event", () => messageOf(seen, "web-0", "Failed"));
      expect(message).toBe('Error: secret "db" not found');
      await cluster.port.create("secrets", object("Secret", namespace, "db"));
      await seen.until("a ready pod", () => isReady(seen.objects("pods").get("web-0")));
    },
  );

  it.skipIf(skip)("says what is wrong with the configuration when told to", async () => {
    const { seen } = await setUp({ annotations: { "sandbox/fault": "config-error" } });
    await seen.until("a config error", () => waitingReason(seen, "web-0") === "CreateContainerConfigError");
  });

  it.skipIf(skip)("grows volumes, and file systems of an offline class when a pod starts", async () => {
    await cluster.port.create("storageclasses", storageClass("online"));
    const annotations = { "sandbox/offline-expansion": "true" };
    await cluster.port.create(
      "storageclasses",
      storageClass("offline", { metadata: { name: "offline", annotations } }),
    );
    for (const storageClassName of ["online", "offline"]) {
      const { seen, namespace } = await setUp({ storageClassName });
      await seen.until("a ready pod", () => isReady(seen.objects("pods").get("web-0")));
      const claim = () => seen.objects("persistentvolumeclaims").get("www-web-0");
      const larger = { spec: { resources: { requests: { storage: "2Gi" } } } };
      await cluster.port.patch("persistentvolumeclaims", { namespace, name: "www-web-0" }, larger);
      if (storageClassName === "offline") {
        await seen.until("FileSystemResizePending", () =>
          conditions(claim()).includes("FileSystemResizePending"),
        );
        expect(claim()?.["status"].capacity.storage).toBe("1Gi");
        await seen.until("the kubelet's refusal", () => conditions(claim()).includes("NodeResizeError"));
        await cluster.port.delete("pods", { namespace, name: "web-0" });
      }
      await seen.until("2Gi", () => claim()?.["status"].capacity.storage === "2Gi");
      for (const type of ["Resizing", "FileSystemResizePending", "NodeResizeError"])
        expect(conditions(claim())).not.toContain(type);
      expect(claim()?.["status"].allocatedResourceStatuses).toBeUndefined();
    }
  });

  it.skipIf(skip)(
    "grows no volume beyond its class's limit, and tries again with a smaller size",
    async () => {
      const annotations = { "sandbox/expansion-limit": "3Gi" };
      await cluster.port.create(
        "storageclasses",
        storageClass("small", { metadata: { name: "small", annotations } }),
      );
      const { seen, namespace } = await setUp({ storageClassName: "small" });
      await seen.until("a ready pod", () => isReady(seen.objects("pods").get("web-0")));
      const claim = () => seen.objects("persistentvolumeclaims").get("www-web-0");
      const ask = (storage: string) =>
        cluster.port.patch(
          "persistentvolumeclaims",
          { namespace, name: "www-web-0" },
          { spec: { resources: { requests: { storage } } } },
        );
      await ask("5Gi");
      await seen.until("the resizer to give up", () => conditions(claim()).includes("ControllerResizeError"));
      expect(claim()?.["status"]).toMatchObject({
        capacity: { storage: "1Gi" },
        allocatedResources: { storage: "5Gi" },
        allocatedResourceStatuses: { storage: "ControllerResizeInfeasible" },
      });
      await ask("2Gi");
      await seen.until("2Gi", () => claim()?.["status"].capacity.storage === "2Gi");
      expect(conditions(claim())).not.toContain("ControllerResizeError");
    },
  );

  it.skipIf(skip)("provisions where the pod goes, for a class that waits for it", async () => {
    await cluster.port.create(
      "storageclasses",
      storageClass("wait", { volumeBindingMode: "WaitForFirstConsumer" }),
    );
    const { seen } = await setUp({ storageClassName: "wait" });
    await seen.until("a ready pod", () => isReady(seen.objects("pods").get("web-0")));
    const claim = seen.objects("persistentvolumeclaims").get("www-web-0");
    const node = claim?.metadata.annotations?.["volume.kubernetes.io/selected-node"];
    expect(node).toBe(present(seen, "web-0")["spec"].nodeName);
  });

  it.skipIf(skip)(
    "binds static volumes and wipes them for the next claim",
    async () => {
      const { port } = cluster;
      const fields = {
        provisioner: "kubernetes.io/no-provisioner",
        volumeBindingMode: "WaitForFirstConsumer",
      };
      await port.create("storageclasses", storageClass("static", { ...fields, allowVolumeExpansion: false }));
      await port.create("persistentvolumes", recycledVolume("static-1"));
      const { seen, target, namespace } = await setUp({ storageClassName: "static" });
      await seen.until("a ready pod", () => isReady(seen.objects("pods").get("web-0")));
      expect(seen.objects("persistentvolumeclaims").get("www-web-0")?.["spec"].volumeName).toBe("static-1");
      await port.delete("statefulsets", target);
      await port.delete("persistentvolumeclaims", { namespace, name: "www-web-0" });
      const phase = () => seen.objects("persistentvolumes").get("static-1")?.["status"].phase;
      await seen.until("a released volume", () => phase() === "Released");
      await seen.until("a wiped volume", () => phase() === "Available", 40_000);
      await port.delete("persistentvolumes", { name: "static-1" });
    },
    60_000,
  );

  it.skipIf(skip || isReal)("leaves a pod without a node when told to", async () => {
    const { seen } = await setUp({ annotations: { "sandbox/fault": "unschedulable" } });
    expect(await seen.until("FailedScheduling", () => messageOf(seen, "web-0", "FailedScheduling"))).toBe(
      "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. " +
        "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
    );
  });

  it.skipIf(skip).each([
    {
      podSpec: { nodeSelector: { disk: "ssd" } },
      said: "3 node(s) didn't match Pod's node affinity/selector",
      hopeless: true,
    },
    { container: { resources: { requests: { cpu: "65" } } }, said: "3 Insufficient cpu", hopeless: true },
    {
      container: { resources: { requests: { cpu: "1000", memory: "1Ti" } } },
      said: "3 Insufficient cpu, 3 Insufficient memory",
      hopeless: true,
    },
    {
      podSpec: { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "absent" } }] },
      said: 'persistentvolumeclaim "absent" not found. not found',
    },
  ])("says why no node fits, in the scheduler's words: $said", async ({ said, hopeless, ...fields }) => {
    const { seen } = await setUp(fields);
    const none = "0/3 nodes are available:";
    const preemption = hopeless ? `. preemption: ${none} 3 Preemption is not helpful for scheduling.` : "";
    const message = await seen.until("FailedScheduling", () => messageOf(seen, "web-0", "FailedScheduling"));
    expect(message).toBe(`${none} ${said}${preemption}`);
  });

  it.skipIf(skip)("keeps members apart that must not meet, while there are nodes", async () => {
    const term = { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "web" } } };
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    const { seen } = await setUp({ replicas: 4, podSpec: { affinity } });
    const message = await seen.until("FailedScheduling", () => messageOf(seen, "web-3", "FailedScheduling"));
    expect(message).toBe(
      "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. " +
        "preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.",
    );
    const nodes = [0, 1, 2].map((ordinal) => present(seen, `web-${ordinal}`)["spec"].nodeName as string);
    expect(nodes.toSorted()).toEqual(["node-1", "node-2", "node-3"]);
  });

  it.skipIf(skip)("goes on where another simulator was stopped", async () => {
    const { seen } = await setUp({ replicas: 3, annotations: { "sandbox/slow": "10s" } });
    for (const name of ["web-0", "web-1", "web-2"]) {
      await seen.until(`${name} on its node`, () => seen.objects("pods").get(name)?.["status"].podIP);
      await cluster.restartSimulator();
    }
    await seen.until("three ready pods", () => pods(seen).filter(isReady).length === 3);
    expect(new Set(pods(seen).map(({ status }) => status.podIP as string)).size).toBe(3);
  });
});
