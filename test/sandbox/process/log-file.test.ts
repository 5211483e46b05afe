import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LogEntry } from "../../../src/sandbox/log.js";
import { LogFile, olderLog } from "../../../src/sandbox/process/log-file.js";
import { followLog, lastLines } from "../../../src/sandbox/process/read-log.js";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sts-log-"));
  file = path.join(folder, "requests");
});
afterEach(() => rm(folder, { recursive: true }));

const note = (text: string): LogEntry => ({ type: "fault", at: 0, text });
const line = (text: string) => `1970-01-01T00:00:00.000Z fault: ${text}`;

describe("LogFile", () => {
  it("keeps what was written before there was a file, and is read by its owner alone", async () => {
    const log = new LogFile();
    log.write(note("early"));
    log.open(file);
    log.write(note("late"));
    await log.close();
    expect(await readFile(file, "utf8")).toBe(`${line("early")}\n${line("late")}\n`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await lastLines(file, 1)).toMatchObject({ lines: [line("late")] });
  });

  it("never has more than two files of its limit", async () => {
    const log = new LogFile(1_000);
    log.open(file);
    for (let serial = 0; serial < 60; serial += 1) {
      log.write(note(`number ${serial}`));
      // Written by itself.
      await expect
        .poll(async () => (await lastLines(file)).lines.at(-1), { interval: 5 })
        .toBe(line(`number ${serial}`));
    }
    await log.close();
    for (const one of [file, olderLog(file)]) expect((await stat(one)).size).toBeLessThanOrEqual(1_000);
    const { lines } = await lastLines(file);
    expect(lines.length).toBeGreaterThan(20);
    const last = Array.from({ length: lines.length }, (_, index) =>
      line(`number ${60 - lines.length + index}`),
    );
    expect(lines).toEqual(last);
  });

  it("loses nothing of a first writing that is larger than a file is to be", async () => {
    const log = new LogFile(1_000);
    for (let serial = 0; serial < 60; serial += 1) log.write(note(`number ${serial}`));
    log.open(file);
    await log.close();
    expect((await lastLines(file)).lines).toHaveLength(60);
  });

  it("takes no harm from a folder that is gone", async () => {
    const log = new LogFile();
    log.open(path.join(folder, "none", "requests"));
    log.write(note("lost"));
    await log.close();
    expect((await lastLines(path.join(folder, "none", "requests"))).lines).toEqual([]);
  });
});

describe("followLog", () => {
  it("sees each line once, over changes of files, until it is over", async () => {
    const log = new LogFile(300);
    log.open(file);
    log.write(note("before"));
    await expect.poll(async () => (await lastLines(file)).lines.length).toBe(1);
    const { offset } = await lastLines(file);
    const seen: string[] = [];
    let written = 0;
    await followLog(file, offset, {
      onLine: (text) => seen.push(text),
      async sleep() {
        log.write(note(`number ${written++}`));
        const newest = line(`number ${written - 1}`);
        await expect.poll(async () => (await lastLines(file)).lines.at(-1), { interval: 5 }).toBe(newest);
      },
      goesOn: async () => written < 20,
    });
    await log.close();
    expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => line(`number ${index}`)));
  });

  it("ends with what sleeping rejects with", async () => {
    const sleep = () => Promise.reject(new Error("interrupted"));
    const following = followLog(file, 0, { onLine: () => undefined, sleep, goesOn: async () => true });
    await expect(following).rejects.toThrow("interrupted");
  });
});
