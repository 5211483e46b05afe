import { describe, expect, it } from "vitest";
import { EventRecorder } from "../../../src/sandbox/controllers/framework/event-recorder.js";
import { Resource } from "../../../src/sandbox/controllers/framework/resource.js";
import { WorkQueue } from "../../../src/sandbox/controllers/framework/work-queue.js";
import type { AnyObject } from "../../../src/sandbox/port.js";
import { TestCluster } from "./cluster.js";
import { ManualClock } from "./manual-clock.js";

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("WorkQueue", () => {
  it("works on a key once however often it is added, and again when it is added meanwhile", async () => {
    const worked: string[] = [];
    let proceed: () => void = () => undefined;
    const queue = new WorkQueue(
      async (key) => {
        worked.push(key);
        if (worked.length === 1) await new Promise<void>((resolve) => (proceed = resolve));
      },
      { clock: new ManualClock(), workers: 2 },
    );
    for (const key of ["a", "a", "b"]) queue.add(key);
    expect(worked).toEqual([]);
    queue.start();
    await turn();
    expect(worked).toEqual(["a", "b"]);
    queue.add("a");
    queue.add("a");
    await turn();
    expect(worked).toEqual(["a", "b"]);
    proceed();
    await turn();
    await turn();
    expect(worked).toEqual(["a", "b", "a"]);
  });

  it("tries again after a failure, later each time, and forgets it after a success", async () => {
    const clock = new ManualClock();
    const errors: string[] = [];
    let failing = true;
    let runs = 0;
    const sync = async () => {
      runs += 1;
      if (failing) throw new Error("not yet");
    };
    const queue = new WorkQueue(sync, { clock, onError: (_error, key) => errors.push(key) });
    queue.start();
    queue.add("a");
    for (const [milliseconds, expected] of [
      [0, 1],
      [5, 2],
      [9, 2],
      [1, 3],
    ] as const) {
      clock.advance(milliseconds);
      await turn();
      await turn();
      expect(runs).toBe(expected);
    }
    failing = false;
    clock.advance(20);
    await turn();
    expect(errors).toEqual(["a", "a", "a"]);
    queue.stop();
  });

  it("keeps the earlier of two times, and nothing after it was stopped", async () => {
    const clock = new ManualClock();
    let runs = 0;
    const queue = new WorkQueue(async () => void (runs += 1), { clock });
    queue.start();
    for (const milliseconds of [100, 50, 200]) queue.addAfter("a", milliseconds);
    clock.advance(50);
    await turn();
    clock.advance(1_000);
    await turn();
    expect(runs).toBe(1);
    queue.addAfter("a", 10);
    queue.stop();
    clock.advance(10);
    await turn();
    expect(runs).toBe(1);
  });
});

describe("EventRecorder", () => {
  async function recorded(record: (recorder: EventRecorder, about: AnyObject, clock: ManualClock) => void) {
    const cluster = await TestCluster.start();
    const about = await cluster.create("configmaps", { metadata: { name: "thing", namespace: "default" } });
    record(new EventRecorder(cluster.port, cluster.clock, "tester"), about, cluster.clock);
    await cluster.settle();
    cluster.stop();
    return cluster.port.list("events");
  }

  it("counts up the same event instead of writing it again", async () => {
    const events = await recorded((recorder, about) => {
      for (let time = 0; time < 3; time += 1) recorder.event(about, "Normal", "Tested", "it works");
    });
    expect(events).toMatchObject([
      { type: "Normal", reason: "Tested", message: "it works", count: 3, source: { component: "tester" } },
    ]);
    expect(events[0]?.["involvedObject"]).toMatchObject({
      kind: "ConfigMap",
      name: "thing",
      namespace: "default",
    });
  });

  it("combines the tenth message of a reason and those after it", async () => {
    const events = await recorded((recorder, about) => {
      for (let n = 1; n <= 12; n += 1) recorder.event(about, "Normal", "Tested", `test ${n}`);
    });
    expect(events.map(({ message, count }) => `${message} ${count}`).slice(8)).toEqual([
      "test 9 1",
      "(combined from similar events): test 12 3",
    ]);
  });

  it("gives one object 25 events, and one more every five minutes", async () => {
    const events = await recorded((recorder, about, clock) => {
      for (let n = 1; n <= 30; n += 1) recorder.event(about, "Normal", `Reason${n}`, "said");
      clock.advance(300_000);
      recorder.event(about, "Normal", "Later", "said");
      recorder.event(about, "Normal", "TooMuch", "said");
    });
    expect(events).toHaveLength(26);
    expect(events.map(({ reason }) => reason)).toContain("Later");
  });
});

describe("Resource", () => {
  it("shows its own writes at once and is not set back by what the watch tells later", async () => {
    const cluster = await TestCluster.start();
    const configs = new Resource("configmaps", cluster.port);
    const byColour = configs.indexBy(({ metadata }) => Object.values(metadata.labels ?? {}));
    const seen: string[] = [];
    configs.onChange(({ object, old, deleted }) => {
      const versions = [old, object].map((each) => each?.metadata.labels?.["colour"]);
      seen.push(`${versions.join(">")}${deleted ? " gone" : ""}`);
    });
    const stop = await configs.watch();
    const metadata = { name: "thing", namespace: "default", labels: { colour: "red" } };
    const made = await configs.create({ metadata });
    await configs.patch(made, { metadata: { labels: { colour: "blue" } } });
    expect(configs.get("default/thing")?.metadata.labels).toEqual({ colour: "blue" });
    expect([byColour("red").length, byColour("blue").length]).toEqual([0, 1]);
    await configs.delete(made);
    expect(configs.all()).toEqual([]);
    await turn();
    expect(seen).toEqual([">red", "red>blue", "blue>blue gone"]);
    stop();
    cluster.stop();
  });

  it("deletes this very object and no other of its name", async () => {
    const cluster = await TestCluster.start();
    const configs = new Resource("configmaps", cluster.port);
    const made = await configs.create({ metadata: { name: "thing", namespace: "default" } });
    const other = { ...made, metadata: { ...made.metadata, uid: "older" } };
    await expect(configs.delete(other)).rejects.toMatchObject({ code: 409 });
    cluster.stop();
  });
});
