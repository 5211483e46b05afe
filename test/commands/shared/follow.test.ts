import { describe, expect, it } from "vitest";
import type { Cluster } from "../../../src/cluster/cluster.js";
import { follow, type FollowRequest, type FollowTarget } from "../../../src/commands/shared/follow.js";
import type { WaitOptions } from "../../../src/commands/shared/flags.js";
import { kinds } from "../../../src/core/kinds.js";
import { ExitCode, InterruptedError } from "../../../src/errors.js";
import { FakeCluster } from "../../support/fake-cluster.js";
import { HandClock } from "../../support/hand-clock.js";
import { makeEvent, makePod, makeSet } from "../../support/objects.js";
import { testContext, testSink } from "../../support/test-context.js";

const waits: WaitOptions = {
  wait: true,
  timeout: undefined,
  stallTimeout: 600_000,
  failFast: true,
  progress: "plain",
};

/** A follow under way, with everything a test needs to drive it. */
function start(
  target: Partial<FollowTarget>,
  options: Partial<WaitOptions & { operation: "scale" }> = {},
  cluster = new FakeCluster(),
) {
  const clock = new HandClock();
  const interruption = new AbortController();
  const err = testSink();
  const context = testContext({ clock, err, cluster: cluster as Cluster, signal: interruption.signal });
  const request: FollowRequest = {
    operation: options.operation ?? "scale",
    targets: [
      {
        namespace: "default",
        name: "web",
        goal: { type: "scaled", replicas: 4 },
        title: "3 → 4 replicas, one after the other (OrderedReady)",
        notes: [],
        ...target,
      },
    ],
    wait: { ...waits, ...options },
    again: ({ name }) => `sts rollout status ${name}`,
  };
  const running = follow(context, cluster, request);
  const result = running.catch((error: unknown) => ({ error }));
  return { cluster, clock, err, result, interruption, lines: () => err.text.trimEnd().split("\n") };
}

/** web at three replicas, all ready, scaled to four by us just now. */
function scaling(replicas = 4) {
  const cluster = new FakeCluster();
  const before = [0, 1, 2].map((ordinal) => makePod(ordinal));
  const status = { replicas: 3, readyReplicas: 3, availableReplicas: 3 };
  const written = makeSet({ replicas, generation: 2, observed: 1, status });
  cluster.put(kinds.statefulSet, written);
  cluster.put(kinds.pod, ...before);
  return { cluster, written, before };
}

