import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyFix, anyHistory } from "./arbitrary.js";
import { live, type Outcome } from "./history.js";
import type { Beginning, Operation, Step } from "./operations.js";

/** How many; more than the 300 of a usual run by `STS_HISTORIES=2000`. */
const histories = Number(process.env["STS_HISTORIES"] ?? 300);
/** The same ones in every usual run; others by `STS_HISTORIES_SEED`, any when more are asked for. */
const usual = process.env["STS_HISTORIES"] === undefined ? "1" : undefined;
const seed = process.env["STS_HISTORIES_SEED"] ?? usual;

/**
 * What a verdict may say of a set that is left alone from then on, whatever was done to it before:
 * - Done only when no pod comes or goes any more, and every wanted ordinal is and stays ready at its revision;
 * - Failed only when it never gets there. Two exceptions: a cause that somebody took away while the pod waited for its
 *   next try is known to nobody else, so the pod counts as broken until that try;
 *   The other: a pod that has found no room for two minutes is given up, though another one may make room just then;
 * - and what has failed stays so, whenever somebody looks;
 * - in the end one of the two, except where a node is lost: it may come back, so its pods are waited for
 *   (`--stall-timeout` and `--timeout` end that wait).
 * Whoever looks only when something changes, or time alone may change the verdict, knows as much as one that looks now.
 */
function expectRight({ said, last, settled, turnover, mended, nodeLost, picture }: Outcome): void {
  let hasFailed = false;
  for (const { verdict, pod, ...then } of said) {
    expect(verdict.state, picture).toMatch(hasFailed ? "Failed" : /^(Done|InProgress|Failed)$/);
    if (verdict.state === "Done") {
      expect(then, `Done early:\n${picture}`).toMatchObject({ settled, turnover });
      expect(settled, `Done, and it went wrong:\n${picture}`).toBe(true);
    }
    if (verdict.state !== "Failed" || (pod && mended.has(pod))) continue;
    if (verdict.message.includes("Insufficient cpu")) continue;
    expect(settled, `Failed, and it got there:\n${picture}`).toBe(false);
    expect(last.state, `Failed, and waits again:\n${picture}`).toBe("Failed");
    hasFailed = true;
  }
  expect(said.at(-1)?.verdict.state, `slept through a change:\n${picture}`).toBe(last.state);
  if (settled) expect(last.state, `not Done at the end:\n${picture}`).toBe("Done");
  else if (!nodeLost) expect(last.state, `waits for ever:\n${picture}`).toBe("Failed");
}

describe("the verdict, against where the controller ends", () => {
  it(
    `is right through ${histories} random histories`,
    async () => {
      const property = fc.asyncProperty(anyHistory, async (history) => expectRight(await live(history)));
      await fc.assert(property, { numRuns: histories, ...(seed !== undefined && { seed: Number(seed) }) });
    },
    120_000 + histories * 500,
  );

  it(
    "with --unstick a template that works always gets through, and only broken pods of older ones are deleted",
    async () => {
      let rescued = 0;
      const property = fc.asyncProperty(anyFix, async (history) => {
        const { settled, last, unstuck, version, picture } = await live(history, { unstick: true });
        expect([settled, last.state], picture).toEqual([true, "Done"]);
        for (const pod of unstuck)
          expect([pod.wasReady, pod.version === version], picture).toEqual([false, false]);
        if (unstuck.length > 0) rescued += 1;
      });
      const numRuns = Math.ceil(histories / 3);
      await fc.assert(property, { numRuns, ...(seed !== undefined && { seed: Number(seed) }) });
      expect(rescued).toBeGreaterThan(0);
    },
    120_000 + histories * 500,
  );
});

const plain: Beginning = {
  flavour: { kubernetesVersion: "1.37" },
  policy: "OrderedReady",
  claims: false,
  whenScaled: "Retain",
  replicas: 3,
  start: 0,
  minReadySeconds: 0,
  strategy: { type: "RollingUpdate" },
  template: {},
};
const settled = 60_000;
const crash: Operation = { type: "template", template: { tag: "crash-loop" } };
const undo: Operation = { type: "undo", back: 1 };

