import { describe, expect, it } from "vitest";
import type { ControllerRevision, Pod, StatefulSet } from "../../../src/core/model.js";
import { takeSnapshot, type Snapshot } from "../../../src/core/progress/snapshot.js";
import { isAtRevision } from "../../../src/core/rollout/revisions.js";
import { chooseRevision, type UndoRequest } from "../../../src/core/rollout/undo.js";
import { makePod, makeSet, type PodStage, type SetOptions } from "../../support/objects.js";

function revision(number: number, hash: string): ControllerRevision {
  const template = {
    $patch: "replace",
    metadata: { labels: { app: "web" }, creationTimestamp: null },
    spec: { containers: [{ name: "main", image: `nginx:${hash}` }] },
  };
  return {
    metadata: {
      name: `web-${hash}`,
      namespace: "default",
      uid: hash,
      resourceVersion: "1",
      creationTimestamp: "2026-11-21T10:00:00Z",
    },
    revision: number,
    data: { spec: { template } },
  };
}

function setAt(hash: string, options: SetOptions = {}): StatefulSet {
  const set = makeSet({ current: "a", update: hash, ...options });
  return { ...set, spec: { ...set.spec, template: templateAt(hash) } };
}

const templateAt = (hash: string): StatefulSet["spec"]["template"] => ({
  metadata: { labels: { app: "web" } },
  spec: { containers: [{ name: "main", image: `nginx:${hash}` }] },
});

function snapshotOf(set: StatefulSet, pods: Pod[] = []): Snapshot {
  const { namespace = "", name, uid } = set.metadata;
  return takeSnapshot({ namespace, name, uid, set, pods, claims: [], events: [], now: 0 });
}

const three = [revision(1, "a"), revision(2, "b"), revision(3, "c")];

function choose(set: StatefulSet, pods: Pod[], request: UndoRequest, revisions = three): string {
  return chooseRevision(snapshotOf(set, pods), revisions, request).metadata.name;
}

describe("isAtRevision", () => {
  it("takes the status' word once the controller has seen the spec", () => {
    const set = setAt("b");
    expect(three.map((each) => isAtRevision(set, each))).toEqual([false, true, false]);
  });

  it("compares the templates before that, nulls aside", () => {
    const set = setAt("b", { generation: 2, observed: 1, update: "c" });
    expect(three.map((each) => isAtRevision(set, each))).toEqual([false, true, false]);
  });
});

describe("the revision that an undo goes to", () => {
  it("is the one before: the newest that is not the template's own", () => {
    expect(choose(setAt("c"), [], { to: 0 })).toBe("web-b");
    // After an undo to b that the controller has not numbered yet, the one before is c.
    expect(choose(setAt("b", { generation: 2, observed: 1, update: "c" }), [], { to: 0 })).toBe("web-c");
  });

  it("is the one with the number", () => {
    expect(choose(setAt("c"), [], { to: 1 })).toBe("web-a");
    expect(choose(setAt("c"), [], { to: 3 })).toBe("web-c");
  });

  it("has to be in the history", () => {
    expect(() => choose(setAt("c"), [], { to: 4 })).toThrow(
      "unable to find specified revision 4 in history; it has 1, 2 and 3",
    );
    expect(() => choose(setAt("a"), [], { to: 0 }, [revision(1, "a")])).toThrow(
      "no last revision to roll back to",
    );
    expect(() => choose(setAt("a"), [], { to: 0 }, [])).toThrow("no last revision to roll back to");
  });
});

type Row = [what: string, update: string, pods: [stage: PodStage, revision: string][], chosen: string];

describe("the revision that the healthy pods run", () => {
  const rows: Row[] = [
    [
      "is gone back to",
      "c",
      [
        ["ready", "a"],
        ["ready", "a"],
        ["crash", "c"],
      ],
      "a",
    ],
    [
      "is not the broken one before it",
      "c",
      [
        ["ready", "a"],
        ["ready", "a"],
        ["crash", "b"],
      ],
      "a",
    ],
    [
      "may be the template's own, after a plain undo",
      "a",
      [
        ["ready", "a"],
        ["ready", "a"],
        ["crash", "b"],
      ],
      "a",
    ],
    [
      "counts by pods",
      "c",
      [
        ["ready", "b"],
        ["ready", "b"],
        ["ready", "c"],
      ],
      "b",
    ],
    [
      "is another one than the template's on a tie",
      "c",
      [
        ["crash", "c"],
        ["ready", "b"],
        ["ready", "c"],
      ],
      "b",
    ],
    [
      "is not the template's own where all that is broken is at it",
      "c",
      [
        ["ready", "c"],
        ["crash", "c"],
      ],
      "b",
    ],
    [
      "does not count pods on their way out",
      "c",
      [
        ["terminating", "a"],
        ["ready", "b"],
        ["crash", "c"],
      ],
      "b",
    ],
    ["is the one before where no pod is healthy and all are at the template's", "c", [["crash", "c"]], "b"],
    ["is the template's own where none is healthy and the broken are elsewhere", "c", [["crash", "b"]], "c"],
    [
      "is the template's own where all is well: there is nothing to go back from",
      "c",
      [
        ["ready", "c"],
        ["ready", "c"],
      ],
      "c",
    ],
    [
      "is the template's own where the broken pod has been deleted already, by a run that was killed",
      "c",
      [
        ["ready", "c"],
        ["terminating", "b"],
      ],
      "c",
    ],
    [
      "is the template's own while the pod that was made anew starts",
      "c",
      [
        ["ready", "c"],
        ["pending", "c"],
      ],
      "c",
    ],
  ];

  it.each(rows)("%s", (_what, update, pods, chosen) => {
    const made = pods.map(([stage, hash], ordinal) =>
      makePod(ordinal, stage, { revision: hash, restarts: stage === "pending" ? 0 : 3 }),
    );
    expect(choose(setAt(update), made, { healthy: true })).toBe(`web-${chosen}`);
  });

  it("is that of the pods that the update is for, as long as one of them is healthy", () => {
    const pods = [
      makePod(0, "ready", { revision: "a" }),
      makePod(1, "ready", { revision: "a" }),
      makePod(2, "ready", { revision: "b" }),
      makePod(3, "crash", { revision: "c", restarts: 2 }),
    ];
    expect(choose(setAt("c", { replicas: 4, partition: 2 }), pods, { healthy: true })).toBe("web-b");
    expect(choose(setAt("c", { replicas: 4, partition: 3 }), pods, { healthy: true })).toBe("web-a");
  });
});
