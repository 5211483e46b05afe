import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, readdir, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { systemFiles } from "../../src/host/files.js";

describe("systemFiles", () => {
  it("writes whole files of mode 0600 in folders it makes, and leaves nothing else behind", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "sts-files-"));
    const file = path.join(folder, "backup", "claim.yaml");
    await systemFiles.write(file, "one");
    await systemFiles.write(file, "two");
    expect(await readFile(file, "utf8")).toBe("two");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(path.dirname(file))).toEqual(["claim.yaml"]);
  });

  it("leaves nothing behind of a file that could not be written", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "sts-files-"));
    await systemFiles.write(path.join(folder, "taken", "x"), "one");
    await expect(systemFiles.write(path.join(folder, "taken"), "two")).rejects.toMatchObject({
      code: "EISDIR",
    });
    expect(await readdir(folder)).toEqual(["taken"]);
    expect(await readdir(path.join(folder, "taken"))).toEqual(["x"]);
  });

  it("gives up where no folder can be made", async () => {
    const nowhere = process.platform === "linux" ? "/proc/sts/none/x" : "/dev/null/none/x";
    await expect(systemFiles.write(nowhere, "one")).rejects.toMatchObject({
      code: expect.stringMatching(/^(ENOENT|ENOTDIR|EACCES)$/) as string,
    });
  });

  it("makes nested folders for several files at a time", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "sts-files-"));
    const files = ["one", "two", "three"].map((name) => path.join(folder, "a", "b", "c", name));
    await Promise.all(files.map((file) => systemFiles.write(file, "text")));
    expect(await readdir(path.join(folder, "a", "b", "c"))).toEqual(["one", "three", "two"]);
    expect((await stat(path.join(folder, "a"))).mode & 0o777).toBe(0o700);
  });

  it("adds to the end of a file, and makes one where there is none", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "sts-files-"));
    const file = path.join(folder, "summary.md");
    await systemFiles.append(file, "one\n");
    await systemFiles.append(file, "two\n");
    expect(await readFile(file, "utf8")).toBe("one\ntwo\n");
    await expect(systemFiles.append(path.join(file, "x"), "")).rejects.toMatchObject({ code: "ENOTDIR" });
  });

  it("reads nothing larger than is wanted, and waits for no pipe's writer", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "sts-files-"));
    const file = path.join(folder, "claim.json");
    await systemFiles.write(file, "12345");
    expect((await systemFiles.read(file, 5)).toString()).toBe("12345");
    await expect(systemFiles.read(file, 4)).rejects.toMatchObject({ code: "EFBIG" });
    await expect(systemFiles.read("/dev/zero", 4)).rejects.toMatchObject({ code: "EFBIG" });
    execFileSync("mkfifo", [path.join(folder, "pipe")]);
    expect((await systemFiles.read(path.join(folder, "pipe"), 4)).toString()).toBe("");
  });

  it("lists folders in order, and says when a path is none", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "sts-files-"));
    await systemFiles.write(path.join(folder, "b.yaml"), "");
    await systemFiles.write(path.join(folder, "a", "c.yaml"), "");
    expect(await systemFiles.list(folder)).toEqual([
      { name: "a", isFolder: true },
      { name: "b.yaml", isFolder: false },
    ]);
    expect(await systemFiles.list(path.join(folder, "b.yaml"))).toBeUndefined();
    await expect(systemFiles.list(path.join(folder, "none"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});