/** Operations, each left alone for a while before the next. */
async function outcomeOf(beginning: Partial<Beginning>, ...operations: Operation[]): Promise<Outcome> {
  const steps: Step[] = operations.map((operation) => ({ operation, wait: settled }));
  const outcome = await live({ beginning: { ...plain, ...beginning }, wait: settled, steps, salt: 1 });
  expectRight(outcome);
  return outcome;
}

/** How it ended, and at which ordinal. */
async function endOf(beginning: Partial<Beginning>, ...operations: Operation[]): Promise<string> {
  const { last } = await outcomeOf(beginning, ...operations);
  return [last.state, last.reason, ...(last.ordinal === undefined ? [] : [last.ordinal])].join(" ");
}

describe("histories of their own", () => {
  it("a broken revision, taken back: OrderedReady is stuck, Parallel frees itself (#67250)", async () => {
    expect(await endOf({}, crash, undo)).toBe("Failed Deadlock 2");
    expect(await endOf({ policy: "Parallel" }, crash, undo)).toBe("Done Settled");
    expect(await endOf({ policy: "Parallel", flavour: { kubernetesVersion: "1.36" } }, crash, undo)).toBe(
      "Done Settled",
    );
  });

  it("the broken pod of a deadlock, deleted: the rollout goes on", async () => {
    expect(await endOf({}, crash, undo, { type: "delete pod", pick: 2, force: false })).toBe("Done Settled");
  });

  it("two surplus pods that crash: OrderedReady deletes none, Parallel both", async () => {
    const up: Operation = { type: "start", start: 0 };
    const down: Operation = { type: "scale", replicas: 0 };
    const beginning: Partial<Beginning> = { start: 1, replicas: 1, template: { tag: "crash-loop" } };
    expect(await endOf(beginning, up, down)).toBe("Failed ScaleDownBlocked 1");
    expect(await endOf({ ...beginning, policy: "Parallel" }, up, down)).toBe("Done Settled");
  });

  it("one surplus pod that crashes goes", async () => {
    expect(
      await endOf({ template: { fault: "crash-loop", ordinals: "2" } }, { type: "scale", replicas: 2 }),
    ).toBe("Done Settled");
  });

  it("a template that differs in its metadata alone is rolled out", async () => {
    const { said } = await outcomeOf({}, { type: "restart" });
    expect(said[0]?.verdict.state).toBe("InProgress");
    expect(said.at(-1)?.turnover).toBe(3 + 2 * 3);
  });

  it("a broken pod that nothing replaces has failed: OnDelete, below a partition, or where it is wanted", async () => {
    const broken: Partial<Beginning> = { replicas: 1, template: { tag: "image-pull" } };
    const good: Operation = { type: "template", template: {} };
    expect(await endOf({ ...broken, strategy: { type: "OnDelete" } }, good)).toBe(
      "Failed ImagePullBackOff 0",
    );
    const held: Beginning["strategy"] = { type: "RollingUpdate", partition: 1 };
    expect(await endOf({ ...broken, strategy: held }, good)).toBe("Failed ImagePullBackOff 0");
    expect(await endOf(broken)).toBe("Failed ImagePullBackOff 0");
  });

  it("a node that is lost is waited for, and is well again when it is back", async () => {
    const lost = await outcomeOf({}, { type: "lose node", pick: 1 });
    expect(lost.last).toMatchObject({ state: "InProgress", reason: "NodeNotReady", ordinal: 1 });
    const leaves = await outcomeOf(
      {},
      { type: "lose node", pick: 1 },
      { type: "delete pod", pick: 1, force: false },
    );
    expect(leaves.last).toMatchObject({ state: "InProgress", reason: "NodeNotReady", ordinal: 1 });
    expect(await endOf({}, { type: "lose node", pick: 1 }, { type: "heal" })).toBe("Done Settled");
  });

  it("a scale to 0 in the middle of a canary ends the canary (#121534)", async () => {
    const strategy: Beginning["strategy"] = { type: "RollingUpdate", partition: 2 };
    const steps: Operation[] = [
      { type: "template", template: {} },
      { type: "scale", replicas: 0 },
      { type: "scale", replicas: 3 },
    ];
    expect(await endOf({ strategy }, ...steps)).toBe("Done Settled");
  });
});
