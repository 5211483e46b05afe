import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { Endings } from "../../src/sandbox/endings.js";
import { startSandbox } from "../../src/sandbox/index.js";
import { systemClock, type Clock } from "../../src/sandbox/simulator/clock.js";

it("ends the last first and each once, whatever fails, and says so", async () => {
  const ended: string[] = [];
  const endings = new Endings();
  endings.add(() => void ended.push("first"));
  endings.add(() => {
    throw new Error("cannot end");
  });
  endings.add(async () => {
    await new Promise(setImmediate);
    ended.push("last");
  });
  await expect(endings.run()).rejects.toThrow("cannot end");
  await endings.run();
  expect(ended).toEqual(["last", "first"]);
});

/** Counts what is still to come. */
function countingClock(): Clock & { pending: Set<object> } {
  const pending = new Set<object>();
  return {
    pending,
    now: () => systemClock.now(),
    after(milliseconds, run) {
      const timer = {};
      pending.add(timer);
      const cancel = systemClock.after(milliseconds, () => {
        pending.delete(timer);
        run();
      });
      return () => {
        pending.delete(timer);
        cancel();
      };
    },
  };
}

it("leaves nothing at work of a sandbox that does not come up", async () => {
  const occupier = createServer().listen(0, "127.0.0.1");
  await once(occupier, "listening");
  const { port } = occupier.address() as AddressInfo;
  const clock = countingClock();
  await expect(startSandbox({ port, clock })).rejects.toThrow("EADDRINUSE");
  expect(clock.pending.size).toBe(0);
  occupier.close();
  await once(occupier, "close");
  const sandbox = await startSandbox({ port, clock });
  await sandbox.faults.inject({ type: "away", milliseconds: 600_000 });
  expect(clock.pending.size).toBeGreaterThan(0);
  await sandbox.stop();
  expect(clock.pending.size).toBe(0);
});
