import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import { stagingOf, type Staging } from "../../src/core/rollout/staging.js";
import { it, type Scenario } from "./support/cluster.js";
import { ends, images, order } from "./support/walk.js";

const create = (scenario: Scenario, ...flags: string[]) =>
  ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=5", ...flags);

const staging = async (scenario: Scenario): Promise<Staging | undefined> => {
  const set = await scenario.read(kinds.statefulSet, "web");
  return set && stagingOf(set);
};

const patch = (scenario: Scenario, body: object, fieldManager = "autopilot") =>
  scenario.cluster.patch(
    kinds.statefulSet,
    { namespace: scenario.namespace, name: "web" },
    { type: "merge", body },
    { fieldManager },
  );

/** A gate that says it has begun, and passes once the file `go` is there; it gives up after half a minute. */
const untilGo =
  "--gate=echo begun $STS_STEP; i=0; until [ -e go ]; do i=$((i+1)); [ $i -gt 300 ] && exit 9; sleep 0.1; done";

/** Five pods that take their time: a second or two of ours. */
const slowSet = `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: web }
spec:
  replicas: 5
  serviceName: web
  podManagementPolicy: Parallel
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web }, annotations: { sandbox/slow: 30s } }
    spec: { containers: [{ name: nginx, image: "nginx:1" }] }
`;

const steps = ["--steps=1,50%,100%"];
const setImage = ["set", "image", "web", "nginx=nginx:2"];

