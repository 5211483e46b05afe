import { defineConfig } from "vitest/config";

const unit = ["core", "view", "cluster", "commands", "sandbox", "program"].map(
  (part) => `test/${part}/**/*.test.ts`,
);

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: [...unit, "test/*.test.ts"], testTimeout: 20_000 } },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          globalSetup: ["test/e2e/support/global-setup.ts"],
          pool: "forks",
          maxWorkers: 2,
        },
      },
    ],
  },
});
