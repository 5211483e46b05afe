import { describe, expect, it } from "vitest";
import { ConnectionError } from "../../../../src/cluster/index.js";
import { Teller } from "../../../../src/commands/claims/resize/teller.js";
import { untilGrown } from "../../../../src/commands/claims/resize/until-grown.js";
import { kinds } from "../../../../src/core/kinds.js";
import type { Event } from "../../../../src/core/model.js";
import { FakeCluster } from "../../../support/fake-cluster.js";
import { HandClock } from "../../../support/hand-clock.js";
import { makeEvent } from "../../../support/objects.js";
import { testContext } from "../../../support/test-context.js";
import { claim, planned, pod, set, type ClaimShape } from "../../../core/claims/resize/build.js";

const start = "2026-11-21T10:00:00.000Z";
const asked: ClaimShape = { asks: "2Gi" };

function failed(count: number, at = start): Event {
  const options = { kind: "PersistentVolumeClaim", about: "data-web-0", uid: "uid-data-web-0", at };
  return { ...makeEvent("VolumeResizeFailed", "the disk is busy", options), count };
}

/** Waits for one claim, `data-web-0`, to get 2Gi. */
function waiting(before: { shape?: ClaimShape; events?: Event[]; forbidden?: string } = {}) {
  const cluster = new FakeCluster();
  if (before.forbidden !== undefined) cluster.forbidden.add(before.forbidden);
  const plan = planned("data-web-0", "2Gi", before.shape ?? asked);
  cluster.put(kinds.claim, plan.claim);
  const mount = pod("web-0");
  cluster.put(kinds.pod, { ...mount, metadata: { ...mount.metadata, labels: { app: "web" } } });
  cluster.put(kinds.event, ...(before.events ?? []));
  const clock = new HandClock(start);
  const context = testContext({ clock });
  const teller = new Teller(context, { namespace: "default", name: "web" }, "plain");
  const growing = { set: set(["data"], 1), claims: [plan], restartAfter: 90_000 };
  const limits = { deadline: Infinity, stallTimeout: 600_000, restarted: new Set<number>() };
  const verdict = untilGrown(context, cluster, growing, teller, { ...limits, onLook: () => undefined });
  verdict.catch(() => undefined);
  return {
    ...{ cluster, clock, verdict, err: context.err },
    become: async (shape: ClaimShape) => {
      cluster.put(kinds.claim, claim("data-web-0", { ...asked, ...shape }));
      await clock.settle();
    },
  };
}

describe("waiting for a claim to grow", () => {
  it("tells each change, and ends when it has its size", async () => {
    const { clock, become, verdict, err, cluster } = waiting();
    await clock.settle();
    await become({ conditions: [{ type: "Resizing" }] });
    await become({ has: "2Gi" });
    expect(await verdict).toEqual({ state: "Grown" });
    expect(err.text).toBe(
      "default/web data-web-0: Requested → Resizing\ndefault/web data-web-0: Resizing → Resized: 2Gi\n",
    );
    expect(cluster.watched).toEqual([]);
  });

  it("restarts its pod only when the kubelet has had its turn", async () => {
    const conditions = [{ type: "FileSystemResizePending", lastTransitionTime: start }];
    const { clock, verdict, err } = waiting({ shape: { ...asked, conditions } });
    await clock.advance(89_000);
    expect(err.text).toContain("waiting for data-web-0 (FileSystemResizePending) (30.0 s)");
    await clock.advance(1_000);
    expect(await verdict).toMatchObject({ state: "Restart", ordinals: [0] });
  });

  it("takes events for an answer when they come again and again, but not those from before", async () => {
    const old = failed(9, "2026-11-21T09:59:00Z");
    const { clock, cluster, verdict, err } = waiting({ events: [old] });
    await clock.advance(3_000);
    cluster.put(kinds.event, { ...old, count: 10 });
    await clock.advance(3_000);
    expect(err.text).toBe("warning: data-web-0: the disk is busy\n");
    cluster.put(kinds.event, { ...old, count: 14 });
    await clock.advance(1);
    expect(await verdict).toMatchObject({
      state: "Failed",
      message: "data-web-0 cannot grow to 2Gi: the disk is busy",
    });
  });

  it("goes on without events, and says of a server that is out of reach", async () => {
    const { clock, cluster, become, verdict, err } = waiting({ forbidden: "events" });
    await clock.settle();
    expect(err.text).toBe("warning: may not read events (403): going on without\n");
    cluster.lose({ since: clock.now(), error: new ConnectionError("refused") });
    await clock.advance(15_000);
    expect(err.text).toContain("no answer from the API server for 15.0 s");
    cluster.lose(undefined);
    await become({ has: "2Gi" });
    expect(await verdict).toEqual({ state: "Grown" });
  });

  it("fails where claims may not be watched", async () => {
    const { verdict } = waiting({ forbidden: "persistentvolumeclaims" });
    await expect(verdict).rejects.toThrow("persistentvolumeclaims");
  });
});