describe("a rollout in steps", () => {
  it("goes on by itself, watched and gated after each step", async ({ scenario }) => {
    await create(scenario);
    const gate = "--gate=echo $STS_NAMESPACE/$STS_NAME $STS_STEP $STS_ORDINALS >> gates";
    const result = await ends(
      scenario,
      0,
      ...setImage,
      ...steps,
      "--soak=300ms",
      gate,
      "--report=report.json",
    );
    expect(result.stdout).toBe("statefulset.apps/web image updated\n");
    expect(order(result, "created")).toEqual(["web-4", "web-3", "web-2", "web-1", "web-0"]);
    expect(result.stderr).toMatch(
      / {2}step 2 {2}web-2 and web-3 {2}✓ ready in \d+\.\d s, soaked 0\.3 s, gate passed\n/,
    );
    expect(await images(scenario)).toBe("2 2 2 2 2");
    const set = await scenario.read(kinds.statefulSet, "web");
    expect(set?.metadata.annotations).toBeUndefined();
    expect(set?.spec.updateStrategy?.rollingUpdate?.partition).toBe(0);
    const gates = await ends(scenario, 0, "rollout", "status", "web");
    expect(gates.stdout).toBe("statefulset.apps/web: 5 of 5 ready\n");
  });

  it("is a patch a step, and asks for nothing while it waits", async ({ scenario }) => {
    await create(scenario);
    const sent = async (image: string, ...flags: string[]) => {
      const words = ["set", "image", "web", `nginx=nginx:${image}`, ...steps, ...flags, "-v=6"];
      const { stderr } = await ends(scenario, 0, ...words);
      const lines = [...stderr.matchAll(/^(GET|PATCH) https:\/\/[^/]+\S+ (\d+) /gm)];
      // A status write in between costs a patch its first attempt.
      return lines.filter(([, , code]) => code !== "409").map(([, method]) => method);
    };
    const short = await sent("2", "--soak=1ms");
    expect(short.filter((method) => method === "PATCH")).toHaveLength(4);
    const long = await sent("3", "--soak=1500ms");
    expect(long.length).toBeLessThanOrEqual(short.length + 3);
  });

  it("is held where its gate fails, and promoted by another process", async ({ scenario }) => {
    await create(scenario);
    const gate = "--gate=echo trying $STS_STEP; [ $STS_STEP != 2 ]";
    const failed = await ends(scenario, 4, ...setImage, ...steps, "--soak=200ms", gate);
    expect(failed.stdout).toBe("");
    expect(failed.stderr).toContain("\n    trying 2\n");
    expect(failed.stderr).toMatch(
      /^✗ \S+\/web: step 2 of 3 failed: the gate ended with exit code 1; web-0 and web-1 held$/m,
    );
    expect(await images(scenario)).toBe("1 1 2 2 2");
    const held = await ends(scenario, 0, "rollout", "status", "web");
    expect(held.stdout).toContain("web-0 and web-1 held at an older revision");

    const promoted = await ends(scenario, 0, "rollout", "promote", "web");
    expect(promoted.stderr).toContain("is not run");
    expect(promoted.stderr).not.toContain("    trying");
    expect(await images(scenario)).toBe("2 2 2 2 2");
    expect(await staging(scenario)).toBeUndefined();
  });

  it("is promoted step by step, or at once", async ({ scenario }) => {
    await create(scenario);
    await ends(scenario, 4, ...setImage, "--steps=1,2,4,100%", "--gate=false");
    const second = await ends(scenario, 0, "rollout", "promote", "web", "--gate=test $STS_ORDINALS = 3,4");
    expect(second.stderr).toContain("step 2 of 4: web-3");
    expect(second.stderr).toMatch(/done in .*; web-0 to web-2 held$/m);
    expect(await images(scenario)).toBe("1 1 1 2 2");
    expect(await staging(scenario)).toMatchObject({ step: 1, plan: { steps: [1, 2, 4, "100%"] } });
    await ends(scenario, 0, "rollout", "promote", "web", "--wait=false");
    expect(await staging(scenario)).toMatchObject({ step: 2 });
    const all = await ends(scenario, 0, "rollout", "promote", "web", "--all");
    expect(all.stdout).toBe("statefulset.apps/web promoted\n");
    expect(await images(scenario)).toBe("2 2 2 2 2");
    expect(await staging(scenario)).toBeUndefined();
  });

  it("goes back by itself where a gate fails and it is asked to", async ({ scenario }) => {
    await create(scenario, "--partition=1");
    const gate = "--gate=[ $STS_STEP = 1 ]";
    const failed = await ends(scenario, 4, ...setImage, ...steps, gate, "--on-failure=undo");
    expect(failed.stderr).toContain("step 2 of 3 failed: the gate ended with exit code 1; going back");
    expect(await images(scenario)).toBe("1 1 1 1 1");
    const set = await scenario.read(kinds.statefulSet, "web");
    expect(set?.metadata.annotations).toBeUndefined();
    expect(set?.spec.updateStrategy?.rollingUpdate?.partition).toBe(1);
  });

  it("goes back from a release that crashes", async ({ scenario }) => {
    await create(scenario);
    const words = ["set", "image", "web", "nginx=nginx:crash-loop", ...steps, "--on-failure=undo"];
    const failed = await ends(scenario, 4, ...words);
    expect(failed.stderr).toMatch(/web-4 crashes/);
    expect(await images(scenario)).toBe("1 1 1 1 1");
    expect(await staging(scenario)).toBeUndefined();
    await ends(scenario, 0, "rollout", "status", "web");
  });

  it("stays at a release that crashes, and is aborted", async ({ scenario }) => {
    await create(scenario);
    const failed = await ends(scenario, 4, "set", "image", "web", "nginx=nginx:crash-loop", ...steps);
    expect(failed.stderr).toMatch(/^✗ \S+\/web: step 1 of 3 failed; web-0 to web-3 held$/m);
    expect((await staging(scenario))?.failed).toContain("web-4 crashes");
    await ends(scenario, 0, "rollout", "abort", "web");
    expect(await images(scenario)).toBe("1 1 1 1 1");
  });

  it("fails when a pod is lost while it soaks", async ({ scenario }) => {
    await create(scenario);
    const rolling = scenario.start([...setImage, ...steps, "--soak=30s"]);
    await rolling.untilWritten(/soaking/);
    await scenario.cluster.delete(kinds.pod, { namespace: scenario.namespace, name: "web-4" });
    const { code, stderr } = await rolling.ended;
    expect(code, stderr).toBe(4);
    expect(stderr).toMatch(/^✗ \S+\/web: step 1 of 3 failed; web-0 to web-3 held$/m);
    expect((await staging(scenario))?.failed).toContain("web-4");
  });

  it("is paused from elsewhere, resumed, and goes on", async ({ scenario }) => {
    await scenario.create(slowSet);
    await ends(scenario, 0, "rollout", "status", "web");
    const words = [...setImage, "--steps=3,100%"];
    const rolling = scenario.start(words);
    await rolling.untilWritten(/web-3: created/);
    await ends(scenario, 0, "rollout", "pause", "web");
    const { code, stderr } = await rolling.ended;
    expect(code, stderr).toBe(6);
    expect(stderr).toMatch(/: paused meanwhile; .*\n {2}go on +sts rollout resume web\n/);
    expect((await staging(scenario))?.holder).toBeUndefined();
    const refused = await ends(scenario, 7, ...words);
    expect(refused.stderr).toContain("sts rollout resume web comes first");
    await ends(scenario, 0, "rollout", "resume", "web", "--wait=false");
    const again = await ends(scenario, 0, ...words);
    expect(again.stderr).toContain("a rollout in these steps is under way");
    expect(await images(scenario)).toBe("2 2 2 2 2");
  });

  it("drives an update that a stage holds", async ({ scenario }) => {
    await create(scenario);
    await ends(scenario, 0, ...setImage, "--stage=1");
    const staged = await ends(scenario, 0, "rollout", "stage", "web", ...steps);
    expect(staged.stdout).toBe("statefulset.apps/web staged\n");
    expect(order(staged, "created")).toEqual(["web-3", "web-2", "web-1", "web-0"]);
    expect(await staging(scenario)).toBeUndefined();
  });

  it("takes a fix in the middle, and never raises the partition", async ({ scenario }) => {
    await create(scenario, "--pod-management=Parallel");
    await ends(scenario, 4, ...setImage, ...steps, "--gate=[ $STS_STEP = 1 ]");
    const fixed = await ends(scenario, 0, "set", "image", "web", "nginx=nginx:3", ...steps);
    expect(fixed.stderr).toContain("let through already, so changed again at once: web-2 to web-4");
    expect(await images(scenario)).toBe("3 3 3 3 3");
    expect(await staging(scenario)).toBeUndefined();
  });
});

