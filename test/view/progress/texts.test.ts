import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EndEvent, PodEvent, ProgressEvent } from "../../../src/core/progress/events.js";
import { createProgressView } from "../../../src/view/progress/index.js";
import { sanitize, sanitizeJson, sanitizeLine } from "../../../src/view/sanitize.js";
import { clip, pad, textWidth } from "../../../src/view/width.js";
import { HandClock } from "../../support/hand-clock.js";
import { testSink } from "../../support/test-context.js";

const base = { v: 1 as const, time: "2026-11-21T10:00:00.000Z", namespace: "default", set: "web" };

function podEvent(ordinal: number, to: string, more: Partial<PodEvent> = {}): ProgressEvent {
  return { ...base, type: "pod", ordinal, pod: `web-${ordinal}`, to, ...more };
}

const still = { phases: {}, from: 0, stretches: [], restarts: [] };

const failed: EndEvent = {
  ...base,
  type: "end",
  state: "Failed",
  reason: "CrashLoopBackOff",
  message: "web-3 crashes on start (exit code 1, 4 restarts); web-4 waits for it",
  exitCode: 4,
  seconds: 40,
  ordinal: 3,
  ordinals: [{ ordinal: 3, pod: "web-3", outcome: "open", seconds: 40, ...still }],
  log: ['FATAL: data directory "/var/lib/postgresql/data" has wrong ownership'],
  events: ["BackOff: Back-off restarting failed container"],
  next: [
    { label: "see more", command: "kubectl logs web-3 --previous" },
    { label: "go back", command: "sts scale web --replicas=3" },
  ],
};

function write(mode: "plain" | "none" | "json" | "auto", events: ProgressEvent[], colours = false): string {
  const sink = testSink({ colours });
  const view = createProgressView(mode, sink, new HandClock());
  for (const event of events) view.show(event);
  view.close();
  return sink.text;
}

describe("plain progress", () => {
  it("says a failure as a person needs it", () => {
    expect(write("auto", [failed])).toMatchInlineSnapshot(`
      "✗ default/web: web-3 crashes on start (exit code 1, 4 restarts); web-4 waits for it
          log    FATAL: data directory "/var/lib/postgresql/data" has wrong ownership
          event  BackOff: Back-off restarting failed container
        see more    kubectl logs web-3 --previous
        go back     sts scale web --replicas=3
      "
    `);
  });

  it("says the same with colours", () => {
    const text = write("plain", [failed], true);
    expect(text).toContain("\u001b[31m✗ default/web: web-3 crashes");
    expect(sanitize(text)).toBe(write("plain", [failed]));
  });

  it("never says the same line twice", () => {
    const flapping = [
      podEvent(0, "NotReady", { from: "Ready" }),
      podEvent(0, "Ready", { from: "NotReady" }),
      podEvent(0, "NotReady", { from: "Ready" }),
      podEvent(0, "NotReady", { from: "Ready" }),
    ];
    const lines = write("plain", flapping).trimEnd().split("\n");
    expect(lines).toEqual([
      "default/web web-0: Ready → NotReady",
      "default/web web-0: NotReady → Ready",
      "default/web web-0: Ready → NotReady (2nd time)",
      "default/web web-0: Ready → NotReady (3rd time)",
    ]);
  });

  it("sums up hundreds of ordinals by the slowest", () => {
    const ordinals = Array.from({ length: 300 }, (_, ordinal) => ({
      ...{ ordinal, pod: `web-${ordinal}`, outcome: "ready" as const, ...still },
      seconds: ordinal,
    }));
    const done: EndEvent = {
      ...failed,
      state: "Done",
      message: "300 of 300 ready",
      ordinals,
      log: [],
      events: [],
      next: [],
    };
    const lines = write("plain", [done]).trimEnd().split("\n");
    expect(lines).toHaveLength(22);
    expect(lines.at(-2)).toBe("  and 280 quicker ones");
    expect(lines.at(-1)).toBe("default/web: done in 40.0 s");
  });

  it("says what is held on purpose", () => {
    const message = "3 of 3 ready; web-0 held at an older revision (partition 1)";
    const done: EndEvent = { ...failed, state: "Done", message, ordinals: [], log: [], events: [], next: [] };
    expect(write("plain", [done])).toBe(
      "default/web: done in 40.0 s; web-0 held at an older revision (partition 1)\n",
    );
  });
});

describe("no progress", () => {
  it("is silent but for a bad end", () => {
    const done: EndEvent = { ...failed, state: "Done" };
    expect(write("none", [podEvent(0, "Pending"), done])).toBe("");
    expect(write("none", [failed])).toBe(write("plain", [failed]));
  });
});

describe("text from the cluster", () => {
  it.each([
    ["\u001b[31mred\u001b[0m", "red"],
    ["\u001b]0;title\u0007text", "text"],
    ["\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\", "link"],
    ["a\u0008\u0000b\r", "ab"],
    ["\u009b31mred", "red"],
    ["\u202eabc\u2066", "abc"],
    ["tab\tstop", "tab  stop"],
  ])("%j becomes %j", (raw, safe) => {
    expect(sanitize(raw)).toBe(safe);
  });

  it("keeps ends of lines, or makes one line of them", () => {
    expect(sanitize("a\nb")).toBe("a\nb");
    expect(sanitizeLine("a\r\n  b")).toBe("a b");
    expect(sanitizeJson({ list: ["\u001b[2J"], number: 1, none: null })).toEqual({
      list: [""],
      number: 1,
      none: null,
    });
  });

  it("never leaves a control character", () => {
    const unit = fc.constantFrom("\u001b", "[", "]", "3", "m", "\u0007", "\u009b", "x", ";", "\\", "\r", "P");
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        // oxlint-disable-next-line no-control-regex -- they are what this is about
        expect(sanitizeLine(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }),
    );
  });
});

describe("widths", () => {
  it.each([
    ["abc", 3],
    ["漢字", 4],
    ["e\u0301", 1],
    ["🚀", 2],
    ["→ ⠹ …", 5],
  ])("%j takes %i cells", (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  it("cuts and fills to cells, whatever the characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(20), (raw, width) => {
        const text = sanitizeLine(raw);
        expect(textWidth(clip(text, width))).toBeLessThanOrEqual(Math.max(width, 0));
        expect(textWidth(pad(clip(text, width), width))).toBe(width);
      }),
    );
  });
});
