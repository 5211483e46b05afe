import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import { it } from "./support/cluster.js";
import { createWeb } from "./support/sets.js";
import { ends, order, podsOf } from "./support/walk.js";

/** What the crashes of a set look like to whoever scales it. */
function expectCrash(stderr: string, pod: string): void {
  expect(stderr).toMatch(new RegExp(`✗ \\S+/web: ${pod} crashes on start \\(exit code 1, \\d+ restarts\\)`));
  expect(stderr).toMatch(/^ {4}log {4}.*FATAL: cannot start: the configuration is not valid$/m);
  expect(stderr).toMatch(/^ {4}event {2}BackOff: Back-off restarting failed container nginx/m);
  expect(stderr).toMatch(new RegExp(`^ {2}see more +kubectl logs ${pod} --previous$`, "m"));
}

describe("what cannot succeed ends at once, with exit code 4", () => {
  it("a scale into a crash names ordinal, cause and the next command", async ({ scenario }) => {
    await createWeb(scenario, {}, { "sandbox/fault": "crash-loop", "sandbox/fault-ordinals": "3-" });
    const begun = Date.now();
    const scaled = await scenario.sts(["scale", "web", "--replicas=5", "--timeout=20s"]);
    expect(scaled, scaled.stderr).toMatchObject({ code: 4, stdout: "" });
    expect(Date.now() - begun).toBeLessThan(15_000);
    expectCrash(scaled.stderr, "web-3");
    expect(scaled.stderr).toContain("; web-4 waits for it\n");
    expect(scaled.stderr).toMatch(/^ {2}go back +sts scale web --replicas=1$/m);
    expect(order(scaled, "ready")).toEqual(["web-1", "web-2"]);
    // It is said, and left as it is.
    expect((await scenario.read(kinds.statefulSet, "web"))?.spec.replicas).toBe(5);
    const back = await ends(scenario, 0, "scale", "web", "--replicas=1");
    expect(order(back, "gone")).toEqual(["web-3", "web-2", "web-1"]);
  });

  it("a staged image that crashes", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx:1.29", "--replicas=3");
    const staged = await ends(scenario, 4, "set", "image", "web", "nginx=nginx:crash-loop", "--stage=1");
    expect(staged.stdout).toBe("");
    expectCrash(staged.stderr, "web-2");
    expect(staged.stderr).toMatch(/^ {2}go back +sts rollout abort web$/m);
    const scaled = await ends(scenario, 4, "scale", "web", "--replicas=5", "--timeout=20s");
    expectCrash(scaled.stderr, "web-2");
    const looked = await ends(scenario, 4, "rollout", "status", "web", "--watch=false");
    expect(looked.stdout).toMatch(/^statefulset\.apps\/web: web-2 crashes on start/);
    expect((await ends(scenario, 4, "status", "web")).stdout).toContain("kubectl logs web-2 --previous");
  });

  it("an image that is not there", async ({ scenario }) => {
    const created = await ends(scenario, 4, "create", "web", "--image=nginx:image-pull", "--replicas=2");
    expect(created.stdout).toBe("service/web created\nstatefulset.apps/web created\n");
    expect(created.stderr).toContain("web-0 cannot pull its image nginx:image-pull (not found); web-1 waits");
    expect(created.stderr).toMatch(/^ {4}event {2}Failed: /m);
    expect(created.stderr).toMatch(/^ {2}see more +kubectl describe pod web-0$/m);
    expect(created.stderr).toMatch(/^ {2}go back +sts delete web$/m);
  });

  it("a pod that refers to what is not there", async ({ scenario }) => {
    const created = await ends(
      scenario,
      4,
      ...["create", "web", "--image=nginx", "--env-from=configmap/none", "--timeout=20s"],
    );
    expect(created.stderr).toMatch(/web-0 cannot start container nginx: configmap "none" not found/);
  });
});

