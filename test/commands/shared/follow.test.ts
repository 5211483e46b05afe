import { describe, expect, it } from "vitest";
import { ConnectionError } from "../../../src/cluster/errors.js";
import { kinds } from "../../../src/core/kinds.js";
import { ExitCode, InterruptedError } from "../../../src/errors.js";
import { FakeCluster } from "../../support/fake-cluster.js";
import { scaledToFour, startFollow } from "../../support/follow-driver.js";
import { makeEvent, makePod, makeSet } from "../../support/objects.js";

describe("follow", () => {
  it("tells each change once and ends with where the time went", async () => {
    const { cluster, written, before } = scaledToFour();
    const { clock, result, lines } = startFollow([{ written, before }], { cluster });
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
    const { cluster, written, before } = scaledToFour();
    const { clock, result } = startFollow([{ written, before }], { cluster });
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
    const { cluster, written, before } = scaledToFour();
    const { clock, lines, interruption } = startFollow([{ written, before }], { cluster });
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
    const { cluster, written, before } = scaledToFour();
    const { clock, result, lines, interruption } = startFollow([{ written, before }], { cluster });
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
    const { cluster, written, before } = scaledToFour();
    cluster.log = "starting\nFATAL: data directory has wrong ownership\u001b[31m\n";
    const back = { label: "go back", command: "sts scale web --replicas=3" };
    const { clock, result, lines } = startFollow([{ written, before, back }], { cluster });
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

  it.each([
    [
      "scaled",
      { type: "scaled" as const, replicas: 4 },
      makeSet({ replicas: 2, generation: 3 }),
      "spec.replicas to 2",
    ],
    [
      "settled",
      { type: "settled" as const },
      makeSet({ replicas: 4, generation: 3, partition: 2 }),
      "the update strategy (partition 2)",
    ],
  ])("ends as a conflict when somebody changes what it relies on (%s)", async (_, goal, changed, what) => {
    const { cluster, written, before } = scaledToFour();
    const { clock, result, lines } = startFollow([{ written, before, goal }], { cluster });
    await clock.advance(100);
    const managedFields = [
      { manager: "sts", operation: "Update", fieldsV1: { "f:spec": { "f:template": {} } } },
      {
        manager: "kubectl-edit",
        operation: "Update",
        fieldsV1: { "f:spec": { "f:replicas": {}, "f:updateStrategy": {} } },
      },
    ];
    cluster.put(kinds.statefulSet, { ...changed, metadata: { ...changed.metadata, managedFields } });
    await clock.advance(0);
    expect(await result).toMatchObject({ code: ExitCode.Conflict });
    expect(lines().at(-1)).toBe(`✗ default/web: kubectl-edit changed ${what} meanwhile`);
  });

  it("ends as unfinished at --timeout, and says how to watch again", async () => {
    const { cluster, written, before } = scaledToFour();
    const { clock, result, lines } = startFollow([{ written, before }], { cluster, timeout: 20_000 });
    cluster.put(kinds.statefulSet, makeSet({ replicas: 4, generation: 2, status: { readyReplicas: 3 } }));
    cluster.put(kinds.pod, makePod(3, "running"));
    await clock.advance(19_999);
    expect(lines()).toHaveLength(3);
    await clock.advance(1);
    expect(await result).toMatchObject({ code: ExitCode.Unfinished });
    expect(lines().slice(3)).toEqual([
      "… default/web: not finished after 20.0 s: 3 of 4 ready, waiting for web-3: to become ready",
      "  watch again  sts rollout status web",
    ]);
  });

  it("ends as stalled when nothing advances, and every advance starts the time again", async () => {
    const { cluster, written, before } = scaledToFour();
    const { clock, result } = startFollow([{ written, before }], { cluster, stallTimeout: 60_000 });
    cluster.put(kinds.statefulSet, makeSet({ replicas: 4, generation: 2, status: { readyReplicas: 3 } }));
    await clock.advance(59_000);
    cluster.put(kinds.pod, makePod(3, "scheduled"));
    await clock.advance(59_000);
    cluster.put(kinds.pod, makePod(3, "running"));
    await clock.advance(30_000);
    // A restart is no advance, and neither is the same stage again.
    cluster.put(kinds.pod, makePod(3, "crash", { restarts: 1 }));
    cluster.put(kinds.pod, makePod(3, "running", { restarts: 1 }));
    await clock.advance(29_999);
    expect(await Promise.race([result, Promise.resolve("waiting")])).toBe("waiting");
    await clock.advance(1);
    expect(await result).toMatchObject({
      code: ExitCode.Stalled,
      verdicts: [{ ordinal: 3, reason: "Stalled" }],
    });
  });

  it("waits on without fail-fast", async () => {
    const { cluster, written, before } = scaledToFour();
    const { clock, result } = startFollow([{ written, before }], { cluster, failFast: false });
    cluster.put(kinds.statefulSet, makeSet({ replicas: 4, generation: 2, status: { readyReplicas: 3 } }));
    cluster.put(kinds.pod, makePod(3, "crash", { restarts: 5 }));
    await clock.advance(1_000);
    expect(await Promise.race([result, Promise.resolve("waiting")])).toBe("waiting");
    cluster.put(kinds.pod, makePod(3, "ready", { restarts: 6 }));
    cluster.put(kinds.statefulSet, makeSet({ replicas: 4, generation: 2 }));
    await clock.advance(0);
    expect(await result).toMatchObject({ code: ExitCode.Done });
  });

  it("believes a fresh read more than its mirrors", async () => {
    const { cluster, written, before } = scaledToFour();
    const { clock, result } = startFollow([{ written, before }], { cluster });
    await clock.advance(0);
    const newer = makeSet({ replicas: 4, generation: 3, observed: 2 });
    cluster.getAnswers.push(newer);
    cluster.put(kinds.pod, makePod(3, "ready"));
    cluster.put(kinds.statefulSet, makeSet({ replicas: 4, generation: 2 }));
    await clock.advance(0);
    expect(await Promise.race([result, Promise.resolve("waiting")])).toBe("waiting");
    cluster.put(kinds.statefulSet, makeSet({ replicas: 4, generation: 3 }));
    await clock.advance(0);
    expect(await result).toMatchObject({ code: ExitCode.Done });
  });

  it("asks again when the confirming read gets no answer", async () => {
    const { cluster, written, before } = scaledToFour();
    const { clock, result } = startFollow([{ written, before }], { cluster });
    await clock.advance(0);
    cluster.getAnswers.push(new ConnectionError("connection refused"));
    cluster.put(kinds.pod, makePod(3, "ready"));
    cluster.put(kinds.statefulSet, makeSet({ replicas: 4, generation: 2 }));
    await clock.advance(999);
    expect(await Promise.race([result, Promise.resolve("waiting")])).toBe("waiting");
    await clock.advance(1);
    expect(await result).toMatchObject({ code: ExitCode.Done });
  });

  it("goes on without events that may not be read, and says so once", async () => {
    const { cluster, written, before } = scaledToFour();
    cluster.forbidden.add("events");
    const { clock, result, lines } = startFollow([{ written, before }], { cluster });
    await clock.advance(0);
    cluster.put(kinds.pod, makePod(3, "ready"));
    cluster.put(kinds.statefulSet, makeSet({ replicas: 4, generation: 2 }));
    await clock.advance(0);
    expect(await result).toMatchObject({ code: ExitCode.Done });
    expect(lines().filter((line) => line.startsWith("warning"))).toEqual([
      "warning: may not read events, which tell why a pod cannot be made (403): going on without",
    ]);
  });

  it("throws the cluster's error when pods may not be read", async () => {
    const { cluster, written, before } = scaledToFour();
    cluster.forbidden.add("pods");
    const { clock, result } = startFollow([{ written, before }], { cluster });
    await clock.advance(0);
    expect(await result).toMatchObject({ error: { code: 403 } });
  });

  it("says when the API server is out of reach for fifteen seconds, and when it is back", async () => {
    const { cluster, written, before } = scaledToFour();
    const { clock, lines, interruption } = startFollow([{ written, before }], { cluster });
    await clock.advance(0);
    cluster.lose({ since: clock.now(), error: new ConnectionError("dial tcp: connection refused") });
    await clock.advance(14_999);
    expect(lines()).toHaveLength(1);
    await clock.advance(1);
    cluster.lose(undefined);
    await clock.advance(2_000);
    expect(lines().slice(1)).toEqual([
      "default/web: no answer from the API server for 15.0 s (dial tcp: connection refused); trying again",
      "default/web: the API server answers again after 15.0 s",
    ]);
    interruption.abort(new InterruptedError("SIGINT"));
  });

  it("looks at the claims only once a pod has waited for a node for a while", async () => {
    const { cluster, before } = scaledToFour();
    const written = makeSet({ replicas: 4, generation: 2, claims: ["www"], status: { readyReplicas: 3 } });
    cluster.put(kinds.statefulSet, written);
    const { clock, interruption } = startFollow([{ written, before }], { cluster });
    cluster.put(kinds.pod, makePod(3, "pending"));
    await clock.advance(2_999);
    expect(cluster.watched).not.toContain("persistentvolumeclaims");
    await clock.advance(1);
    expect(cluster.watched).toContain("persistentvolumeclaims");
    interruption.abort(new InterruptedError("SIGINT"));
  });

  it("tells of a failure as soon as an event says why", async () => {
    const { cluster, written, before } = scaledToFour();
    const { clock, result, lines } = startFollow([{ written, before }], { cluster });
    const broken = makePod(3, "image");
    cluster.put(kinds.statefulSet, makeSet({ replicas: 4, generation: 2, status: { readyReplicas: 3 } }));
    cluster.put(kinds.pod, broken);
    await clock.advance(500);
    expect(lines().some((line) => line.startsWith("✗"))).toBe(false);
    cluster.put(
      kinds.event,
      makeEvent("Failed", "Error: ErrImagePull", { about: "web-3", uid: broken.metadata.uid }),
    );
    await clock.advance(0);
    expect(await result).toMatchObject({ code: ExitCode.Failed });
    expect(lines()).toContain("    event  Failed: Error: ErrImagePull");
  });

  it("follows several sets and returns the gravest code", async () => {
    const { cluster, written, before } = scaledToFour();
    const db = makeSet({ name: "db", replicas: 1 });
    cluster.put(kinds.statefulSet, db);
    cluster.put(kinds.pod, makePod(0, "image", { set: "db" }));
    const targets = [
      { written, before },
      { name: "db", goal: { type: "settled" as const }, title: "rollout" },
    ];
    const { clock, result, lines } = startFollow(targets, { cluster });
    await clock.advance(0);
    cluster.put(kinds.pod, makePod(3, "ready"));
    cluster.put(kinds.statefulSet, makeSet({ replicas: 4, generation: 2 }));
    // A failure without an event waits a second for one.
    await clock.advance(1_000);
    expect(await result).toMatchObject({
      code: ExitCode.Failed,
      verdicts: [{ state: "Done" }, { state: "Failed" }],
    });
    expect(lines()).toContain("✗ default/db: db-0 cannot pull its image nginx:1.29 (not found)");
  });

  it("waits until a deleted set and its pods are gone", async () => {
    const { cluster, written, before } = scaledToFour();
    const target = { written, before, goal: { type: "gone" as const }, title: "deleting" };
    const { clock, result, lines } = startFollow([target], { cluster, operation: "delete" });
    await clock.advance(0);
    cluster.remove(kinds.statefulSet, written);
    for (const pod of before)
      cluster.put(kinds.pod, {
        ...pod,
        metadata: { ...pod.metadata, deletionTimestamp: "2026-11-21T10:00:30Z" },
      });
    await clock.advance(2_000);
    expect(await Promise.race([result, Promise.resolve("waiting")])).toBe("waiting");
    for (const pod of before) cluster.remove(kinds.pod, pod);
    await clock.advance(0);
    expect(await result).toMatchObject({ code: ExitCode.Done });
    expect(lines().slice(-4)).toEqual([
      "  web-0  gone in 2.0 s   terminating 2.0",
      "  web-1  gone in 2.0 s   terminating 2.0",
      "  web-2  gone in 2.0 s   terminating 2.0",
      "default/web: done in 2.0 s",
    ]);
  });

  it("is done with a set that was gone before", async () => {
    const target = { goal: { type: "gone" as const }, title: "deleting" };
    const { clock, result } = startFollow([target], { cluster: new FakeCluster(), operation: "delete" });
    await clock.advance(0);
    expect(await result).toMatchObject({ code: ExitCode.Done });
  });
});
