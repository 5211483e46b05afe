import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Cluster } from "../../../src/cluster/cluster.js";
import { driveSteps } from "../../../src/commands/rollout/drive.js";
import { kinds } from "../../../src/core/kinds.js";
import { beginSteps } from "../../../src/core/rollout/step-plan.js";
import { ExitCode, ExitError, InterruptedError } from "../../../src/errors.js";
import { startSandboxed, type Sandboxed } from "../../support/sandboxed.js";
import { testContext, testMachine } from "../../support/test-context.js";

let world: Sandboxed;
beforeAll(async () => {
  world = await startSandboxed({ speed: 200 });
});
afterAll(() => world.stop());

interface Silence {
  atGate?: () => void;
  /** At the first one that is not answered. */
  atRequest?: () => void;
  timeout?: number;
}

/** Drives a set by steps, whose server answers no `get` any more from its first gate on. */
async function silenced(name: string, { atGate, atRequest, timeout }: Silence) {
  const { code, err } = await world.run(["create", name, "--image=nginx:1", "--replicas=2"]);
  expect(code, err).toBe(0);
  let isSilent = false;
  const neverAnswered = (): Promise<never> => {
    atRequest?.();
    return new Promise(() => undefined);
  };
  const cluster = new Proxy<Cluster>(world.cluster, {
    set: (target, property, value) => Reflect.set(target, property, value, target),
    get(target, property) {
      if (property === "get" && isSilent) return neverAnswered;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  const interruption = new AbortController();
  const run = async (_command: string, { signal }: { signal: AbortSignal }): Promise<number> => {
    isSilent = true;
    atGate?.();
    if (interruption.signal.aborted) throw signal.reason as Error;
    return 0;
  };
  const context = testContext({ machine: testMachine({ run }), signal: interruption.signal });
  const set = await world.cluster.get(kinds.statefulSet, { name });
  const plan = { steps: [1, 2], gate: "./smoke.sh", onFailure: "pause" as const };
  const { step } = beginSteps(set, plan, true);
  if (!step) throw new Error("there is a first step");
  const template = () => ({ spec: { containers: [{ name: "nginx", image: "nginx:2" }] } });
  const rollout = {
    ...{ set, plan, step, template, title: "nginx:2", notes: [], gate: plan.gate },
    ...{ unstick: false, takeOver: false, result: "" },
  };
  const wait = { wait: true, timeout, stallTimeout: undefined, failFast: true, progress: "plain" } as const;
  const options = { connection: {}, dryRun: "none", wait, report: undefined } as const;
  const driving = driveSteps(context, cluster, rollout as never, options as never);
  return { driving, context, interrupt: () => interruption.abort(new InterruptedError("SIGINT")) };
}

describe("a server that is silent between two steps", () => {
  it("is waited for until --timeout is over", async () => {
    const { driving } = await silenced("late", { timeout: 4_000 });
    const error: unknown = await driving.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ExitError);
    expect(error).toMatchObject({ exitCode: ExitCode.Unfinished });
    expect(String(error)).toContain("the server does not answer, and time is up");
  }, 20_000);

  it.each(["atGate", "atRequest"])(
    "does not keep a Ctrl-C from being answered: %s",
    async (when) => {
      let interrupt = (): void => undefined;
      const name = when.toLowerCase();
      const begun = await silenced(name, { [when]: () => interrupt() });
      interrupt = begun.interrupt;
      const ended = expect(begun.driving).rejects.toThrow(InterruptedError);
      await expect
        .poll(() => begun.context.err.text, { timeout: 15_000 })
        .toContain(`${name}: stopped at step 1 of 2, and left as it is`);
      const told = Date.now();
      await ended;
      // Who lets go of the staging waits for the server in vain, after that.
      expect(Date.now() - told).toBeGreaterThan(1_000);
    },
    20_000,
  );
});