describe("what may still succeed is waited for", () => {
  it("a pod that is merely slow", async ({ scenario }) => {
    await createWeb(scenario, {}, { "sandbox/slow": "20s" });
    const scaled = await ends(scenario, 0, "scale", "web", "--replicas=3", "--timeout=60s");
    expect(order(scaled, "ready")).toEqual(["web-1", "web-2"]);
  });

  it("--fail-fast=false goes on through crashes, until --timeout: exit code 3", async ({ scenario }) => {
    const annotations = { "sandbox/fault": "crash-loop", "sandbox/fault-ordinals": "1-" };
    await createWeb(scenario, {}, annotations);
    const args = ["scale", "web", "--replicas=2", "--fail-fast=false", "--timeout=6s"];
    const scaled = await ends(scenario, 3, ...args);
    expect(scaled.stderr).toMatch(/not finished after 6\.0 s: web-1 crashes on start/);
    expect(scaled.stderr).toContain("FATAL: cannot start");
    expect(scaled.stderr).toMatch(/^ {2}watch again +sts rollout status web$/m);
  });

  it("a pod that never becomes ready: --timeout is 3, --stall-timeout is 5", async ({ scenario }) => {
    await createWeb(scenario, {}, { "sandbox/fault": "never-ready", "sandbox/fault-ordinals": "1-" });
    const late = await ends(scenario, 3, "scale", "web", "--replicas=2", "--timeout=3s");
    expect(late.stdout).toBe("");
    expect(late.stderr).toMatch(/… \S+\/web: not finished after 3\.0 s: 1 of 2 ready, waiting for web-1/);
    const stalled = await ends(scenario, 5, "rollout", "status", "web", "--stall-timeout=2s");
    expect(stalled.stderr).toMatch(
      /✗ \S+\/web: nothing advanced for 2\.0 s: 1 of 2 ready, waiting for web-1/,
    );
    expect(stalled.stderr).toContain("Readiness probe failed");
    expect(stalled.stdout).toBe("");
  });

  it("a pod that no node takes is waited for, and says why", async ({ scenario }) => {
    await createWeb(scenario);
    const patch = { spec: { template: { spec: { nodeSelector: { "tests.local/disk": "none" } } } } };
    const ref = { namespace: scenario.namespace, name: "web" };
    await scenario.cluster.patch(kinds.statefulSet, ref, { type: "merge", body: patch });
    const late = await ends(scenario, 3, "rollout", "status", "web", "--timeout=5s");
    expect(late.stderr).toMatch(/waiting for web-0, which finds no node: /);
    expect(late.stderr).toMatch(/^ {4}event {2}FailedScheduling: /m);
  });
});

describe("the fix for a set that crashes", () => {
  it("heals it under Parallel", async ({ scenario }) => {
    await ends(
      scenario,
      4,
      ...["create", "web", "--image=nginx:crash-loop", "--replicas=2", "--pod-management=Parallel"],
    );
    const fixed = await ends(scenario, 0, "set", "image", "web", "nginx=nginx:1.30");
    expect(fixed.stdout).toBe("statefulset.apps/web image updated\n");
    expect(order(fixed, "ready").toSorted()).toEqual(["web-0", "web-1"]);
  });

  it("is a deadlock under OrderedReady, which the command that is named un-sticks", async ({ scenario }) => {
    await ends(scenario, 4, "create", "web", "--image=nginx:crash-loop", "--replicas=2");
    const stuck = await ends(scenario, 4, "set", "image", "web", "nginx=nginx:1.30", "--timeout=30s");
    expect(stuck.stdout).toBe("");
    expect(stuck.stderr).toMatch(/web-0 crashes on start .* at an old revision, and OrderedReady waits/);
    expect(stuck.stderr).toMatch(/^ {2}un-stick +sts rollout unstick web$/m);
    expect((await ends(scenario, 4, "status", "web")).stdout).toContain("sts rollout unstick web");
    await ends(scenario, 0, "rollout", "unstick", "web", "--timeout=30s");
    expect((await podsOf(scenario)).size).toBe(2);
  });
});
