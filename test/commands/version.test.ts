import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { main } from "../../src/main.js";
import { startSandboxed, type Sandboxed } from "../support/sandboxed.js";
import { testContext } from "../support/test-context.js";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

let world: Sandboxed;
beforeAll(async () => {
  world = await startSandboxed();
});
afterAll(() => world.stop());

it("names both versions, as kubectl does", async () => {
  const { code, out } = await world.run(["version"]);
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`^Client Version: v${version}\nServer Version: v1\\.37\\.\\d+\\S*\n$`));
  const { out: json } = await world.run(["version", "-o", "json"]);
  expect(JSON.parse(json)).toMatchObject({
    clientVersion: { gitVersion: `v${version}` },
    serverVersion: { minor: "37" },
  });
});

it("asks no cluster with --client", async () => {
  const context = testContext();
  expect(await main(["version", "--client", "-o", "yaml"], context)).toBe(0);
  expect(context.out.text).toBe(`clientVersion:\n  gitVersion: v${version}\n`);
});

it("says its own version even where the server cannot be reached", async () => {
  const context = testContext();
  expect(await main(["version"], context)).toBe(1);
  expect(context.out.text).toBe(`Client Version: v${version}\n`);
  expect(context.err.text).toContain("error: ");
});
