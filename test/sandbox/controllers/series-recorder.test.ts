import { expect, it } from "vitest";
import { SeriesRecorder } from "../../../src/sandbox/controllers/framework/series-recorder.js";
import { TestCluster } from "./cluster.js";

const words = { type: "Warning", reason: "FailedScheduling", action: "Scheduling" } as const;

it("makes a series of the second event of a kind, whatever its words, and only counts those after it", async () => {
  const cluster = await TestCluster.start();
  const about = await cluster.create("configmaps", { metadata: { name: "thing", namespace: "default" } });
  const recorder = new SeriesRecorder(cluster.port, cluster.clock, "default-scheduler");
  for (const message of ["no room", "still none", "none at all"]) {
    recorder.event(about, { ...words, message });
    await cluster.settle();
  }
  const events = await cluster.port.list("events");
  cluster.stop();
  expect(events).toMatchObject([
    {
      ...words,
      message: "no room",
      source: {},
      reportingComponent: "default-scheduler",
      series: { count: 2 },
      involvedObject: { kind: "ConfigMap", name: "thing" },
    },
  ]);
  expect(events[0]?.["eventTime"]).toMatch(/\.\d{6}Z$/);
  expect(events[0]).not.toHaveProperty("count");
});

it("begins anew when a series is over", async () => {
  const cluster = await TestCluster.start();
  const about = await cluster.create("configmaps", { metadata: { name: "thing", namespace: "default" } });
  const recorder = new SeriesRecorder(cluster.port, cluster.clock, "default-scheduler");
  recorder.event(about, { ...words, message: "no room" });
  await cluster.settle();
  cluster.clock.advance(360_001);
  recorder.event(about, { ...words, message: "no room again" });
  await cluster.settle();
  const events = await cluster.port.list("events");
  cluster.stop();
  expect(events.map(({ message }) => message as string)).toEqual(["no room", "no room again"]);
});
