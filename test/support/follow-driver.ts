import type { Cluster } from "../../src/cluster/cluster.js";
import type { WaitOptions } from "../../src/commands/shared/flags.js";
import {
  follow,
  type FollowRequest,
  type FollowTarget,
  type Operation,
} from "../../src/commands/shared/follow.js";
import { FakeCluster } from "./fake-cluster.js";
import { HandClock } from "./hand-clock.js";
import { kinds } from "../../src/core/kinds.js";
import { makePod, makeSet } from "./objects.js";
import { testContext, testSink, type TestSink } from "./test-context.js";

const waits: WaitOptions = {
  wait: true,
  timeout: undefined,
  stallTimeout: 600_000,
  failFast: true,
  progress: "plain",
};

export interface DriverOptions extends Partial<WaitOptions> {
  operation?: Operation;
  cluster?: FakeCluster;
  err?: TestSink;
}

/** A follow under way, with everything a test needs to drive it. */
export function startFollow(targets: Partial<FollowTarget>[], options: DriverOptions = {}) {
  const { operation = "scale", cluster = new FakeCluster(), err = testSink(), ...wait } = options;
  const clock = new HandClock();
  const interruption = new AbortController();
  const context = testContext({ clock, err, cluster: cluster as Cluster, signal: interruption.signal });
  const request: FollowRequest = {
    operation,
    targets: targets.map((target) => ({
      namespace: "default",
      name: "web",
      goal: { type: "scaled", replicas: 4 },
      title: "3 → 4 replicas, one after the other (OrderedReady)",
      notes: [],
      ...target,
    })),
    wait: { ...waits, ...wait },
    naming: () => ({ program: "sts" }),
  };
  const result = follow(context, cluster, request).catch((error: unknown) => ({ error }));
  return { cluster, clock, err, result, interruption, lines: () => err.text.trimEnd().split("\n") };
}

/** web at three ready replicas, just scaled to four by us. */
export function scaledToFour() {
  const cluster = new FakeCluster();
  const before = [0, 1, 2].map((ordinal) => makePod(ordinal));
  const status = { replicas: 3, readyReplicas: 3, availableReplicas: 3 };
  const written = makeSet({ replicas: 4, generation: 2, observed: 1, status });
  cluster.put(kinds.statefulSet, written);
  cluster.put(kinds.pod, ...before);
  return { cluster, written, before };
}
