import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { Cluster } from "../src/cluster/index.js";
import { ClosedPipeError, InterruptedError } from "../src/errors.js";
import { main } from "../src/main.js";
import { HandClock } from "./support/hand-clock.js";
import { testContext } from "./support/test-context.js";

/** A server that takes requests and never answers. */
const silent = {
  namespace: "default",
  get: () => new Promise(() => undefined),
  close: () => undefined,
} as unknown as Cluster;

describe("a command that is called off while no answer comes", () => {
  it.each([
    [new InterruptedError("SIGINT"), 130],
    [new InterruptedError("SIGTERM"), 143],
    [new ClosedPipeError("closed"), 0],
  ])("%s ends with code %i after two seconds, without a word", async (reason, code) => {
    const clock = new HandClock();
    const interruption = new AbortController();
    const context = testContext({ clock, signal: interruption.signal, cluster: silent });
    let ended: number | undefined;
    const running = main(["scale", "web", "--replicas=3"], context).then((result) => (ended = result));
    await clock.advance(60_000);
    interruption.abort(reason);
    await clock.advance(1_999);
    expect(ended).toBeUndefined();
    await clock.advance(1);
    expect(ended).toBe(code);
    await running;
    expect(context.out.text + context.err.text).toBe("");
  });
});

it("sandbox run waits for a command that goes on after Ctrl-C, and ends as that does", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "sts-main-"));
  const [begun, enough] = [path.join(folder, "begun"), path.join(folder, "enough")];
  const script = `
    const fs = require("node:fs");
    fs.writeFileSync(process.argv[1], "");
    setInterval(() => fs.existsSync(process.argv[2]) && process.exit(9), 20);`;
  const clock = new HandClock();
  const interruption = new AbortController();
  const context = testContext({ clock, signal: interruption.signal });
  const command = [process.execPath, "-e", script, begun, enough];
  let ended: number | undefined;
  const running = main(["sandbox", "run", "--", ...command], context).then((code) => (ended = code));
  await expect.poll(() => existsSync(begun), { timeout: 20_000 }).toBe(true);
  interruption.abort(new InterruptedError("SIGINT"));
  await clock.advance(60_000);
  expect(ended).toBeUndefined();
  writeFileSync(enough, "");
  expect(await running).toBe(9);
  rmSync(folder, { recursive: true });
});
