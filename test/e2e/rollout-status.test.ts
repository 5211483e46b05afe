import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import { conditionOf } from "../../src/core/pod-state.js";
import { it, type Scenario } from "./support/cluster.js";
import { runningSet } from "./support/sets.js";
import { ends, lines, order, podsOf } from "./support/walk.js";

const cells = (line = ""): string[] => line.split(/ {2,}/);

async function patch(scenario: Scenario, body: object): Promise<void> {
  const ref = { namespace: scenario.namespace, name: "web" };
  await scenario.cluster.patch(kinds.statefulSet, ref, { type: "merge", body });
}

describe("rollout status of several sets", () => {
  it("is one table and the gravest exit code, also when one is broken", async ({ scenario }) => {
    await ends(scenario, 0, "create", "good", "--image=nginx", "--replicas=1", "--labels=tier=a");
    await ends(scenario, 0, "create", "other", "--image=nginx", "--replicas=2", "--labels=tier=b");
    await ends(scenario, 4, "create", "bad", "--image=nginx:image-pull", "--replicas=1", "--labels=tier=b");

    const both = await ends(scenario, 4, "rollout", "status", "good", "bad", "--report=how.json");
    const [header, good, bad, end] = both.stdout.split("\n");
    expect(cells(header)).toEqual(["NAME", "STATE", "READY", "UPDATED", "MESSAGE"]);
    expect(cells(good)).toEqual(["good", "Done", "1/1", "1/1", "1 of 1 ready"]);
    expect(cells(bad).slice(0, 4)).toEqual(["bad", "Failed", "0/1", "1/1"]);
    expect(bad).toContain("bad-0 cannot pull its image");
    expect(end).toBe("");
    expect(both.stderr).toContain(`${scenario.namespace}/good: done in`);
    expect(both.stderr).toContain(`✗ ${scenario.namespace}/bad: bad-0 cannot pull its image`);
    expect(readFileSync(path.join(scenario.directory, "how.json"), "utf8")).toContain("bad-0");

    const all = await ends(scenario, 4, "rollout", "status", "--all", "--watch=false");
    expect(all.stdout.match(/^\S+/gm)).toEqual(["NAME", "bad", "good", "other"]);
    expect(all.stderr).toBe("");
    const labelled = await ends(scenario, 4, "rollout", "status", "-l", "tier=b", "-o", "json");
    expect(JSON.parse(labelled.stdout)).toMatchObject({
      items: [
        { namespace: scenario.namespace, name: "bad", state: "Failed", ordinal: 0, exitCode: 4 },
        { name: "other", state: "Done", reason: "Settled", ordinal: null, exitCode: 0, next: [] },
      ],
    });
    expect((await ends(scenario, 2, "rollout", "status", "-l", "tier=c")).stderr).toContain("tier=c");
  });

  it("takes every namespace", async ({ scenario }) => {
    const { namespace } = scenario;
    await runningSet(scenario, "web", { labels: { home: namespace }, replicas: 2 });
    const mine = await lines(scenario, "rollout", "status", "-A", "-l", `home=${namespace}`);
    expect(mine.map((line) => cells(line))).toEqual([
      ["NAMESPACE", "NAME", "STATE", "READY", "UPDATED", "MESSAGE"],
      [namespace, "web", "Done", "2/2", "2/2", "2 of 2 ready"],
    ]);
    // The cluster has sets of others, in whatever state.
    const { stdout } = await scenario.sts(["rollout", "status", "-A", "--watch=false"]);
    expect(stdout.split("\n").map((line) => cells(line).slice(0, 3))).toContainEqual([
      namespace,
      "web",
      "Done",
    ]);
    const misled = await ends(scenario, 2, "rollout", "status", "web", "-A");
    expect(misled.stderr).toContain("cannot be retrieved by name across all namespaces");
  });

  it("watches a dozen sets as a few", async ({ scenario }) => {
    const names = Array.from({ length: 12 }, (_unused, index) => `set-${index}`);
    for (const name of names) await runningSet(scenario, name);
    const { stderr, stdout } = await ends(scenario, 0, "rollout", "status", "--all", "-v=6");
    expect(stdout.match(/ Done /g)).toHaveLength(12);
    expect(stderr.match(/^GET .*watch=true/gm)?.length).toBeLessThanOrEqual(3);
    expect(stderr.match(/^GET /gm)?.length).toBeLessThanOrEqual(16);
  });
});

