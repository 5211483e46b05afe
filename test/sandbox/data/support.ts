import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "vitest";

/** A test with a folder of its own, which goes afterwards. */
export const it = test.extend<{ dir: string }>({
  dir: async ({ task: _task }, use) => {
    const dir = await mkdtemp(path.join(tmpdir(), "sts-data-test-"));
    try {
      await use(dir);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  },
});