describe("follow", () => {
  it("tells each change once and ends with where the time went", async () => {
    const { cluster, written, before } = scaling();
    const { clock, result, lines } = start({ written, before }, {}, cluster);
    await clock.advance(1_000);
    cluster.put(
      kinds.statefulSet,
      makeSet({ replicas: 4, generation: 2, status: { replicas: 4, readyReplicas: 3 } }),
    );
    cluster.put(kinds.pod, makePod(3, "pending"));
    await clock.advance(200);
    cluster.put(kinds.pod, makePod(3, "scheduled"));
    await clock.advance(1_400);
    cluster.put(kinds.pod, makePod(3, "pulling"));
    await clock.advance(2_900);
    cluster.put(kinds.pod, makePod(3, "running"));
    await clock.advance(1_600);
    cluster.put(kinds.pod, makePod(3, "ready"));
    cluster.put(kinds.statefulSet, makeSet({ replicas: 4, generation: 2 }));
    await clock.advance(0);
    expect(await result).toMatchObject({ code: ExitCode.Done, verdicts: [{ state: "Done" }] });
    expect(lines()).toMatchInlineSnapshot(`
      [
        "default/web: 3 → 4 replicas, one after the other (OrderedReady)",
        "default/web web-3: created",
        "default/web web-3: Pending → Running",
        "default/web web-3: ready (6.1 s)",
        "  web-3  ready in 6.1 s   scheduling 0.2 · volumes 1.4 · image 2.9 · starting 1.6",
        "default/web: done in 7.1 s",
      ]
    `);
  });

  it("sends the same requests however long it takes", async () => {
    const { cluster, written, before } = scaling();
    const { clock, result } = start({ written, before }, {}, cluster);
    await clock.advance(500_000);
    expect(cluster.watched).toEqual(["statefulsets", "pods", "events"]);
    const sent = cluster.requests;
    cluster.put(kinds.pod, makePod(3, "ready"));
    cluster.put(kinds.statefulSet, makeSet({ replicas: 4, generation: 2 }));
    await clock.advance(0);
    await result;
    expect(cluster.requests).toBe(sent + 1);
    expect(cluster.watched).toEqual([]);
  });

  it("gives a sign of life after thirty seconds of silence", async () => {
    const { cluster, written, before } = scaling();
    const { clock, lines, interruption } = start({ written, before }, {}, cluster);
    cluster.put(kinds.statefulSet, makeSet({ replicas: 4, generation: 2, status: { readyReplicas: 3 } }));
    cluster.put(kinds.pod, makePod(3, "scheduled"));
    await clock.advance(29_999);
    expect(lines().slice(2)).toEqual([]);
    await clock.advance(30_001);
    expect(lines().slice(2)).toEqual([
      "default/web: 3 of 4 ready, waiting for web-3: ContainerCreating (30.0 s)",
      "default/web: 3 of 4 ready, waiting for web-3: ContainerCreating (1 min)",
    ]);
    interruption.abort(new InterruptedError("SIGINT"));
  });

  it("says on Ctrl-C that the cluster is left as it is and how to watch again", async () => {
    const { cluster, written, before } = scaling();
    const { clock, result, lines, interruption } = start({ written, before }, {}, cluster);
    await clock.advance(1_000);
    interruption.abort(new InterruptedError("SIGINT"));
    await clock.advance(0);
    expect(await result).toEqual({ error: new InterruptedError("SIGINT") });
    expect(lines().slice(1)).toMatchInlineSnapshot(`
      [
        "default/web: left as it is: waiting for the StatefulSet controller to take it up",
        "  watch again  sts rollout status web",
      ]
    `);
    expect(cluster.watched).toEqual([]);
  });

  it("reports a crash with log, events and the next command", async () => {
    const { cluster, written, before } = scaling();
    cluster.log = "starting\nFATAL: data directory has wrong ownership\u001b[31m\n";
    const back = { label: "go back", command: "sts scale web --replicas=3" };
    const { clock, result, lines } = start({ written, before, back }, {}, cluster);
    cluster.put(kinds.statefulSet, makeSet({ replicas: 4, generation: 2, status: { readyReplicas: 3 } }));
    cluster.put(
      kinds.event,
      makeEvent("BackOff", "Back-off restarting failed container", { about: "web-3", uid: "web-3-a" }),
    );
    cluster.put(kinds.pod, makePod(3, "crash", { restarts: 1 }));
    await clock.advance(100);
    expect(lines()).toHaveLength(3);
    cluster.put(kinds.pod, makePod(3, "crash", { restarts: 2 }));
    await clock.advance(0);
    expect(await result).toMatchObject({
      code: ExitCode.Failed,
      verdicts: [{ reason: "CrashLoopBackOff", ordinal: 3 }],
    });
    expect(lines().slice(1)).toMatchInlineSnapshot(`
      [
        "default/web web-3: created",
        "default/web web-3: Pending → CrashLoopBackOff: crashes on start (exit code 1, 1 restart)",
        "default/web web-3: CrashLoopBackOff: crashes on start (exit code 1, 2 restarts)",
        "✗ default/web: web-3 crashes on start (exit code 1, 2 restarts)",
        "    log    starting",
        "    log    FATAL: data directory has wrong ownership",
        "    event  BackOff: Back-off restarting failed container",
        "  see more    kubectl logs web-3 --previous",
        "  go back     sts scale web --replicas=3",
      ]
    `);
  });
});
