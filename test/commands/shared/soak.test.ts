import { describe, expect, it } from "vitest";
import { kinds } from "../../../src/core/kinds.js";
import { ExitCode, InterruptedError } from "../../../src/errors.js";
import { FakeCluster } from "../../support/fake-cluster.js";
import { startFollow, type DriverOptions } from "../../support/follow-driver.js";
import { makePod, makeSet } from "../../support/objects.js";
import { testSink } from "../../support/test-context.js";

/** A canary that is there already, soaked for a minute. */
function soaking(options: DriverOptions = {}) {
  const cluster = new FakeCluster();
  const set = makeSet({ current: "a", update: "b", partition: 2, generation: 2 });
  const pods = [makePod(0), makePod(1), makePod(2, "ready", { revision: "b" })];
  cluster.put(kinds.statefulSet, set);
  cluster.put(kinds.pod, ...pods);
  const target = { written: set, before: pods, goal: { type: "settled" as const }, soakMs: 60_000 };
  const run = startFollow([{ ...target, title: "web-2 first" }], {
    cluster,
    operation: "rollout",
    ...options,
  });
  return { ...run, set };
}

describe("a soak", () => {
  it("is said, is watched without requests, and ends well", async () => {
    const { clock, cluster, lines, result } = soaking();
    await clock.advance(1_000);
    const before = cluster.requests;
    await clock.advance(58_000);
    expect(cluster.requests).toBe(before);
    await clock.advance(1_000);
    // The end is confirmed as every end is.
    expect(cluster.requests).toBe(before + 1);
    expect(await result).toMatchObject({ code: ExitCode.Done, verdicts: [{ state: "Done" }] });
    expect(lines()).toEqual([
      "default/web: web-2 first",
      "default/web: soaking for 60 s",
      "default/web: soaking 30 of 60 s (30.0 s)",
      "default/web: done in 1 min; soaked 60 s; web-0 and web-1 held at an older revision (partition 2)",
    ]);
  });

  it("fails for good on one restart, with the log of the run before", async () => {
    const { clock, cluster, lines, result } = soaking({ failFast: false });
    cluster.log = "FATAL: no memory\n";
    await clock.advance(20_000);
    cluster.put(kinds.pod, makePod(2, "ready", { revision: "b", restarts: 1, at: "2026-11-21T10:00:20Z" }));
    await clock.advance(1_000);
    expect(await result).toMatchObject({ code: ExitCode.Failed, verdicts: [{ reason: "SoakFailed" }] });
    expect(lines().slice(2)).toEqual([
      expect.stringContaining("default/web web-2"),
      "✗ default/web: web-2 restarted 20 s into the soak (1 restart)",
      "    log    FATAL: no memory",
      "  see more    kubectl logs web-2 --previous",
    ]);
  });

  it("only warns of a held pod", async () => {
    const { clock, cluster, lines, result } = soaking();
    await clock.advance(20_000);
    cluster.put(kinds.pod, makePod(1, "running", { at: "2026-11-21T10:00:20Z" }));
    await clock.advance(5_000);
    cluster.put(kinds.pod, makePod(1, "ready", { at: "2026-11-21T10:00:25Z" }));
    await clock.advance(35_000);
    expect(await result).toMatchObject({ code: ExitCode.Done });
    expect(lines().filter((line) => line.startsWith("warning"))).toEqual([
      "warning: web-1 stopped being ready 20 s into the soak; it is held at an older revision, so this fails nothing",
    ]);
  });

  it("is no standstill, however short the stall timeout; --timeout and Ctrl-C end it", async () => {
    const patient = soaking({ stallTimeout: 5_000 });
    await patient.clock.advance(60_000);
    expect(await patient.result).toMatchObject({ code: ExitCode.Done });

    const hasty = soaking({ timeout: 30_000 });
    await hasty.clock.advance(30_000);
    expect(await hasty.result).toMatchObject({ code: ExitCode.Unfinished });
    expect(hasty.lines().at(-2)).toBe("… default/web: not finished after 30.0 s: soaking 30 of 60 s");

    const interrupted = soaking();
    await interrupted.clock.advance(10_000);
    interrupted.interruption.abort(new InterruptedError("SIGINT"));
    await interrupted.clock.advance(0);
    expect(await interrupted.result).toEqual({ error: new InterruptedError("SIGINT") });
    expect(interrupted.lines().at(-2)).toBe("default/web: left as it is: soaking 10 of 60 s");
  });

  it("is a conflict when somebody else changes the template", async () => {
    const { clock, cluster, result } = soaking();
    await clock.advance(10_000);
    const set = makeSet({ current: "a", update: "c", partition: 2, generation: 3 });
    set.spec.template.spec = { containers: [{ name: "main", image: "nginx:2" }] };
    cluster.put(kinds.statefulSet, set);
    await clock.advance(0);
    expect(await result).toMatchObject({ code: ExitCode.Conflict });
  });

  it("is in the live table and among the events", async () => {
    const live = soaking({ progress: "tty", err: testSink({ isTerminal: true }) });
    await live.clock.advance(41_500);
    expect(live.err.text).toContain("3 of 3 ready · soaking 41 of 60 s · 41 s · Ctrl-C");
    live.interruption.abort(new InterruptedError("SIGINT"));
    const json = soaking({ progress: "json" });
    await json.clock.advance(0);
    expect(json.lines().map((line) => JSON.parse(line) as object)).toContainEqual(
      expect.objectContaining({ type: "soak", seconds: 60, set: "web" }),
    );
    json.interruption.abort(new InterruptedError("SIGINT"));
  });
});