describe("two processes and one set", () => {
  it("are told apart: the second ends with 6 and learns who was first", async ({ scenario }) => {
    await create(scenario);
    const first = scenario.start([...setImage, ...steps, untilGo]);
    await first.untilWritten(/begun 1/);
    for (const words of [
      ["rollout", "promote", "web"],
      ["rollout", "abort", "web"],
      ["rollout", "stage", "web", "--canary=2"],
      ["set", "image", "web", "nginx=nginx:3"],
      [...setImage, ...steps],
    ]) {
      const second = await ends(scenario, 6, ...words);
      expect(second.stderr).toMatch(new RegExp(`is driven by \\S+ \\(process ${first.pid}\\) since \\d{4}-`));
      expect(second.stderr).toContain("--take-over");
    }
    scenario.file("go", "");
    const { code, stderr } = await first.ended;
    expect(code, stderr).toBe(0);
    expect(await images(scenario)).toBe("2 2 2 2 2");
  });

  it("one takes over: the other finds out before it writes", async ({ scenario }) => {
    await create(scenario);
    const first = scenario.start([...setImage, "--steps=1,2,100%", untilGo]);
    await first.untilWritten(/begun 1/);
    await ends(scenario, 0, "rollout", "promote", "web", "--take-over");
    scenario.file("go", "");
    const { code, stderr } = await first.ended;
    expect(code, stderr).toBe(6);
    expect(await images(scenario)).toBe("1 1 1 2 2");
  });

  it("both begin at once: one of them does", async ({ scenario }) => {
    await create(scenario);
    const words = [...setImage, "--steps=1,100%", untilGo];
    const both = [scenario.start(words), scenario.start(words)];
    const loser = await Promise.race(both.map(({ ended }) => ended));
    expect(loser.code, loser.stderr).toBe(6);
    expect(loser.stderr).toMatch(/is driven by \S+ \(process \d+\)/);
    scenario.file("go", "");
    const codes = (await Promise.all(both.map(({ ended }) => ended))).map(({ code }) => code);
    expect(codes.toSorted()).toEqual([0, 6]);
    expect(await images(scenario)).toBe("2 2 2 2 2");
  });

  it("somebody else's image in the middle ends it, with who", async ({ scenario }) => {
    await create(scenario);
    const first = scenario.start([...setImage, ...steps, "--soak=30s"]);
    await first.untilWritten(/soaking/);
    await patch(scenario, {
      spec: { template: { spec: { containers: [{ name: "nginx", image: "nginx:9" }] } } },
    });
    const { code, stderr } = await first.ended;
    expect(code, stderr).toBe(6);
    expect(stderr).toMatch(/^✗ \S+\/web: autopilot changed the pod template meanwhile$/m);
    expect((await staging(scenario))?.holder).toBeUndefined();
  });

  it("somebody scales in the middle: the steps are counted anew", async ({ scenario }) => {
    await create(scenario);
    const first = scenario.start([...setImage, ...steps, untilGo]);
    await first.untilWritten(/begun 1/);
    await ends(scenario, 0, "scale", "web", "--replicas=8");
    // What comes up above the partition is new from the start.
    expect(await images(scenario)).toBe("1 1 1 1 2 2 2 2");
    scenario.file("go", "");
    const { code, stderr } = await first.ended;
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/ {2}step 3 {2}web-0 to web-3 +✓/);
    expect(await images(scenario)).toBe("2 2 2 2 2 2 2 2");
  });
});
