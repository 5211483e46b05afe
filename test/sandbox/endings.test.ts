import { expect, it } from "vitest";
import { Endings } from "../../src/sandbox/endings.js";

it("who ends it meanwhile waits for all of it, too, and is told what failed", async () => {
  const endings = new Endings();
  const done: string[] = [];
  let release = () => {};
  const slow = new Promise<void>((resolve) => (release = resolve));
  endings.add(() => void done.push("first"));
  endings.add(() => Promise.reject(new Error("cannot end")));
  endings.add(() => slow);
  const told = [endings.run(), endings.run()].map((ended) =>
    ended.catch((error: unknown) => done.push(String(error))),
  );
  await new Promise(setImmediate);
  expect(done).toEqual([]);
  release();
  await Promise.all(told);
  expect(done).toEqual(["first", "Error: cannot end", "Error: cannot end"]);
});
