import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect } from "vitest";
import { DataFolder } from "../../../src/sandbox/data/folder.js";
import { encodeRecord } from "../../../src/sandbox/data/records.js";
import { Store } from "../../../src/sandbox/store/store.js";
import { contents, header, named, openStore } from "./store.js";
import { it } from "./support.js";

const file = (dir: string) => path.join(dir, "objects.log");

/** Some writes of each kind. Returns the size of the file after each, with what the store then had. */
function writeSome(dir: string, store: Store): { size: number; contents: object }[] {
  const state = () => ({ size: readFileSync(file(dir)).length, contents: contents(store) });
  const states = [state()];
  const write = (act: () => void) => {
    act();
    states.push(state());
  };
  write(() => store.put("configmaps", "ns/a", named("a", { data: { text: "one\ntwo ü \u2028" } })));
  write(() => store.put("configmaps", "ns/b", named("b")));
  write(() => store.put("configmaps", "ns/a", named("a", { data: { __proto__: null, text: "three" } })));
  write(() => store.remove("configmaps", "ns/b", named("b")));
  write(() => store.put("secrets", "ns/b", named("b")));
  return states;
}

describe("a folder of data", () => {
  it("gives back what was written, under numbers never given before", async ({ dir }) => {
    const { folder, store } = await openStore(dir);
    writeSome(dir, store);
    await folder.close();
    const again = await openStore(dir);
    expect(contents(again.store)).toEqual(contents(store));
    expect(again.store.revision).toBeGreaterThan(store.revision);
    expect(() => again.store.changesAfter("configmaps", store.revision)).toThrow("too old resource version");
    expect(Object.isFrozen(again.store.get("configmaps", "ns/a")?.metadata)).toBe(true);
    await again.folder.close();
  });

  it("outlives an end at any byte: whole lines count, the rest is cut off", async ({ dir }) => {
    const { folder, store } = await openStore(dir);
    const states = writeSome(dir, store);
    const bytes = readFileSync(file(dir));
    await folder.close();
    for (let length = states[0]?.size ?? 0; length <= bytes.length; length += 1) {
      writeFileSync(file(dir), bytes.subarray(0, length));
      const again = await DataFolder.open(dir);
      const { contents: expected } = states.findLast(({ size }) => size <= length) ?? {};
      expect(contents(new Store({ from: again.found })), `cut at ${length}`).toEqual(expected);
      expect(again.found?.revision).toBeGreaterThan(store.revision);
      await again.close();
    }
  });

  it("takes a bad byte at the end for a lost write, and refuses one that was on the disk", async ({
    dir,
  }) => {
    const { folder, store } = await openStore(dir);
    const [{ size } = { size: 0 }] = writeSome(dir, store);
    const bytes = readFileSync(file(dir));
    await folder.close();
    for (let at = 0; at < bytes.length; at += 7) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      writeFileSync(file(dir), damaged);
      const opened = await DataFolder.open(dir).then(
        (again) => again.close(),
        (error: unknown) => String(error),
      );
      // The last line of the snapshot is the mark itself.
      const certain = at < bytes.lastIndexOf("\n", size - 2);
      if (certain) expect(opened, `byte ${at}`).toMatch(/objects\.log is damaged/);
      else expect(opened, `byte ${at}`).toBeUndefined();
    }
    expect(readdirSync(dir)).toEqual(["objects.log"]);
  });

  it("is made one snapshot again when the log outgrows it, with what is written meanwhile", async ({
    dir,
  }) => {
    const { folder, store } = await openStore(dir, { slackBytes: 2_000 });
    const write = (round: number) =>
      store.put("configmaps", `ns/${round % 7}`, named(`${round % 7}`, { data: { round: String(round) } }));
    let round = 0;
    for (; round < 2_000; round += 1) {
      write(round);
      if (round % 11 === 0) await new Promise(setImmediate);
    }
    // However slow the disk is: what came while one snapshot was taken goes into the next.
    await expect
      .poll(
        () => {
          write((round += 1));
          return readFileSync(file(dir)).length;
        },
        { timeout: 10_000, interval: 5 },
      )
      .toBeLessThan(10_000);
    await folder.close();
    const again = await openStore(dir);
    expect(contents(again.store)).toEqual(contents(store));
    await again.folder.close();
    expect(readdirSync(dir)).toEqual(["objects.log"]);
  });

  it.runIf(process.platform === "linux")(
    "is one sandbox's at a time; what a dead one has left is no obstacle",
    async ({ dir }) => {
      const { folder } = await openStore(dir);
      await expect(DataFolder.open(dir)).rejects.toThrow(
        `${dir} is in use by another sandbox (process ${process.pid})`,
      );
      await folder.close();
      const other = spawn("sleep", ["60"]);
      const stat = readFileSync(`/proc/${other.pid}/stat`, "utf8");
      const start = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
      await writeFile(path.join(dir, `lock.${other.pid}.${start}`), "");
      await expect(DataFolder.open(dir)).rejects.toThrow(`(process ${other.pid})`);
      // Its number, but not its time of birth.
      await rm(path.join(dir, `lock.${other.pid}.${start}`));
      await writeFile(path.join(dir, `lock.${other.pid}.1`), "");
      await (await DataFolder.open(dir)).close();
      other.kill("SIGKILL");
      await once(other, "exit");
      await writeFile(path.join(dir, `lock.${other.pid}.${start}`), "");
      await (await DataFolder.open(dir)).close();
      expect(readdirSync(dir)).toEqual(["objects.log"]);
    },
  );

  it("is left alone when it is somebody else's, no folder, or of a newer program", async ({ dir }) => {
    await mkdir(path.join(dir, "photos"));
    await expect(DataFolder.open(dir)).rejects.toThrow("is not empty, and nothing in it is of a sandbox");
    await writeFile(path.join(dir, "photos", "file"), "");
    await expect(DataFolder.open(path.join(dir, "photos", "file"))).rejects.toThrow("is not a folder");
    await expect(DataFolder.open(path.join(dir, "photos", "file", "x"))).rejects.toThrow("is not a folder");
    await rm(path.join(dir, "photos"), { recursive: true });
    await writeFile(file(dir), encodeRecord(["sandbox", { ...header, format: 2 }]));
    await expect(DataFolder.open(dir)).rejects.toThrow("written by a newer sts (format 2, this one knows 1)");
    for (const text of ["", "something else\n"]) {
      await writeFile(file(dir), text);
      await expect(DataFolder.open(dir)).rejects.toThrow("is damaged, or no sandbox's");
    }
    expect(readdirSync(dir)).toEqual(["objects.log"]);
  });

  it("takes no notice of a new file that was never finished", async ({ dir }) => {
    const { folder, store } = await openStore(dir);
    writeSome(dir, store);
    await folder.close();
    appendFileSync(`${file(dir)}.new`, "half of a snap");
    const again = await openStore(dir);
    expect(contents(again.store)).toEqual(contents(store));
    await again.folder.close();
    expect(readdirSync(dir)).toEqual(["objects.log"]);
  });
});
