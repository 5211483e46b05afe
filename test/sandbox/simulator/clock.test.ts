import { expect, it, vi } from "vitest";
import { systemClock } from "../../../src/sandbox/simulator/clock.js";

it("waits for longer than a timer of Node can, and not at all when it is called off", () => {
  vi.useFakeTimers();
  try {
    const month = 30 * 24 * 3600 * 1000;
    const run = vi.fn();
    const never = vi.fn();
    systemClock.after(month, run);
    const callOff = systemClock.after(month, never);
    vi.advanceTimersByTime(month - 1);
    expect(run).not.toHaveBeenCalled();
    callOff();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledOnce();
    expect(never).not.toHaveBeenCalled();
  } finally {
    vi.useRealTimers();
  }
});
