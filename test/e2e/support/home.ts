import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { type Result, type RunOptions, startProcess } from "./process.js";

/** A home of one's own, and the `sts` of it; sandboxes that a test leaves are ended after it. */
export interface Home {
  directory: string;
  env: Record<string, string>;
  sts(...args: string[]): Promise<Result>;
  start(args: readonly string[], options?: RunOptions): ReturnType<typeof startProcess>;
  /** All files under the home, with those that a sandbox keeps. */
  files(): string[];
}

export const it = test.extend<{ home: Home }>({
  home: async ({ task: _task }, use) => {
    const directory = mkdtempSync(path.join(tmpdir(), "sts-home-"));
    const runtime = path.join(directory, "run");
    mkdirSync(runtime, { mode: 0o700 });
    const env = {
      HOME: directory,
      TMPDIR: runtime,
      XDG_RUNTIME_DIR: runtime,
      XDG_STATE_HOME: path.join(directory, "state"),
    };
    const start = (args: readonly string[], options?: RunOptions) =>
      startProcess(args, { env, cwd: directory }, options);
    const files = () =>
      readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => path.join(entry.parentPath, entry.name));
    try {
      await use({ directory, env, files, start, sts: (...args) => start(args).ended });
    } finally {
      for (const name of ["default", "one", "two"]) await start(["sandbox", "down", "--name", name]).ended;
      rmSync(directory, { recursive: true, force: true });
    }
  },
});

/** The file that the printed `export` names. */
export function kubeconfigOf({ stdout }: Result): string {
  const [, file = ""] = /^export KUBECONFIG=(.+)\n$/.exec(stdout) ?? [];
  expect(file, stdout).not.toBe("");
  return file;
}
