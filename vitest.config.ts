import { defineConfig } from "vitest/config";

const unit = ["host", "core", "view", "cluster", "commands", "sandbox"].map(
  (part) => `test/${part}/**/*.test.ts`,
);
const report = process.env["STS_TEST_REPORT"];

export default defineConfig({
  test: {
    // The JSON report is for .ci/run, which counts the tests.
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
    projects: [
      { test: { name: "unit", include: [...unit, "test/*.test.ts"], testTimeout: 60_000 } },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          globalSetup: ["test/e2e/support/global-setup.ts"],
          pool: "forks",
          maxWorkers: 2,
          // A machine that stalls for seconds is no fault of the tool. `.ci/run` names what passed only when tried again.
          retry: process.env["CI"] ? 1 : 0,
          // After the unit tests: both at once would slow each other down.
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "conformance",
          include: ["test/conformance/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          globalSetup: ["test/conformance/support/global-setup.ts"],
          pool: "forks",
          // One file at a time: some look at all nodes, or at all namespaces. Within a file scenarios run side by side, each
          // in a namespace of its own.
          maxWorkers: 1,
          maxConcurrency: 8,
          retry: process.env["CI"] ? 1 : 0,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
