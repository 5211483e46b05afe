import { describe, expect, it } from "vitest";
import { within } from "../../../src/commands/shared/within.js";
import { HandClock } from "../../support/hand-clock.js";

describe("within", () => {
  it("gives what comes in time", async () => {
    expect(await within(new HandClock(), 1_000, Promise.resolve("log"))).toBe("log");
  });

  it("gives nothing for what fails or comes too late", async () => {
    const clock = new HandClock();
    expect(await within(clock, 1_000, Promise.reject(new Error("refused")))).toBeUndefined();
    const late = within(clock, 1_000, new Promise<string>(() => undefined));
    await clock.advance(1_000);
    expect(await late).toBeUndefined();
  });
});
