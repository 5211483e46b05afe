import xterm from "@xterm/headless";
import { describe, expect, it } from "vitest";
import { kinds } from "../../../src/core/kinds.js";
import { InterruptedError } from "../../../src/errors.js";
import type { FakeCluster } from "../../support/fake-cluster.js";
import { scaledToFour, startFollow } from "../../support/follow-driver.js";
import { makePod, makeSet } from "../../support/objects.js";
import type { TestSink } from "../../support/test-context.js";

/** A terminal that a test can look at. */
class Screen implements TestSink {
  readonly isTerminal = true;
  text = "";
  columns: number;
  rows: number;
  private readonly terminal: xterm.Terminal;
  private resized: (() => void)[] = [];

  constructor(
    columns = 80,
    rows = 24,
    readonly colours = false,
  ) {
    [this.columns, this.rows] = [columns, rows];
    this.terminal = new xterm.Terminal({ cols: columns, rows, convertEol: true, allowProposedApi: true });
  }

  write(text: string): void {
    this.text += text;
    this.terminal.write(text);
  }

  onResize(callback: () => void): () => void {
    this.resized.push(callback);
    return () => {
      this.resized = this.resized.filter((other) => other !== callback);
    };
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.shown();
    this.terminal.resize(columns, rows);
    [this.columns, this.rows] = [columns, rows];
    for (const callback of this.resized) callback();
  }

  /** Everything from the top of what was scrolled away, as a person reads it. */
  async shown(): Promise<string[]> {
    await new Promise<void>((resolve) => this.terminal.write("", resolve));
    const { active } = this.terminal.buffer;
    const lines = Array.from(
      { length: active.length },
      (_, at) => active.getLine(at)?.translateToString(true) ?? "",
    );
    while (lines.at(-1) === "") lines.pop();
    return lines;
  }
}

function scale(screen: Screen) {
  const { cluster, before } = scaledToFour();
  const written = makeSet({ replicas: 4, generation: 2, claims: ["www"], status: { readyReplicas: 3 } });
  cluster.put(kinds.statefulSet, written);
  return startFollow([{ written, before, notes: ["www-web-3 comes back"] }], {
    cluster,
    progress: "auto",
    err: screen,
  });
}

function finish(cluster: FakeCluster): void {
  cluster.put(kinds.pod, makePod(3, "ready"));
  cluster.put(kinds.statefulSet, makeSet({ replicas: 4, generation: 2, claims: ["www"] }));
}

