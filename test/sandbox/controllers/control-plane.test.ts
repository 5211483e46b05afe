import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inProcessPort } from "../../../src/sandbox/api/in-process.js";
import { startControllers } from "../../../src/sandbox/controllers/index.js";
import { sandboxKinds } from "../../../src/sandbox/kinds/registry.js";
import type { AnyObject, ClusterPort, PortEvent } from "../../../src/sandbox/port.js";
import { systemClock } from "../../../src/sandbox/simulator/clock.js";
import { startSimulator } from "../../../src/sandbox/simulator/index.js";
import { Resources } from "../../../src/sandbox/store/resources.js";
import { Store } from "../../../src/sandbox/store/store.js";
import {
  type ControlPlane,
  findAssets,
  missingAssets,
  startControlPlane,
} from "../../support/control-plane/index.js";
import { claimTemplate, storageClass, template, webSet } from "./cluster.js";

const speed = 20;
const namespace = "default";

/** One cluster as the scenarios see it: what they do to it, and what they saw happen. */
class Stage {
  readonly #objects = new Map<string, AnyObject>();
  readonly #waiting = new Set<() => void>();
  readonly trace: string[] = [];

  constructor(
    readonly name: string,
    readonly port: ClusterPort,
  ) {}

  async watch(): Promise<() => void> {
    const resources = [
      "pods",
      "persistentvolumeclaims",
      "statefulsets",
      "controllerrevisions",
      "persistentvolumes",
    ];
    const stops = await Promise.all(
      resources.map((resource) => this.port.watch(resource, (event) => this.#see(resource, event))),
    );
    return () => stops.forEach((stop) => stop());
  }

  #see(resource: string, { type, object }: PortEvent): void {
    const key = `${resource}/${object.metadata.name}`;
    const old = this.#objects.get(key);
    if (type === "DELETED") this.#objects.delete(key);
    else this.#objects.set(key, object);
    if (resource === "pods" || resource === "persistentvolumeclaims")
      this.#note(object, old, type === "DELETED");
    for (const wake of this.#waiting) wake();
  }

  #note(object: AnyObject, old: AnyObject | undefined, deleted: boolean): void {
    const { name, deletionTimestamp } = object.metadata;
    if (!old && !deleted) this.trace.push(`+${name}`);
    if (deletionTimestamp && !old?.metadata.deletionTimestamp) this.trace.push(`-${name}`);
  }

  find(resource: string, name: string): AnyObject | undefined {
    return this.#objects.get(`${resource}/${name}`);
  }

  all(resource: string): AnyObject[] {
    return [...this.#objects].flatMap(([key, object]) => (key.startsWith(`${resource}/`) ? object : []));
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    const started = Date.now();
    while (!holds()) {
      if (Date.now() - started > 30_000)
        throw new Error(`${this.name} never saw ${what}; trace: ${this.trace.join(" ")}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, 1_000);
        const waiting = this.#waiting;
        waiting.add(done);
        function done(): void {
          clearTimeout(timer);
          waiting.delete(done);
          resolve();
        }
      });
    }
  }

  /** Changes the spec of the set, and waits until its controller has seen it. */
  async change(spec: object): Promise<void> {
    const { metadata } = await this.port.patch("statefulsets", { namespace, name: "web" }, { spec });
    const seen = () => this.find("statefulsets", "web")?.["status"].observedGeneration ?? 0;
    await this.until(`generation ${metadata.generation}`, () => seen() >= (metadata.generation ?? 0));
  }

  /** Waits until the set is where it wants to be. */
  async rest(name = "web"): Promise<void> {
    await this.until(`${name} at rest`, () => {
      const set = this.find("statefulsets", name);
      if (!set || (set.status?.observedGeneration ?? 0) < (set.metadata.generation ?? 0)) return false;
      const { replicas = 0, readyReplicas = 0 } = set.status;
      const pods = this.all("pods");
      const settled = pods.every(
        ({ metadata, status }) => !metadata.deletionTimestamp && status.phase === "Running",
      );
      return (
        settled && replicas === set.spec.replicas && readyReplicas === replicas && pods.length === replicas
      );
    });
  }

  /** Everything of the two clusters that must be the same. */
  async result(): Promise<Record<string, unknown> & { events: string[] }> {
    const revisions = this.all("controllerrevisions").sort((a, b) => a["revision"] - b["revision"]);
    const { observedGeneration: _seen, ...status } = this.find("statefulsets", "web")?.["status"] ?? {};
    const byName = (a: AnyObject, b: AnyObject) => a.metadata.name.localeCompare(b.metadata.name);
    const events = await this.port.list("events", namespace);
    const said = (component: string) => events.filter(({ source }) => source?.component === component);
    const ofClaims = said("persistentvolume-controller").map(
      (event) => `${event["involvedObject"].name} ${event["reason"]}`,
    );
    return {
      // Two watches: nothing is known of the order of a pod and a claim.
      trace: [this.trace.filter(isClaim), this.trace.filter((each) => !isClaim(each))],
      status,
      revisions: revisions.map(({ metadata, revision, data }) => ({
        name: metadata.name,
        labels: metadata.labels,
        annotations: metadata.annotations,
        revision,
        data,
      })),
      pods: this.all("pods")
        .sort(byName)
        .map(({ metadata, spec }) => ({
          name: metadata.name,
          generateName: metadata["generateName"],
          labels: metadata.labels,
          owners: metadata.ownerReferences?.map(({ uid: _uid, ...owner }) => owner),
          hostname: spec.hostname,
          subdomain: spec.subdomain,
          claims: spec.volumes?.filter((volume: AnyObject) => volume["persistentVolumeClaim"]),
        })),
      claims: this.all("persistentvolumeclaims")
        .sort(byName)
        .map(({ metadata, spec, status: claim }) => ({
          name: metadata.name,
          labels: metadata.labels,
          annotations: Object.keys(metadata.annotations ?? {}).sort(),
          finalizers: metadata.finalizers,
          owners: metadata.ownerReferences?.map(({ uid: _uid, ...owner }) => owner),
          phase: claim.phase,
          capacity: claim.capacity,
          class: spec.storageClassName,
          conditions: claim.conditions?.map(({ type, status: value, reason }: Record<string, string>) => [
            type,
            value,
            reason,
          ]),
        })),
      volumes: this.all("persistentvolumes")
        .map(({ spec, status: volume }) => [spec.claimRef?.name, volume.phase])
        .sort(),
      // ProvisioningFailed is what the real binder says of a conflict; it then tries again.
      binder: [...new Set(ofClaims)].filter((each) => !each.endsWith("ProvisioningFailed")).sort(),
      events: said("statefulset-controller").map(({ reason, message }) => `${reason}: ${message}`),
    };
  }

  isCrashing(name: string): boolean {
    const [status] = this.find("pods", name)?.["status"].containerStatuses ?? [];
    return status?.state?.waiting?.reason === "CrashLoopBackOff";
  }

  /** Leaves nothing behind for the next scenario. */
  async clear(): Promise<void> {
    for (const { metadata } of this.all("statefulsets"))
      await this.port.delete("statefulsets", metadata, { propagation: "Background" });
    await this.until("no sets", () => this.all("statefulsets").length === 0);
    for (const { metadata } of this.all("pods"))
      await this.port.delete("pods", metadata, { gracePeriodSeconds: 0 }).catch(() => undefined);
    await this.until("no pods", () => this.all("pods").length === 0);
    for (const { metadata } of this.all("persistentvolumeclaims"))
      await this.port.delete("persistentvolumeclaims", metadata).catch(() => undefined);
    await this.until("nothing left", () =>
      ["persistentvolumeclaims", "controllerrevisions"].every((each) => this.all(each).length === 0),
    );
    for (const { metadata } of this.all("persistentvolumes"))
      await this.port.delete("persistentvolumes", metadata).catch(() => undefined);
    await this.until("no volumes", () => this.all("persistentvolumes").length === 0);
    for (const { metadata } of await this.port.list("events", namespace))
      await this.port.delete("events", metadata).catch(() => undefined);
    this.trace.length = 0;
  }
}

const isClaim = (change: string) => change.includes("www");

/**
 * What two lists of events have to agree on. The real controller writes whole claims, and now and then meets a conflict:
 * it then says nothing of the pod that it made. Which message a combined event has is left to chance.
 */
function comparable(events: string[], others: string[]): string[] {
  const isConflict = (event: string) =>
    event.startsWith("FailedUpdate") && event.includes("has been modified");
  const pods = [...events, ...others]
    .filter(isConflict)
    .flatMap((event) => /Pod (\S+) in/.exec(event)?.[1] ?? []);
  const isLeftOut = (event: string) =>
    isConflict(event) ||
    event.includes("(combined from") ||
    pods.some((pod) => event.includes(`Create Pod ${pod} `));
  return events.filter((event) => !isLeftOut(event)).sort();
}

type Scenario = (stage: Stage) => Promise<void>;
const claims = { volumeClaimTemplates: [claimTemplate("www", { storageClassName: "disk" })] };

const scenarios: Record<string, Scenario> = {
  "up, down and up again with claims": async (stage) => {
    await stage.port.create(
      "statefulsets",
      webSet({ ...claims }, { annotations: { "kubernetes.io/change-cause": "first" } }),
    );
    await stage.rest();
    await stage.change({ replicas: 5 });
    await stage.rest();
    await stage.change({ replicas: 2 });
    await stage.rest();
    await stage.change({ replicas: 4 });
    await stage.rest();
  },
  "a rolling update, with a change in the middle, and back": async (stage) => {
    await stage.port.create("statefulsets", webSet({ minReadySeconds: 1 }));
    await stage.rest();
    for (const image of ["nginx:2", "nginx:3", "nginx:1"]) {
      await stage.change({ template: template(image) });
    }
    await stage.until("done", () => {
      const set = stage.find("statefulsets", "web");
      const { observedGeneration, updatedReplicas, readyReplicas } = set?.["status"] ?? {};
      return observedGeneration === set?.metadata.generation && updatedReplicas === 3 && readyReplicas === 3;
    });
    await stage.rest();
  },
  "a partition on moved ordinals": async (stage) => {
    const updateStrategy = { type: "RollingUpdate", rollingUpdate: { partition: 2 } };
    await stage.port.create("statefulsets", webSet({ replicas: 4, ordinals: { start: 3 }, updateStrategy }));
    await stage.rest();
    await stage.change({ template: template("nginx:2") });
    await stage.until(
      "two updated",
      () => stage.find("statefulsets", "web")?.["status"].updatedReplicas === 2,
    );
    await stage.rest();
    await stage.port.delete("pods", { namespace, name: "web-3" });
    await stage.until("web-3 going", () => stage.trace.includes("-web-3"));
    await stage.rest();
  },
  "whenScaled and whenDeleted Delete": async (stage) => {
    const persistentVolumeClaimRetentionPolicy = { whenScaled: "Delete", whenDeleted: "Delete" };
    await stage.port.create("statefulsets", webSet({ ...claims, persistentVolumeClaimRetentionPolicy }));
    await stage.rest();
    await stage.change({ replicas: 1 });
    await stage.rest();
    await stage.until("claims gone", () => stage.all("persistentvolumeclaims").length === 1);
    await stage.until("volumes gone", () => stage.all("persistentvolumes").length === 1);
  },
  "orphan delete and adoption": async (stage) => {
    await stage.port.create("statefulsets", webSet({ ...claims, replicas: 2 }));
    await stage.rest();
    await stage.port.delete("statefulsets", { namespace, name: "web" }, { propagation: "Orphan" });
    await stage.until("the set gone", () => stage.find("statefulsets", "web") === undefined);
    await stage.port.create("statefulsets", webSet({ ...claims, replicas: 3 }));
    await stage.rest();
  },
  OnDelete: async (stage) => {
    await stage.port.create("statefulsets", webSet({ replicas: 2, updateStrategy: { type: "OnDelete" } }));
    await stage.rest();
    await stage.change({ template: template("nginx:2") });
    await stage.port.delete("pods", { namespace, name: "web-0" });
    await stage.until("web-0 going", () => stage.trace.includes("-web-0"));
    await stage.rest();
  },
};

Object.assign(scenarios, {
  "a broken revision, mended and its pod deleted (#67250)": async (stage) => {
    await stage.port.create("statefulsets", webSet());
    await stage.rest();
    await stage.change({ template: faulty("crash-loop") });
    await stage.until("web-2 crashing", () => stage.isCrashing("web-2"));
    await stage.change({ template: mended() });
    await stage.port.delete("pods", { namespace, name: "web-2" });
    await stage.until("web-2 gone", () => stage.trace.filter((each) => each === "+web-2").length === 3);
    await stage.rest();
  },
  "Parallel: a broken revision is replaced without help": async (stage) => {
    await stage.port.create("statefulsets", webSet({ podManagementPolicy: "Parallel" }));
    await stage.rest();
    // Within a batch the order is left to chance.
    stage.trace.sort();
    await stage.change({ template: faulty("crash-loop") });
    await stage.until("web-2 crashing", () => stage.isCrashing("web-2"));
    await stage.change({ template: mended() });
    await stage.until("web-2 made anew", () => stage.trace.filter((each) => each === "+web-2").length === 3);
    await stage.rest();
  },
  maxUnavailable: async (stage) => {
    const updateStrategy = { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 2, partition: 1 } };
    await stage.port.create("statefulsets", webSet({ replicas: 4, updateStrategy }));
    await stage.rest();
    await stage.change({ template: template("nginx:2") });
    await stage.until(
      "three updated",
      () => stage.find("statefulsets", "web")?.["status"].updatedReplicas === 3,
    );
    await stage.rest();
  },
  "scaling to 0 in the middle of a canary (#121534)": async (stage) => {
    const updateStrategy = { type: "RollingUpdate", rollingUpdate: { partition: 1 } };
    await stage.port.create("statefulsets", webSet({ replicas: 2, updateStrategy }));
    await stage.rest();
    await stage.change({ template: template("nginx:2") });
    await stage.until("one updated", () => stage.trace.filter((each) => each === "+web-1").length === 2);
    await stage.rest();
    await stage.change({ replicas: 0 });
    await stage.rest();
    await stage.change({ replicas: 2 });
    await stage.rest();
  },
  "a history that is trimmed": async (stage) => {
    await stage.port.create("statefulsets", webSet({ replicas: 1, revisionHistoryLimit: 1 }));
    await stage.rest();
    for (const version of [2, 3, 4]) {
      await stage.change({ template: template(`nginx:${version}`) });
      const made = () => stage.trace.filter((each) => each === "+web-0").length === version;
      await stage.until(`version ${version}`, made);
      await stage.rest();
    }
    await stage.until("trimmed", () => stage.all("controllerrevisions").length === 2);
  },
  "claims that wait for their consumer": async (stage) => {
    const late = { volumeClaimTemplates: [claimTemplate("www", { storageClassName: "late" })] };
    await stage.port.create("statefulsets", webSet({ ...late, replicas: 2 }));
    await stage.rest();
  },
  "static volumes": async (stage) => {
    for (const storage of ["3Gi", "1Gi", "2Gi"]) {
      const spec = {
        capacity: { storage },
        accessModes: ["ReadWriteOnce"],
        hostPath: { path: "/data" },
        storageClassName: "hand",
      };
      await stage.port.create("persistentvolumes", {
        metadata: { name: `disk-${storage.toLowerCase()}` },
        spec,
      });
    }
    const free = () =>
      stage.all("persistentvolumes").filter(({ status }) => status?.phase === "Available").length;
    await stage.until("free volumes", () => free() === 3);
    const hand = { volumeClaimTemplates: [claimTemplate("www", { storageClassName: "hand" })] };
    await stage.port.create("statefulsets", webSet({ ...hand, replicas: 2 }));
    await stage.rest();
    await stage.change({ replicas: 1 });
    await stage.rest();
    await stage.port.delete("persistentvolumeclaims", { namespace, name: "www-web-1" });
    const released = () => stage.all("persistentvolumes").some(({ status }) => status.phase === "Released");
    await stage.until("a released volume", released);
  },
  "a claim in Terminating holds the pod back": async (stage) => {
    await stage.port.create("statefulsets", webSet({ ...claims, replicas: 1 }));
    await stage.rest();
    await stage.port.delete("persistentvolumeclaims", { namespace, name: "www-web-0" });
    await stage.until("the claim going", () => stage.trace.includes("-www-web-0"));
    await stage.port.delete("pods", { namespace, name: "web-0" });
    await stage.until("both back", () => stage.trace.filter((each) => each.startsWith("+")).length === 4);
    await stage.rest();
  },
  "foreground delete": async (stage) => {
    await stage.port.create("statefulsets", webSet({ ...claims, replicas: 2 }));
    await stage.rest();
    await stage.port.delete("statefulsets", { namespace, name: "web" }, { propagation: "Foreground" });
    await stage.until("the set gone", () => stage.find("statefulsets", "web") === undefined);
    await stage.until("revisions gone", () => stage.all("controllerrevisions").length === 0);
    const isUnused = ({ status }: AnyObject) => status.conditions?.[0]?.status === "True";
    await stage.until("claims unused", () => stage.all("persistentvolumeclaims").every(isUnused));
    stage.trace.sort();
  },
} satisfies Record<string, Scenario>);

function faulty(fault: string): object {
  const { metadata, spec } = template("broken") as AnyObject;
  return { metadata: { ...metadata, annotations: { "sandbox/fault": fault } }, spec };
}

/** The first template again; a merge patch takes the fault off only when told so. */
function mended(): object {
  const { metadata, spec } = template("nginx:1") as AnyObject;
  return { metadata: { ...metadata, annotations: null }, spec };
}

async function sandbox(): Promise<{ port: ClusterPort; stop(): void }> {
  let uid = 0;
  const newUid = () => `00000000-0000-4000-8000-${String(++uid).padStart(12, "0")}`;
  const env = { now: Date.now, random: Math.random, newUid, kubernetesVersion: "1.37" };
  const port = inProcessPort(new Resources(sandboxKinds(), new Store(), env), "test");
  await port.create("namespaces", { metadata: { name: namespace } });
  const controllers = await startControllers(port, { clock: systemClock, kubernetesVersion: "1.37" });
  const simulator = await startSimulator(port, { scheduler: true, speed });
  return { port, stop: () => [simulator, controllers].forEach((each) => each.stop()) };
}

const assets = findAssets();

describe.skipIf(!assets)(
  `the controllers against a real control plane (${assets ? "found" : missingAssets})`,
  () => {
    let plane: ControlPlane;
    const stages: Stage[] = [];
    const stops: (() => void)[] = [];

    beforeAll(async () => {
      plane = await startControlPlane({ speed });
      const local = await sandbox();
      stops.push(local.stop);
      for (const [name, { port }] of Object.entries({ sandbox: local, plane })) {
        const stage = new Stage(name, port);
        await port.create("storageclasses", storageClass("disk"));
        await port.create(
          "storageclasses",
          storageClass("late", { volumeBindingMode: "WaitForFirstConsumer" }),
        );
        stops.push(await stage.watch());
        stages.push(stage);
      }
    }, 60_000);

    afterAll(async () => {
      for (const stop of stops) stop();
      await plane?.stop();
    }, 30_000);

    it.each(Object.keys(scenarios))("%s", { timeout: 90_000 }, async (name) => {
      const results = await Promise.all(
        stages.map(async (stage) => {
          await scenarios[name]?.(stage);
          const result = await stage.result();
          await stage.clear();
          return result;
        }),
      );
      const [ours, real] = results;
      if (!ours || !real) throw new Error("two clusters are to be compared");
      const events = [comparable(ours.events, real.events), comparable(real.events, ours.events)];
      expect({ ...ours, events: events[0] }).toEqual({ ...real, events: events[1] });
    });
  },
);
