import { describe, expect, it } from "vitest";
import { kinds } from "../../../../src/core/kinds.js";
import { ExitCode } from "../../../../src/errors.js";
import { FakeCluster } from "../../../support/fake-cluster.js";
import { startFollow } from "../../../support/follow-driver.js";
import { makeEvent, makePod, makeSet } from "../../../support/objects.js";

/** Sets of one pod each: `a/set-3`. */
function manySets(names: readonly string[]) {
  const cluster = new FakeCluster();
  const targets = names.map((subject) => {
    const [namespace = "", name = ""] = subject.split("/");
    const uid = `uid-${namespace}-${name}`;
    const set = makeSet({ name, replicas: 1, metadata: { namespace, uid } });
    const pod = makePod(0, "ready", { set: name, owner: uid });
    cluster.put(kinds.statefulSet, set);
    cluster.put(kinds.pod, {
      ...pod,
      metadata: { ...pod.metadata, namespace, uid: `${uid}-0` },
    });
    return { namespace, name, read: set, goal: { type: "settled" as const } };
  });
  return { cluster, targets };
}

const numbered = (count: number, name: (index: number) => string): string[] =>
  Array.from({ length: count }, (_unused, index) => name(index));

const done = (count: number) => ({
  code: ExitCode.Done,
  verdicts: Array.from({ length: count }, () => expect.objectContaining({ state: "Done" })),
});

describe("following many sets", () => {
  it("watches each of a few on its own", async () => {
    const { cluster, targets } = manySets(numbered(8, (index) => `default/set-${index}`));
    const { result } = startFollow(targets, { cluster, operation: "rollout" });
    expect(cluster.watched.filter((resource) => resource === "pods")).toHaveLength(8);
    expect(await result).toMatchObject(done(8));
  });

  it("watches their namespace as a whole where they are more", async () => {
    const { cluster, targets } = manySets(numbered(30, (index) => `default/set-${index}`));
    const { result } = startFollow(targets, { cluster, operation: "rollout" });
    expect(cluster.watched).toEqual(["statefulsets", "pods", "events"]);
    expect(await result).toMatchObject(done(30));
    // Three mirrors of two requests; then a few rounds of at most eight fresh reads and a list.
    expect(cluster.requests).toBeLessThan(6 + 30);
  });

  it("watches the cluster as a whole where the namespaces are more", async () => {
    const { cluster, targets } = manySets(numbered(9, (index) => `ns-${index}/web`));
    const { result } = startFollow(targets, { cluster, operation: "rollout" });
    expect(cluster.watched).toEqual(["statefulsets", "pods", "events"]);
    expect(await result).toMatchObject(done(9));
  });

  it("keeps apart what belongs to each, events too", async () => {
    const { cluster, targets } = manySets(numbered(9, (index) => `default/set-${index}`));
    const broken = makePod(0, "image", { set: "set-4", owner: "uid-default-set-4" });
    const uid = "uid-default-set-4-0";
    cluster.put(kinds.pod, { ...broken, metadata: { ...broken.metadata, uid } });
    cluster.put(kinds.event, makeEvent("Failed", "cannot pull it", { about: "set-4-0", uid }));
    const { result, lines } = startFollow(targets, { cluster, operation: "rollout" });
    const { verdicts, code } = (await result) as { verdicts: { state: string }[]; code: number };
    expect(code).toBe(ExitCode.Failed);
    expect(verdicts.map(({ state }) => state)).toEqual(
      numbered(9, (index) => (index === 4 ? "Failed" : "Done")),
    );
    expect(lines().filter((line) => line.includes("event  Failed: cannot pull it"))).toHaveLength(1);
  });
});
