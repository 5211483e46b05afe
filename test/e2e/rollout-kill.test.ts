import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import { stagingOf } from "../../src/core/rollout/staging.js";
import { it, type Scenario } from "./support/cluster.js";
import { ends, images } from "./support/walk.js";

const setOf = async (scenario: Scenario) => {
  const set = await scenario.read(kinds.statefulSet, "web");
  if (!set) throw new Error("the set is gone");
  return set;
};

const rollout = ["set", "image", "web", "nginx=nginx:2", "--steps=1,50%,100%"];
const stuckGate = "--gate=echo begun; for i in 1 2 3 4 5 6 7 8 9 10; do [ -e go ] || sleep 1; done";

/** Where the process is killed: what it has said by then, and with which flags. */
const phases: readonly [phase: string, flags: string[], said: RegExp][] = [
  ["rolling", [], /web-3: created/],
  ["soaking", ["--soak=5s"], /soaking/],
  ["gating", [stuckGate], /begun/],
  ["between steps", ["--gate=echo passes"], /passes/],
];

const resumptions: readonly [how: string, resume: (scenario: Scenario) => Promise<string>][] = [
  [
    "running it again",
    async (scenario) => {
      await ends(scenario, 0, ...rollout);
      return "2 2 2 2";
    },
  ],
  [
    "promote",
    async (scenario) => {
      const promoted = await ends(scenario, 0, "rollout", "promote", "web");
      expect(promoted.stderr).toMatch(/step [23] of 3/);
      await ends(scenario, 0, "rollout", "promote", "web", "--all");
      return "2 2 2 2";
    },
  ],
  [
    "abort",
    async (scenario) => {
      await ends(scenario, 0, "rollout", "abort", "web");
      return "1 1 1 1";
    },
  ],
];

describe.each(phases)("a rollout in steps that is killed while %s", (_phase, flags, said) => {
  it.for(resumptions)("is finished by %s", async ([_how, resume], { scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=4");
    const killed = scenario.start([...rollout, ...flags]);
    await killed.untilWritten(said);
    killed.kill("SIGKILL");
    expect((await killed.ended).signal).toBe("SIGKILL");
    const left = await setOf(scenario);
    expect(stagingOf(left)).toMatchObject({
      holder: { pid: killed.pid },
      plan: { steps: [1, "50%", "100%"] },
    });
    scenario.file("go", "");

    const expected = await resume(scenario);
    expect(await images(scenario)).toBe(expected);
    const set = await setOf(scenario);
    expect(stagingOf(set)).toBeUndefined();
    expect(set.spec.updateStrategy?.rollingUpdate?.partition ?? 0).toBe(0);
    await ends(scenario, 0, "rollout", "status", "web");
  });
});

describe("a rollout in steps that is interrupted", () => {
  it("lets go of the set, says how it goes on, and does", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=4");
    const interrupted = scenario.start([...rollout, "--soak=30s"]);
    await interrupted.untilWritten(/soaking/);
    interrupted.kill("SIGINT");
    const { code, stderr } = await interrupted.ended;
    expect(code, stderr).toBe(130);
    expect(stderr).toMatch(/stopped at step 1 of 3, and left as it is\n {2}go on +sts rollout promote web\n/);
    const left = stagingOf(await setOf(scenario));
    expect(left).toMatchObject({ step: 0 });
    expect(left?.holder).toBeUndefined();
    await ends(scenario, 0, ...rollout);
    expect(await images(scenario)).toBe("2 2 2 2");
  });
});
