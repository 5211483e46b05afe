import type { Verdict } from "../../../src/core/progress/verdict.js";
import type { AnyObject } from "../../../src/sandbox/port.js";
import { podFault } from "../../../src/sandbox/simulator/faults.js";
import { Follower, type Said } from "./follower.js";
import { Hand } from "./hand.js";
import type { History } from "./operations.js";
import { isSettled, versionOf } from "./truth.js";
import { isReady, web, World } from "./world.js";

/** What came of a history. */
export interface Outcome {
  said: Said[];
  /** The pods that were deleted to un-stick the set. */
  unstuck: Follower["unstuck"];
  /** The template's, of which the pods are to be. */
  version: string | undefined;
  /** What a look in the end says. */
  last: Verdict;
  /** Pods whose fault was taken away. */
  mended: ReadonlySet<string>;
  /** Whether everything is as the spec asks in the end. */
  settled: boolean;
  turnover: number;
  /** A pod is on a node that no longer answers. */
  nodeLost: boolean;
  /** For people: what was said, and what there is in the end. */
  picture: string;
}

/** Lets a history happen, follows the set from its last operation on, and leaves it alone until nothing moves. */
export async function live(
  { beginning, wait, steps, salt }: History,
  { unstick = false } = {},
): Promise<Outcome> {
  const world = await World.start(beginning.flavour);
  const follower = new Follower(world, chanceOf(salt), unstick);
  try {
    const hand = new Hand(world);
    await hand.create(beginning);
    const waits = [wait, ...steps.map((step) => step.wait)];
    for (const [index, { operation }] of steps.entries()) {
      await world.pass(waits[index] ?? 0);
      await hand.do(operation);
    }
    await follower.turn();
    await world.rest(() => follower.turn());
    const last = await follower.catchUp();
    const pods = await world.port.list("pods", web.namespace);
    const set = await world.port.get("statefulsets", web);
    if (!set) throw new Error("the set is gone");
    const { said, unstuck } = follower;
    return {
      said,
      unstuck,
      version: versionOf(set["spec"].template),
      last,
      mended: hand.mended,
      settled: isSettled(set, pods, world.clock.now()),
      turnover: world.turnover,
      nodeLost: pods.some((pod) => podFault(pod) === "node-lost"),
      picture: [...said.map(words), ...picture(set, pods)].join("\n"),
    };
  } finally {
    follower.close();
    world.stop();
  }
}

function words({ at, verdict: { state, reason, message } }: Said): string {
  return `${new Date(at).toISOString()} ${state} ${reason}: ${message}`;
}

function picture({ spec, status }: AnyObject, pods: AnyObject[]): string[] {
  const { template, selector: _selector, ...rest } = spec;
  const { conditions: _conditions, ...counters } = status;
  const lines = pods.map((pod) => {
    const { metadata, status: of } = pod;
    const state = JSON.stringify(of.containerStatuses?.[0]?.state);
    const leaving = metadata.deletionTimestamp ? " Terminating" : "";
    return `${metadata.name} v${versionOf(pod)} ${of.phase}${leaving} ready=${isReady(pod)} ${state}`;
  });
  return [`template v${versionOf(template)}`, JSON.stringify(rest), JSON.stringify(counters), ...lines];
}

/** Numbers from 0 up to 1 that follow from a seed (mulberry32). */
function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