describe("the live view", () => {
  it.each([40, 80, 200])("shows ordinals, states and what is waited for in %i columns", async (columns) => {
    const screen = new Screen(columns);
    const { cluster, clock, interruption, result } = scale(screen);
    await clock.advance(1_000);
    cluster.put(kinds.pod, makePod(3, "pulling"));
    await clock.advance(3_200);
    await expect(`${(await screen.shown()).join("\n")}\n`).toMatchFileSnapshot(
      `../../fixtures/progress/live-${columns}.txt`,
    );
    interruption.abort(new InterruptedError("SIGINT"));
    await result;
  });

  it("gives way to the summary, with the cursor back", async () => {
    const screen = new Screen();
    const { cluster, clock, result } = scale(screen);
    await clock.advance(100);
    cluster.put(kinds.pod, makePod(3, "running"));
    await clock.advance(2_000);
    finish(cluster);
    await clock.advance(0);
    expect(await result).toMatchObject({ code: 0 });
    expect(await screen.shown()).toEqual([
      "default/web: 3 → 4 replicas, one after the other (OrderedReady)",
      "  www-web-3 comes back",
      "  web-3  ready in 2.0 s   starting 2.0",
      "default/web: done in 2.1 s",
    ]);
    expect(screen.text.split("\u001b[?25l")).toHaveLength(2);
    expect(screen.text.lastIndexOf("\u001b[?25h")).toBeGreaterThan(screen.text.lastIndexOf("\u001b[?25l"));
  });

  it("writes every frame as one that a terminal shows at once", async () => {
    const screen = new Screen();
    const { cluster, clock, result } = scale(screen);
    await clock.advance(1_000);
    finish(cluster);
    await clock.advance(0);
    await result;
    const outside = screen.text.replaceAll(/\u001b\[\?2026h[^]*?\u001b\[\?2026l/g, "");
    expect(outside).toBe("");
  });

  it("draws at most five times a second", async () => {
    const screen = new Screen();
    const { cluster, clock, interruption, result } = scale(screen);
    await clock.advance(0);
    const frames = (): number => screen.text.split("POD  ").length - 1;
    const before = frames();
    for (let change = 0; change < 100; change += 1) {
      cluster.put(kinds.pod, makePod(3, change % 2 ? "pulling" : "scheduled"));
      await clock.advance(10);
    }
    expect(frames() - before).toBeLessThanOrEqual(5);
    interruption.abort(new InterruptedError("SIGINT"));
    await result;
  });

  it.each([
    [120, 30, 60, 24],
    [60, 24, 120, 30],
    [80, 24, 80, 8],
    [80, 8, 80, 24],
  ])("stays right through a resize from %i × %i to %i × %i", async (columns, rows, toColumns, toRows) => {
    const screen = new Screen(columns, rows);
    const { cluster, clock, result } = scale(screen);
    await clock.advance(100);
    cluster.put(kinds.pod, makePod(3, "running"));
    await clock.advance(1_000);
    await screen.resize(toColumns, toRows);
    await clock.advance(1_000);
    const live = await screen.shown();
    expect(live.filter((line) => line.includes("POD "))).toHaveLength(1);
    expect(live.filter((line) => line.includes("web-3") && line.includes("starting"))).toHaveLength(1);
    finish(cluster);
    await clock.advance(0);
    await result;
    const lines = await screen.shown();
    expect(lines.at(-1)).toBe("default/web: done in 2.1 s");
    expect(lines.join("\n")).not.toContain("POD ");
  });

  it("draws of many ordinals only those that move, and a line for the rest", async () => {
    const screen = new Screen(80, 12);
    const { cluster, clock, interruption, result } = scaleTo(300, screen);
    for (let ordinal = 3; ordinal < 212; ordinal += 1) cluster.put(kinds.pod, makePod(ordinal));
    cluster.put(kinds.pod, makePod(212, "running"));
    await clock.advance(1_000);
    const lines = await screen.shown();
    expect(lines.filter((line) => line.includes("web-")).map((line) => line.trimEnd())).toEqual([
      expect.stringMatching(/^ {2}web-212 +⠋? ?.*starting: container runs +0\/1 +a/),
      expect.stringMatching(/^ {2}web-0 … web-211 +212 ready$/),
      expect.stringMatching(/^ {2}web-213 … web-299 +87 waiting$/),
    ]);
    interruption.abort(new InterruptedError("SIGINT"));
    await result;
  });

  it("keeps the rows of pods that went in their place, highest first", async () => {
    const screen = new Screen();
    const { cluster, before } = scaledToFour();
    const status = { replicas: 3, readyReplicas: 3 };
    const written = makeSet({ replicas: 1, generation: 2, claims: ["www"], status });
    cluster.put(kinds.statefulSet, written);
    const goal = { type: "scaled" as const, replicas: 1 };
    const run = startFollow([{ written, before, goal }], { cluster, progress: "auto", err: screen });
    await run.clock.advance(100);
    cluster.put(kinds.pod, makePod(2, "terminating"));
    await run.clock.advance(500);
    cluster.remove(kinds.pod, makePod(2));
    await run.clock.advance(500);
    const rows = (await screen.shown()).filter((line) => line.startsWith("  web-"));
    expect(rows.map((row) => row.trim().split(/ {2,}/))).toEqual([
      ["web-2", "gone", "www (kept)"],
      ["web-1", expect.stringContaining("to be deleted"), "1/1", "a", "1s", "www"],
      ["web-0", "Running", "1/1", "a", "1s", "www"],
    ]);
    run.interruption.abort(new InterruptedError("SIGINT"));
    await run.result;
  });

  it("draws nothing of a hostile message but its words", async () => {
    const screen = new Screen(200);
    const { cluster, clock, interruption, result } = scale(screen);
    await clock.advance(0);
    cluster.put(kinds.pod, makePod(3, "image", { message: "timeout \u001b]0;owned\u0007\u001b[2J漢字" }));
    await clock.advance(400);
    expect(screen.text).not.toContain("owned");
    expect(screen.text).not.toContain("\u001b[2J");
    interruption.abort(new InterruptedError("SIGINT"));
    await result;
  });

  it("colours what the words say, and only where it may", async () => {
    const screen = new Screen(80, 24, true);
    const { cluster, clock, interruption, result } = scale(screen);
    await clock.advance(0);
    cluster.put(kinds.pod, makePod(3, "running"));
    await clock.advance(400);
    expect(screen.text).toMatch(/\u001b\[32mRunning/);
    expect(screen.text).toMatch(/\u001b\[33m. starting: container runs/);
    interruption.abort(new InterruptedError("SIGINT"));
    await result;
  });
});

function scaleTo(replicas: number, screen: Screen) {
  const { cluster, before } = scaledToFour();
  const written = makeSet({ replicas, generation: 2, policy: "Parallel", status: { readyReplicas: 3 } });
  cluster.put(kinds.statefulSet, written);
  const goal = { type: "scaled" as const, replicas };
  return startFollow([{ written, before, goal }], { cluster, progress: "auto", err: screen });
}
