import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/sandbox/simulator/clock.js";
import { Activities, type Machine } from "../../../src/sandbox/simulator/machine.js";
import { Activity } from "../../../src/sandbox/simulator/pace.js";
import { World } from "../../../src/sandbox/simulator/world.js";
import type { ClusterPort } from "../../../src/sandbox/port.js";

const speed = 1_000;
const world = new World({} as ClusterPort);
const machine: Machine = { world, say: () => undefined, clock: systemClock, speed };

describe("what goes on until it is called off", () => {
  it("is tried again, and nothing that a failed try has begun goes on", async () => {
    const tries: Activity[] = [];
    await new Promise<void>((resolve) => {
      new Activities(machine).start("pod", async (attempt) => {
        tries.push(attempt);
        if (tries.length < 3) throw new Error("refused");
        expect(tries.map(({ ended }) => ended)).toEqual([true, true, false]);
        resolve();
      });
    });
  });

  it("ends with all of its tries", async () => {
    const going = new Activities(machine);
    await new Promise<void>((resolve) => {
      going.start("pod", async (attempt) => {
        attempt.onEnd(resolve);
        going.end("pod");
      });
    });
    expect(going.has("pod")).toBe(false);
  });

  it("waits for nothing more once it has ended", () => {
    const activity = new Activity(systemClock, speed);
    activity.end();
    let looked = 0;
    void world.until(activity, ["pods"], () => void (looked += 1));
    expect(looked).toBe(0);
    activity.onEnd(() => (looked += 1));
    expect(looked).toBe(1);
  });
});
