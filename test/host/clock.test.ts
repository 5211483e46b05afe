import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../src/host/clock.js";

const day = 86_400_000;

describe("the clock of the machine", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("waits longer than one timer can", async () => {
    const done = vi.fn();
    systemClock.after(60 * day, done);
    const slept = vi.fn();
    void systemClock.sleep(60 * day).then(slept);
    await vi.advanceTimersByTimeAsync(60 * day - 1);
    expect([done, slept].map((each) => each.mock.calls.length)).toEqual([0, 0]);
    await vi.advanceTimersByTimeAsync(1);
    expect([done, slept].map((each) => each.mock.calls.length)).toEqual([1, 1]);
  });

  it("is called off at any time", async () => {
    const done = vi.fn();
    const cancel = systemClock.after(60 * day, done);
    const stop = new AbortController();
    const slept = expect(systemClock.sleep(60 * day, stop.signal)).rejects.toThrow("enough");
    await vi.advanceTimersByTimeAsync(30 * day);
    cancel();
    stop.abort(new Error("enough"));
    await slept;
    expect(vi.getTimerCount()).toBe(0);
    expect(done).not.toHaveBeenCalled();
  });
});
