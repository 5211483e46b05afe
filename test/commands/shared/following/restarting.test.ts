import { describe, expect, it } from "vitest";
import type { DeleteOptions, Ref } from "../../../../src/cluster/cluster.js";
import { ApiError, ConnectionError } from "../../../../src/cluster/errors.js";
import { kinds, type Kind } from "../../../../src/core/kinds.js";
import { ExitCode, InterruptedError } from "../../../../src/errors.js";
import { FakeCluster } from "../../../support/fake-cluster.js";
import { startFollow } from "../../../support/follow-driver.js";
import { makePod, makeSet, type PodStage } from "../../../support/objects.js";

/** web at three ready pods, of which 2 and 0 are to be restarted; deletes are noted, and answered as told. */
function restarting(...answers: Error[]) {
  const deletes: string[] = [];
  const cluster = Object.assign(new FakeCluster(), {
    delete: async (_kind: Kind<unknown>, { name }: Ref, options?: DeleteOptions): Promise<never> => {
      deletes.push(`${name} ${options?.uid}`);
      const answer = answers.shift();
      if (answer) throw answer;
      return undefined as never;
    },
  });
  const written = makeSet();
  const put = (ordinal: number, stage: PodStage, uid: "old" | "new") =>
    cluster.put(kinds.pod, makePod(ordinal, stage, { uid: `${uid}-${ordinal}` }));
  cluster.put(kinds.statefulSet, written);
  for (const ordinal of [0, 1, 2]) put(ordinal, "ready", "old");
  const before = [0, 1, 2].map((ordinal) => makePod(ordinal, "ready", { uid: `old-${ordinal}` }));
  const pods = new Map([0, 2].map((ordinal) => [ordinal, `old-${ordinal}`]));
  const goal = { type: "restarted", pods, maxUnready: 0 } as const;
  const follow = startFollow([{ goal, written, before }], { cluster, operation: "rollout" });
  const warnings = () => follow.lines().filter((line) => line.startsWith("warning"));
  return { ...follow, cluster, deletes, put, warnings };
}

const status = (code: number, reason: string) => new ApiError({ code, reason, message: reason });

describe("a follow that restarts", () => {
  it("deletes each by its UID, once the one before is ready again", async () => {
    const { clock, result, deletes, put, warnings } = restarting();
    await clock.advance(100);
    for (const stage of ["terminating", "pending", "running"] as const) {
      put(2, stage, stage === "terminating" ? "old" : "new");
      await clock.advance(100);
      expect(deletes).toEqual(["web-2 old-2"]);
    }
    put(2, "ready", "new");
    await clock.advance(100);
    expect(deletes).toEqual(["web-2 old-2", "web-0 old-0"]);
    put(0, "ready", "new");
    await clock.advance(100);
    expect(await result).toMatchObject({ code: ExitCode.Done });
    expect(deletes).toHaveLength(2);
    expect(warnings()).toEqual([]);
  });

  it("waits while another pod is not ready, and goes on when it is", async () => {
    const { clock, result, deletes, put } = restarting();
    await clock.advance(100);
    put(1, "running", "old");
    put(2, "ready", "new");
    await clock.advance(5_000);
    expect(deletes).toHaveLength(1);
    put(1, "ready", "old");
    await clock.advance(100);
    expect(deletes).toHaveLength(2);
    put(0, "ready", "new");
    await clock.advance(100);
    expect(await result).toMatchObject({ code: ExitCode.Done });
  });

  it("leaves what somebody else replaced, and says so once", async () => {
    const { clock, result, deletes, put, warnings } = restarting();
    await clock.advance(100);
    put(0, "terminating", "old");
    await clock.advance(100);
    put(0, "ready", "new");
    put(2, "ready", "new");
    await clock.advance(100);
    expect(await result).toMatchObject({ code: ExitCode.Done });
    expect(deletes).toEqual(["web-2 old-2"]);
    expect(warnings()).toEqual(["warning: web-0: replaced meanwhile by somebody else, and left as it is"]);
  });

  it("does the same where the server tells it first", async () => {
    const { clock, result, deletes, put, warnings } = restarting(status(409, "Conflict"));
    await clock.advance(5_000);
    expect(deletes).toEqual(["web-2 old-2"]);
    expect(warnings()).toEqual(["warning: web-2: replaced meanwhile by somebody else, and left as it is"]);
    put(2, "ready", "new");
    await clock.advance(100);
    expect(deletes).toEqual(["web-2 old-2", "web-0 old-0"]);
    put(0, "ready", "new");
    await clock.advance(100);
    expect(await result).toMatchObject({ code: ExitCode.Done });
  });

  it("blames nobody for a delete whose answer was lost", async () => {
    const { clock, deletes, put, warnings } = restarting(
      new ConnectionError("lost"),
      status(404, "NotFound"),
    );
    await clock.advance(100);
    put(2, "terminating", "old");
    await clock.advance(5_000);
    put(2, "ready", "new");
    await clock.advance(100);
    expect(deletes).toEqual(["web-2 old-2", "web-0 old-0"]);
    expect(warnings().filter((line) => line.includes("web-2"))).toEqual([]);
  });

  it("ends with who changed the template meanwhile, and touches nothing more", async () => {
    const { cluster, clock, result, deletes, put } = restarting();
    await clock.advance(100);
    const set = makeSet({ generation: 2 });
    set.spec.template = { metadata: {}, spec: { containers: [] } };
    cluster.put(kinds.statefulSet, set);
    put(2, "ready", "new");
    await clock.advance(100);
    expect(await result).toMatchObject({ code: ExitCode.Conflict });
    expect(deletes).toHaveLength(1);
  });

  it("says after an interruption how to go on with what is left", async () => {
    const { clock, result, interruption, err, put } = restarting();
    await clock.advance(100);
    put(2, "terminating", "old");
    await clock.advance(100);
    interruption.abort(new InterruptedError("SIGINT"));
    await result;
    expect(err.text).toMatch(/go on +sts rollout restart web --ordinals=0\n/);
  });
});
