import { mkdtempSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { systemMachine } from "../../src/host/machine.js";
import { eventually } from "../support/eventually.js";

interface RunOptions {
  env?: Record<string, string>;
  signal?: AbortSignal;
}

async function run(command: string, { env = {}, signal = new AbortController().signal }: RunOptions = {}) {
  let text = "";
  const onOutput = (more: string) => {
    text += more;
  };
  const code = await systemMachine.run(command, { env, onOutput, signal });
  return { code, text };
}

const folder = () => mkdtempSync(path.join(os.tmpdir(), "sts-machine-"));
/** The process whose id a command has written down. */
const pidIn = (file: string) =>
  eventually("a process id", () => Number.parseInt(readFileSync(file, "utf8"), 10) || undefined);
const untilGone = (pid: number) =>
  eventually(`process ${pid} to end`, () => (systemMachine.isRunning(pid) ? undefined : true), {
    timeout: 5_000,
  });

describe("a command that is run", () => {
  it("has the environment, no input, and its output and exit code are told", async () => {
    const { code, text } = await run("cat; echo $STS_STEP; echo no >&2; exit 3", { env: { STS_STEP: "2" } });
    expect(code).toBe(3);
    expect(text).toContain("2\n");
    expect(text).toContain("no\n");
  });

  it("has not said yes when it was ended by a signal, or is not there", async () => {
    expect((await run("kill -9 $$")).code).not.toBe(0);
    expect((await run("./there-is-no-such-command")).code).toBe(127);
  });

  it("is over with its shell, and what it left in the background is ended", async () => {
    const file = path.join(folder(), "pid");
    const { code, text } = await run(`sleep 100 & echo $! > ${file}; echo ok`);
    expect({ code, text }).toEqual({ code: 0, text: "ok\n" });
    await untilGone(await pidIn(file));
  });

  it.each([
    ["all that it started", (file: string) => `sleep 100 & echo $! > ${file}; wait; true`],
    ["what does not want to", (file: string) => `trap '' TERM; echo $$ > ${file}; while :; do sleep 1; done`],
  ])("is ended when it is called off: %s", async (_what, command) => {
    const file = path.join(folder(), "pid");
    const calling = new AbortController();
    const running = run(command(file), { signal: calling.signal });
    const pid = await pidIn(file);
    calling.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
    await untilGone(pid);
  });

  it.each([
    ["it is over", (file: string) => `setsid sleep 100 & echo $! > ${file}; echo ok`, false],
    ["it is called off", (file: string) => `setsid sleep 100 & echo $! > ${file}; wait; true`, true],
  ])("does not wait for what is out of its reach once %s", async (_when, command, isCalledOff) => {
    const file = path.join(folder(), "pid");
    const calling = new AbortController();
    const running = run(command(file), { signal: calling.signal });
    const pid = await pidIn(file);
    try {
      if (isCalledOff) calling.abort(new Error("enough"));
      await (isCalledOff ? expect(running).rejects.toThrow("enough") : running);
      expect(systemMachine.isRunning(pid)).toBe(true);
    } finally {
      process.kill(pid, "SIGKILL");
    }
  });

  it("is not begun when it was called off before", async () => {
    await expect(run("true", { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  });
});

describe("the machine", () => {
  it("knows this process, and that others are gone", async () => {
    const { host, pid, who } = systemMachine.identity();
    expect({ host, pid }).toEqual({ host: os.hostname(), pid: process.pid });
    expect(who).toMatch(/.+@/);
    expect(systemMachine.isRunning(process.pid)).toBe(true);
    const { text } = await run("echo $$");
    expect(systemMachine.isRunning(Number(text))).toBe(false);
  });
});
