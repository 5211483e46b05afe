import { describe, expect, it } from "vitest";
import type { DeleteOptions, Ref } from "../../../../src/cluster/cluster.js";
import { ApiError, ConnectionError } from "../../../../src/cluster/errors.js";
import { kinds, type Kind } from "../../../../src/core/kinds.js";
import { ExitCode } from "../../../../src/errors.js";
import { FakeCluster } from "../../../support/fake-cluster.js";
import { startFollow } from "../../../support/follow-driver.js";
import { makePod, makeSet } from "../../../support/objects.js";

const stuck = { generation: 2, current: "a", update: "b", status: { readyReplicas: 2 } };
const crash = { restarts: 4 };

/** web at two ready pods and a broken one of the old revision; deletes are noted, and answered as told. */
function stuckSet(...answers: Error[]) {
  const deletes: { pod: string; uid: string | undefined }[] = [];
  const cluster = Object.assign(new FakeCluster(), {
    delete: async (_kind: Kind<unknown>, { name }: Ref, options?: DeleteOptions): Promise<never> => {
      deletes.push({ pod: name, uid: options?.uid });
      const answer = answers.shift();
      if (answer) throw answer;
      return undefined as never;
    },
  });
  const written = makeSet(stuck);
  cluster.put(kinds.statefulSet, written);
  cluster.put(kinds.pod, makePod(0), makePod(1), makePod(2, "crash", crash));
  const before = [makePod(0), makePod(1), makePod(2, "crash", crash)];
  const target = { goal: { type: "settled" }, written, before, unstick: true } as const;
  return { cluster, deletes, target };
}

function status(code: number, reason: string): ApiError {
  return new ApiError({ code, reason, message: reason });
}

/** Everything at the new revision. */
function settle(cluster: FakeCluster): void {
  for (const ordinal of [0, 1, 2]) cluster.put(kinds.pod, makePod(ordinal, "ready", { revision: "b" }));
  cluster.put(kinds.statefulSet, makeSet({ ...stuck, status: {} }));
}

describe("a follow that un-sticks", () => {
  it("deletes the broken pod by its UID, once, and waits for the real end", async () => {
    const { cluster, deletes, target } = stuckSet();
    const { clock, result, lines } = startFollow([target], { cluster, operation: "rollout" });
    await clock.advance(100);
    cluster.put(kinds.pod, makePod(2, "crash", { restarts: 5 }));
    await clock.advance(5_000);
    expect(deletes).toEqual([{ pod: "web-2", uid: "web-2-a" }]);
    const said =
      "warning: web-2: deleted, as it is broken at an old revision and would block the update for ever";
    expect(lines().filter((line) => line.startsWith("warning"))).toEqual([said]);
    settle(cluster);
    await clock.advance(100);
    expect(await result).toMatchObject({ code: ExitCode.Done });
  });

  it("comes to the next only when the set waits for that one", async () => {
    const { cluster, deletes, target } = stuckSet();
    cluster.put(kinds.pod, makePod(1, "crash", crash));
    const { clock, result } = startFollow([target], { cluster, operation: "rollout" });
    await clock.advance(100);
    expect(deletes.map(({ pod }) => pod)).toEqual(["web-1"]);
    cluster.put(kinds.pod, makePod(1, "terminating", crash));
    await clock.advance(100);
    cluster.put(kinds.pod, makePod(1, "running", { revision: "b" }));
    await clock.advance(100);
    expect(deletes.map(({ pod }) => pod)).toEqual(["web-1"]);
    cluster.put(kinds.pod, makePod(1, "ready", { revision: "b" }));
    await clock.advance(100);
    expect(deletes.map(({ pod }) => pod)).toEqual(["web-1", "web-2"]);
    settle(cluster);
    await clock.advance(100);
    expect(await result).toMatchObject({ code: ExitCode.Done });
  });

  it.each([status(409, "Conflict"), status(404, "NotFound")])(
    "goes on without a word when somebody else did it: %s",
    async (answer) => {
      const { cluster, deletes, target } = stuckSet(answer);
      const { clock, result, lines } = startFollow([target], { cluster, operation: "rollout" });
      await clock.advance(5_000);
      expect(deletes).toHaveLength(1);
      expect(lines().join("\n")).not.toContain("deleted");
      settle(cluster);
      await clock.advance(100);
      expect(await result).toMatchObject({ code: ExitCode.Done });
    },
  );

  it("tries again when there was no answer, or one that passes", async () => {
    const { cluster, deletes, target } = stuckSet(new ConnectionError("refused"), status(503, "Unavailable"));
    const { clock, result } = startFollow([target], { cluster, operation: "rollout" });
    await clock.advance(900);
    expect(deletes).toHaveLength(1);
    await clock.advance(1_500);
    expect(deletes).toHaveLength(3);
    settle(cluster);
    await clock.advance(100);
    expect(await result).toMatchObject({ code: ExitCode.Done });
  });

  it("does not try again what has passed by then", async () => {
    const { cluster, deletes, target } = stuckSet(new ConnectionError("refused"));
    const { clock, result } = startFollow([target], { cluster, operation: "rollout" });
    await clock.advance(500);
    cluster.put(kinds.pod, makePod(2, "running", { revision: "b" }));
    await clock.advance(5_000);
    expect(deletes).toHaveLength(1);
    settle(cluster);
    await clock.advance(100);
    expect(await result).toMatchObject({ code: ExitCode.Done });
  });

  it("ends with the server's error where it may not", async () => {
    const refusal = status(403, "Forbidden");
    const { cluster, deletes, target } = stuckSet(refusal);
    const { clock, result } = startFollow([target], { cluster, operation: "rollout" });
    await clock.advance(100);
    expect(await result).toEqual({ error: refusal });
    expect(deletes).toHaveLength(1);
  });

  it("deletes nothing that nobody asked for", async () => {
    const { cluster, deletes, target } = stuckSet();
    const { clock, result } = startFollow([{ ...target, unstick: false }], { cluster, operation: "rollout" });
    await clock.advance(2_000);
    expect(await result).toMatchObject({ code: ExitCode.Failed, verdicts: [{ reason: "Deadlock" }] });
    expect(deletes).toEqual([]);
  });
});
