import fs from "node:fs";
import path from "node:path";
import { describe, expect, vi } from "vitest";
import { DataFolder } from "../../../src/sandbox/data/folder.js";
import type { Disk } from "../../../src/sandbox/data/journal.js";
import { Store } from "../../../src/sandbox/store/store.js";
import { contents, named, openStore } from "./store.js";
import { it } from "./support.js";

/** A disk with room for so many bytes more, which writes what fits. */
class SmallDisk implements Disk {
  room = Number.POSITIVE_INFINITY;
  fails = false;
  syncs = 0;

  write(fd: number, bytes: Buffer, offset: number, length: number, position: number): number {
    if (this.room === 0)
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    const written = fs.writeSync(fd, bytes, offset, Math.min(length, this.room), position);
    this.room -= written;
    return written;
  }

  async sync(): Promise<void> {
    this.syncs += 1;
    if (this.fails) throw new Error("EIO: i/o error, fdatasync");
  }
}

function isRefused(write: () => void): boolean {
  try {
    write();
    return false;
  } catch {
    return true;
  }
}

describe("a disk that fails", () => {
  it("refuses what does not fit, keeps what was there, and goes on when there is room", async ({ dir }) => {
    const disk = new SmallDisk();
    const { folder, store } = await openStore(dir, { disk });
    store.put("configmaps", "ns/a", named("a"));
    const before = { contents: contents(store), revision: store.revision };
    for (const room of [0, 1, 50, 150]) {
      disk.room = room;
      expect(() => store.put("configmaps", "ns/b", named("b", { data: { long: "x".repeat(500) } }))).toThrow(
        /ENOSPC/,
      );
      expect({ contents: contents(store), revision: store.revision }).toEqual(before);
    }
    expect(() => store.remove("configmaps", "ns/a", named("a"))).toThrow(/ENOSPC/);
    disk.room = Number.POSITIVE_INFINITY;
    store.put("configmaps", "ns/c", named("c"));
    await folder.close();
    const again = await DataFolder.open(dir);
    expect(contents(new Store({ from: again.found }))).toEqual(contents(store));
    await again.close();
  });

  it("keeps the old file when there is no room for a snapshot, and tries again later", async ({ dir }) => {
    const disk = new SmallDisk();
    const errors: unknown[] = [];
    const onError = (error: unknown) => errors.push(error);
    const { folder, store } = await openStore(dir, { disk, slackBytes: 1_000, onError });
    const write = (round: number) =>
      store.put("configmaps", "ns/a", named("a", { data: { round: String(round) } }));
    // What is appended fits, the snapshot beside it does not.
    const whole = disk.write.bind(disk);
    let appended: number | undefined;
    disk.write = (fd, ...rest) => {
      appended ??= fd;
      if (fd !== appended) throw new Error("ENOSPC: no space left on device, write");
      return whole(fd, ...rest);
    };
    for (let round = 0; errors.length < 3; round += 1) {
      write(round);
      await new Promise(setImmediate);
    }
    expect(String(errors[0])).toMatch(/ENOSPC/);
    await folder.close();
    const again = await DataFolder.open(dir);
    expect(contents(new Store({ from: again.found }))).toEqual(contents(store));
    await again.close();
  });

  it("takes no more writes when the disk has lost some", async ({ dir }) => {
    const disk = new SmallDisk();
    const { folder, store } = await openStore(dir, { disk, syncMilliseconds: 0 });
    disk.fails = true;
    store.put("configmaps", "ns/a", named("a"));
    const failed = disk.syncs;
    while (disk.syncs === failed) await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(() => store.put("configmaps", "ns/b", named("b"))).toThrow("what was written may be lost: EIO");
    await expect(folder.close()).rejects.toThrow("EIO");
    await (await DataFolder.open(dir)).close();
  });

  it("goes on in a new file when the disk does", async ({ dir }) => {
    const disk = new SmallDisk();
    const { folder, store } = await openStore(dir, { disk, syncMilliseconds: 0 });
    disk.fails = true;
    store.put("configmaps", "ns/a", named("a"));
    const put = () => store.put("configmaps", "ns/b", named("b"));
    await expect.poll(() => isRefused(put)).toBe(true);
    disk.fails = false;
    await expect.poll(() => isRefused(put)).toBe(false);
    await folder.close();
    const again = await DataFolder.open(dir);
    expect(contents(new Store({ from: again.found }))).toEqual(contents(store));
    await again.close();
  });

  it("has in a new file, on the disk, what it had there in the old one", async ({ dir }) => {
    const disk = new SmallDisk();
    const { folder, store } = await openStore(dir, { disk, syncMilliseconds: 0, slackBytes: 500 });
    const draft = path.join(dir, "objects.log.new");
    let certain = "";
    const held: string[] = [];
    disk.sync = async () => {
      certain = fs.existsSync(draft) ? fs.readFileSync(draft, "utf8") : "";
      if (certain === "" || held.push(certain) > 1) return;
      // While the snapshot is being synced, this is written, and is on the disk at once: of the old file.
      store.put("configmaps", "ns/late", named("late"));
      const old = path.join(dir, "objects.log");
      await expect.poll(() => fs.readFileSync(old, "utf8").slice(-100)).toMatch(/\["synced",\d+\]\n$/);
      certain = fs.readFileSync(draft, "utf8");
    };
    const rename = vi.spyOn(fs, "renameSync");
    rename.mockImplementation((...names) => {
      expect(certain).toContain('"name":"late"');
      rename.mockRestore();
      fs.renameSync(...names);
    });
    for (let round = 0; held.length === 0; round += 1) {
      store.put("configmaps", `ns/${round}`, named(String(round)));
      await new Promise(setImmediate);
    }
    await folder.close();
    expect(vi.isMockFunction(fs.renameSync)).toBe(false);
    const again = await DataFolder.open(dir);
    expect(contents(new Store({ from: again.found }))).toEqual(contents(store));
    await again.close();
  });

  it("has the very write that makes the log too long", async ({ dir }) => {
    const { folder, store } = await openStore(dir, { slackBytes: 1_000 });
    for (let round = 0; round < 200; round += 1) {
      store.put("configmaps", `ns/${round}`, named(String(round)));
      await new Promise(setImmediate);
    }
    await folder.close();
    const again = await DataFolder.open(dir);
    expect(contents(new Store({ from: again.found }))).toEqual(contents(store));
    await again.close();
  });

  it("syncs many writes at a time", async ({ dir }) => {
    const disk = new SmallDisk();
    const { folder, store } = await openStore(dir, { disk, syncMilliseconds: 60_000 });
    const before = disk.syncs;
    for (let round = 0; round < 100; round += 1) store.put("configmaps", `ns/${round}`, named(`${round}`));
    expect(disk.syncs).toBe(before);
    await folder.close();
    expect(disk.syncs).toBe(before + 1);
  });
});
