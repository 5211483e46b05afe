import type { AnyObject } from "../../../src/sandbox/port.js";
import { claimTemplate, template, webSet } from "./fixtures.js";
import { namespace, type Stage } from "./stage.js";

type Scenario = (stage: Stage) => Promise<void>;

const claims = { volumeClaimTemplates: [claimTemplate("www", { storageClassName: "disk" })] };

/** What is done to a set `web`, step by step; each ends with the cluster at rest. */
export const scenarios: Record<string, Scenario> = {
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
    const isUnused = ({ status }: AnyObject) => status.conditions?.[0]?.status === "True";
    const isOver = () =>
      stage.all("controllerrevisions").length === 0 && stage.all("persistentvolumeclaims").every(isUnused);
    await stage.until("revisions gone and claims unused", isOver);
    stage.trace.sort();
  },
};

function faulty(fault: string): object {
  const { metadata, spec } = template("broken") as AnyObject;
  return { metadata: { ...metadata, annotations: { "sandbox/fault": fault } }, spec };
}

/** The first template again; a merge patch takes the fault off only when told so. */
function mended(): object {
  const { metadata, spec } = template("nginx:1") as AnyObject;
  return { metadata: { ...metadata, annotations: null }, spec };
}
