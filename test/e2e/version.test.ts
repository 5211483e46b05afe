import { describe, expect } from "vitest";
import { it } from "./support/cluster.js";
import { openTerminal } from "./support/pty.js";

describe("sts version", () => {
  it("names the versions of sts and of the cluster", async ({ scenario }) => {
    const { gitVersion } = await scenario.cluster.version();
    expect(await scenario.sts(["version"])).toEqual({
      code: 0,
      signal: null,
      stdout: expect.stringMatching(/^Client Version: v\d+\.\d+\.\d+\nServer Version: v1\.\d+\.\d+.*\n$/),
      stderr: "",
    });
    expect((await scenario.sts(["version", "-o", "json"])).stdout).toContain(gitVersion);
  });

  it("needs no cluster for --client", async ({ scenario }) => {
    const { code, stdout } = await scenario.sts(["version", "--client"], { env: { KUBECONFIG: "/nowhere" } });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Client Version: /)]);
  });

  it("prints the same in a terminal", async ({ scenario }) => {
    const { env, directory: cwd } = scenario;
    const terminal = openTerminal(["version"], { env, cwd, columns: 100 });
    expect(await terminal.ended).toBe(0);
    expect(terminal.screen().slice(0, 2)).toEqual([
      expect.stringMatching(/^Client Version: v/),
      expect.stringMatching(/^Server Version: v1\./),
    ]);
  });
});
