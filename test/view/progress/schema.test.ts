import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { ConnectionError } from "../../../src/cluster/errors.js";
import { kinds } from "../../../src/core/kinds.js";
import { InterruptedError } from "../../../src/errors.js";
import { scaledToFour, startFollow } from "../../support/follow-driver.js";
import { HandClock } from "../../support/hand-clock.js";
import { testSink } from "../../support/test-context.js";
import { messagesAsJson } from "../../../src/view/progress/messages.js";
import { makeClaim, makeEvent, makePod, makeSet } from "../../support/objects.js";

const schema = JSON.parse(
  readFileSync(new URL("../../../docs/progress.schema.json", import.meta.url), "utf8"),
);
const ajv = new Ajv2020({ allErrors: true, strict: true });
ajv.addFormat("date-time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const isValid = ajv.compile(schema);

type Line = Record<string, unknown>;

function read(text: string): Line[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

/** A run in which something of everything happens: it ends in a failure. */
async function eventfulRun(): Promise<Line[]> {
  const { cluster, before } = scaledToFour();
  const written = makeSet({ replicas: 4, generation: 2, claims: ["www"], status: { readyReplicas: 3 } });
  cluster.put(kinds.statefulSet, written);
  cluster.log = "\u001b[31mFATAL\u001b[0m\n";
  const { clock, result, err } = startFollow([{ written, before, notes: ["a note"] }], {
    cluster,
    progress: "json",
  });
  cluster.put(kinds.pod, makePod(3, "unschedulable", { at: "2026-11-21T10:00:00Z" }));
  cluster.put(kinds.claim, makeClaim("www-web-3", "Pending"));
  await clock.advance(35_000);
  cluster.put(kinds.claim, makeClaim("www-web-3", "Bound"));
  cluster.onWarning?.("policy/v1beta1 is deprecated");
  cluster.lose({ since: clock.now(), error: new ConnectionError("refused") });
  await clock.advance(15_000);
  cluster.lose(undefined);
  cluster.put(kinds.event, makeEvent("BackOff", "Back-off restarting", { about: "web-3", uid: "web-3-a" }));
  cluster.put(kinds.pod, makePod(3, "crash", { restarts: 2 }));
  await clock.advance(0);
  await result;
  return read(err.text);
}

describe("docs/progress.schema.json", () => {
  it("describes every event of a run in which everything happens", async () => {
    const lines = await eventfulRun();
    for (const line of lines)
      expect(isValid(line), `${JSON.stringify(line)} ${ajv.errorsText(isValid.errors)}`).toBe(true);
    const types = new Set(lines.map(({ type }) => type));
    const described = Object.keys(schema.$defs);
    // Messages come from commands, not from following; a soak comes before a good end.
    expect([...types, "message", "soak"].sort()).toEqual(described.sort());
  });

  it("describes what a command says beside its events", () => {
    const sink = testSink();
    const events = messagesAsJson(sink, new HandClock());
    events.write("note: pods may not be read here\n\n  and \u001b[31mmore\n");
    events.write(`{"v":1,"time":"2026-11-21T10:00:00.000Z","type":"message","message":"as it is"}\n`);
    const lines = read(sink.text);
    for (const line of lines) expect(isValid(line), ajv.errorsText(isValid.errors)).toBe(true);
    expect(lines.map(({ message }) => message)).toEqual([
      "note: pods may not be read here",
      "and more",
      "as it is",
    ]);
    expect(events.columns).toBe(80);
  });

  it("describes every event that was recorded on a real control plane (1.37)", () => {
    const recorded = new URL("../../fixtures/progress/recorded/real-1.37.jsonl", import.meta.url);
    const lines = read(readFileSync(recorded, "utf8"));
    for (const line of lines)
      expect(isValid(line), `${JSON.stringify(line)} ${ajv.errorsText(isValid.errors)}`).toBe(true);
    expect(lines.filter(({ type }) => type === "end").map(({ state }) => state)).toEqual([
      "Done",
      "Done",
      "Done",
      "Failed",
    ]);
  });

  it("describes an interrupted run", async () => {
    const { cluster, written, before } = scaledToFour();
    const { clock, result, err, interruption } = startFollow([{ written, before }], {
      cluster,
      progress: "json",
    });
    await clock.advance(10);
    interruption.abort(new InterruptedError("SIGTERM"));
    await result;
    const last = read(err.text).at(-1);
    expect(isValid(last), ajv.errorsText(isValid.errors)).toBe(true);
    expect(last).toMatchObject({ type: "end", state: "Interrupted", exitCode: 143 });
  });

  it("describes a rollout that was soaked", async () => {
    const { cluster, before } = scaledToFour();
    const pods = [...before.slice(0, 2), makePod(2, "terminating")];
    const written = makeSet({ update: "b", partition: 2, generation: 2 });
    cluster.put(kinds.statefulSet, written);
    cluster.put(kinds.pod, ...pods);
    const goal = { type: "settled" as const };
    const { clock, result, err } = startFollow([{ written, before, goal, soakMs: 5_000 }], {
      ...{ cluster, progress: "json", operation: "rollout" },
    });
    await clock.advance(2_000);
    cluster.put(kinds.pod, makePod(2, "ready", { revision: "b" }));
    await clock.advance(5_000);
    await result;
    const lines = read(err.text);
    for (const line of lines) expect(isValid(line), ajv.errorsText(isValid.errors)).toBe(true);
    expect(lines.map(({ type }) => type)).toContain("soak");
    expect(lines.at(-1)).toMatchObject({
      ...{ type: "end", operation: "rollout", state: "Done" },
      ordinals: [
        {
          ...{ pod: "web-2", from: 0, seconds: 2, restarts: [], outcome: "ready" },
          ...{ revisionBefore: "web-a", revisionAfter: "web-b" },
          stretches: [{ phase: "terminating", from: 0, to: 2 }],
        },
      ],
    });
  });

  it("has the example of the pages", () => {
    const pod = { set: "web", namespace: "default", ordinal: 3, pod: "web-3" };
    const change = { from: "Pending", to: "Running", revision: "web-6d9f8" };
    expect(isValid({ v: 1, time: "2026-11-21T10:04:05.120Z", type: "pod", ...pod, ...change })).toBe(true);
  });

  it.each([{ v: 2 }, { type: "pods" }, { ordinal: -1 }, { extra: 1 }, { time: "yesterday" }])(
    "refuses what is no event: %o",
    (wrong) => {
      const pod = { set: "web", namespace: "default", ordinal: 3, pod: "web-3", to: "Running" };
      expect(isValid({ v: 1, time: "2026-11-21T10:04:05.120Z", type: "pod", ...pod, ...wrong })).toBe(false);
    },
  );

  it("is kept to without escape sequences from the cluster", async () => {
    const lines = await eventfulRun();
    expect(lines.at(-1)).toMatchObject({ type: "end", log: ["FATAL"] });
  });
});
