import { describe, expect, it } from "vitest";
import { takeSnapshot } from "../../../src/core/progress/snapshot.js";
import { wouldBlock } from "../../../src/core/rollout/unstick.js";
import { makeClaim, makePod, makeSet, type SetOptions } from "../../support/objects.js";

const crash = { revision: "b", restarts: 3 };

/** Which of web-0 to web-2 would block an update to a, or to another revision. */
function blocking(
  options: SetOptions,
  pods = [makePod(0), makePod(1), makePod(2, "crash", crash)],
  to = "a",
) {
  const set = makeSet({ current: "a", update: "b", ...options });
  const claims = [makeClaim("www-web-2", "Lost")];
  const around = { namespace: "default", name: "web", uid: "uid-web", claims, events: [], now: 0 };
  return wouldBlock(takeSnapshot({ ...around, set, pods }), `web-${to}`).map(({ name }) => name);
}

describe("what would block an update", () => {
  it("is a broken pod of another revision, under OrderedReady", () => {
    expect(blocking({})).toEqual(["web-2"]);
    expect(blocking({ policy: "Parallel" })).toEqual([]);
    expect(blocking({ strategy: "OnDelete" })).toEqual([]);
  });

  it("is none that is at the revision already", () => {
    expect(blocking({}, undefined, "b")).toEqual([]);
  });

  it("is seen between two crashes too, when the container runs", () => {
    expect(blocking({}, [makePod(0), makePod(1), makePod(2, "running", crash)])).toEqual(["web-2"]);
    expect(blocking({}, [makePod(0), makePod(1), makePod(2, "running", { revision: "b" })])).toEqual([]);
  });

  it("is a pod below the partition as well, where it is not at the current revision", () => {
    expect(blocking({ partition: 3 })).toEqual(["web-2"]);
    const held = [makePod(0), makePod(1), makePod(2, "crash", { restarts: 3 })];
    expect(blocking({ partition: 3 }, held, "c")).toEqual([]);
  });

  it("is none that a new pod would not cure, or that the controller deletes itself", () => {
    const lost = [makePod(0), makePod(1), makePod(2, "unschedulable", { revision: "b" })];
    expect(blocking({ claims: ["www"] }, lost)).toEqual([]);
    expect(blocking({}, lost)).toEqual(["web-2"]);
    expect(blocking({}, [makePod(0), makePod(1), makePod(2, "failed", crash)])).toEqual([]);
    expect(blocking({}, [makePod(0), makePod(1), makePod(2, "terminating", crash)])).toEqual([]);
  });
});