describe("rollout status by strategy", () => {
  it("counts a partition from the start ordinal", async ({ scenario }) => {
    await ends(
      ...[scenario, 0, "create", "web", "--image=nginx:1", "--replicas=4"],
      ...["--start-ordinal=5", "--partition=2"],
    );
    await ends(scenario, 0, "set", "image", "web", "nginx=nginx:2");
    const { stdout } = await ends(scenario, 0, "rollout", "status", "web");
    expect(stdout).toBe(
      "statefulset.apps/web: 4 of 4 ready; web-5 and web-6 held at an older revision (partition 2)\n",
    );
    const again = await lines(scenario, "rollout", "status", "web", "--watch=false");
    expect(again).toEqual([stdout.trimEnd()]);
  });

  it("says what OnDelete holds until it is deleted", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=2", "--strategy=OnDelete");
    await ends(scenario, 0, "set", "image", "web", "nginx=nginx:2");
    const held = "web-0 and web-1 held at an older revision (OnDelete: replaced when deleted)";
    expect(await lines(scenario, "rollout", "status", "web")).toEqual([
      `statefulset.apps/web: 2 of 2 ready; ${held}`,
    ]);
  });

  it("waits for minReadySeconds and under maxUnavailable", async ({ scenario }) => {
    await ends(
      ...[scenario, 0, "create", "web", "--image=nginx:1", "--replicas=4", "--min-ready-seconds=2"],
      ...["--max-unavailable=2", "--pod-management=Parallel"],
    );
    await patch(scenario, { spec: { template: { metadata: { annotations: { "sandbox/slow": "20s" } } } } });
    const under = await ends(scenario, 3, "rollout", "status", "web", "--timeout=1ms");
    expect(under.stdout).toBe("");
    expect(under.stderr).toContain("sts rollout status web");
    const { stdout } = await ends(scenario, 0, "rollout", "status", "web");
    expect(stdout).toBe("statefulset.apps/web: 4 of 4 ready\n");
    const set = await scenario.read(kinds.statefulSet, "web");
    expect(set?.status).toMatchObject({ updatedReplicas: 4, availableReplicas: 4 });
    const pods = [...(await podsOf(scenario)).values()];
    const since = pods.map((pod) => conditionOf(pod, "Ready")?.lastTransitionTime ?? "");
    expect(Math.max(...since.map((time) => Date.parse(time)))).toBeLessThanOrEqual(Date.now() - 2_000);
  });

  it("follows a pause and its end", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=2");
    await ends(scenario, 0, "rollout", "pause", "web");
    await ends(scenario, 0, "set", "image", "web", "nginx=nginx:2");
    const [line] = await lines(scenario, "rollout", "status", "web");
    expect(line).toContain("2 of 2 ready; web-0 and web-1 held");
    expect(line).toContain("; paused; go on: sts rollout resume web");
    const page = (await ends(scenario, 0, "status", "web")).stdout;
    expect(page).toContain("· paused");
    expect(page).toContain("Next: sts rollout resume web");
    const resumed = await ends(scenario, 0, "rollout", "resume", "web");
    expect(order(resumed, "ready")).toEqual(["web-1", "web-0"]);
    expect(await lines(scenario, "rollout", "status", "web")).toEqual(["statefulset.apps/web: 2 of 2 ready"]);
  });

  it("offers the way past a pod that blocks an OrderedReady set", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=2");
    await ends(scenario, 4, "set", "image", "web", "nginx=nginx:crash-loop");
    await patch(scenario, {
      spec: { template: { spec: { containers: [{ name: "nginx", image: "nginx:1" }] } } },
    });
    const stuck = await ends(scenario, 4, "rollout", "status", "web", "-o", "json");
    expect(JSON.parse(stuck.stdout).items[0]).toMatchObject({ reason: "Deadlock", ordinal: 1, exitCode: 4 });
    const page = await ends(scenario, 4, "status", "web");
    expect(page.stdout).toContain("Next: sts rollout unstick web");
  });
});
