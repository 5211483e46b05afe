import { describe, expect, it } from "vitest";
import type { AnyObject } from "../../../src/sandbox/port.js";
import { podLogs } from "../../../src/sandbox/simulator/logs.js";
import { backOff } from "../../../src/sandbox/simulator/pace.js";
import {
  type ContainerStatus,
  newContainer,
  podStatus,
  startedContainer,
  terminatedContainer,
  waitingContainer,
} from "../../../src/sandbox/simulator/pod-status.js";

const fresh = newContainer({ name: "nginx", image: "registry.local:5000/nginx:1.29" }, "ContainerCreating");
const started = (status: ContainerStatus = fresh) => startedContainer(status, "uid", "2026-01-01T00:00:01Z");

function pod(spec: object = {}, status: object = {}): AnyObject {
  const metadata = {
    name: "web-0",
    namespace: "shop",
    uid: "uid",
    resourceVersion: "1",
    creationTimestamp: "",
  };
  const containers = [{ name: "nginx", image: fresh.image }];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata,
    spec: { restartPolicy: "Always", containers, ...spec },
    status,
  };
}

function statusOf(subject: AnyObject, containers: ContainerStatus[], more: object = {}) {
  const view = {
    initContainers: [],
    containers,
    hostIP: "192.168.0.10",
    startTime: "2026-01-01T00:00:00Z",
    ...more,
  };
  return podStatus(subject, view, "2026-01-01T00:00:09Z") as {
    phase: string;
    conditions: { type: string; status: string; reason?: string; lastTransitionTime: string }[];
  };
}

const conditionOf = (status: ReturnType<typeof statusOf>, type: string) =>
  status.conditions.find((condition) => condition.type === type);

describe("a container's status", () => {
  it("counts restarts and remembers the run before", () => {
    const ended = terminatedContainer(started(), 1, "2026-01-01T00:00:05Z");
    expect(ended).toMatchObject({
      ready: false,
      started: false,
      state: { terminated: { exitCode: 1, reason: "Error" } },
    });
    const waiting = waitingContainer(ended, "CrashLoopBackOff", "back-off 10s");
    expect(waiting.lastState.terminated?.finishedAt).toBe("2026-01-01T00:00:05Z");
    const again = started(waiting);
    expect([started().restartCount, again.restartCount]).toEqual([0, 1]);
    expect(again.lastState.terminated?.exitCode).toBe(1);
    expect(again.containerID).not.toBe(started().containerID);
  });

  it("names the image without its tag, whatever port its registry has", () => {
    expect(started().imageID).toMatch(/^registry\.local:5000\/nginx@sha256:[0-9a-f]{64}$/);
  });
});

describe("podStatus", () => {
  it("is Pending before the first start and Running from then on, through every crash", () => {
    const crashed = waitingContainer(terminatedContainer(started(), 1, "t"), "CrashLoopBackOff", "");
    const phases = [fresh, started(), crashed].map((container) => statusOf(pod(), [container]).phase);
    expect(phases).toEqual(["Pending", "Running", "Running"]);
  });

  it("ends Succeeded or Failed when no container comes back", () => {
    const [well, badly] = [0, 1].map((code) => terminatedContainer(started(), code, "t")) as [
      ContainerStatus,
      ContainerStatus,
    ];
    expect(statusOf(pod({ restartPolicy: "Never" }), [well]).phase).toBe("Succeeded");
    expect(statusOf(pod({ restartPolicy: "Never" }), [well, badly]).phase).toBe("Failed");
    expect(statusOf(pod({ restartPolicy: "OnFailure" }), [badly]).phase).toBe("Running");
    expect(statusOf(pod(), [well], { over: true }).phase).toBe("Succeeded");
  });

  it("keeps the time of a condition that did not change, and conditions of others", () => {
    const before = [
      { type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:02Z" },
      { type: "DisruptionTarget", status: "True", lastTransitionTime: "2026-01-01T00:00:03Z" },
    ];
    const ready = { ...started(), ready: true };
    const status = statusOf(pod({}, { conditions: before }), [ready]);
    expect(conditionOf(status, "Ready")?.lastTransitionTime).toBe("2026-01-01T00:00:02Z");
    expect(conditionOf(status, "ContainersReady")?.lastTransitionTime).toBe("2026-01-01T00:00:09Z");
    expect(conditionOf(status, "DisruptionTarget")).toEqual(before[1]);
    expect(conditionOf(statusOf(pod(), [started()]), "Ready")).toMatchObject({
      status: "False",
      reason: "ContainersNotReady",
      message: "containers with unready status: [nginx]",
    });
    expect(conditionOf(statusOf(pod(), [ready], { lost: true }), "Ready")?.status).toBe("False");
  });
});

describe("backOff", () => {
  it("doubles from 10 s to 5 minutes", () => {
    expect([1, 2, 3, 5, 6, 20].map(backOff)).toEqual([10_000, 20_000, 40_000, 160_000, 300_000, 300_000]);
  });
});

describe("podLogs", () => {
  const crashed = waitingContainer(
    terminatedContainer(started(), 1, "2026-01-01T00:00:05Z"),
    "CrashLoopBackOff",
    "back-off 10s",
  );
  const of = (container: ContainerStatus) => pod({}, { containerStatuses: [container] });

  it("tells why a container ended, also as its previous run", () => {
    expect(podLogs(of(crashed), {})).toContain("FATAL: ");
    expect(podLogs(of(started(crashed)), { previous: true })).toContain("FATAL: ");
    expect(podLogs(of(started()), {})).toContain("ready to serve");
    expect(podLogs(of(crashed), { tailLines: 1 }).split("\n")).toHaveLength(2);
  });

  it("refuses what the kubelet refuses", () => {
    const waiting = 'container "nginx" in pod "web-0" is waiting to start: ContainerCreating';
    expect(() => podLogs(of(fresh), {})).toThrow(waiting);
    expect(() => podLogs(of(started()), { previous: true })).toThrow(
      'previous terminated container "nginx" in pod "web-0" not found',
    );
  });
});
