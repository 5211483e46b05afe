import type { Answer } from "./requests.js";
import { observed } from "./requests.js";
import type { Stage } from "./stage.js";
import { holds, isAtRest } from "./states.js";

const done: Answer = { code: 200 };

/** Steps that only wait. After `rest` and `stuck` both clusters are compared. */
export const waits = {
  /** A state that may pass. `wake: true`: the sets are touched again and again meanwhile, as somebody would by chance. */
  until: async (stage: Stage, wanted: Record<string, unknown>): Promise<Answer> => {
    const { wake = false, ...states } = wanted;
    await stage.until(JSON.stringify(states), async () => {
      if (holds(stage, states)) return true;
      if (wake) await touchAll(stage);
      return false;
    });
    return done;
  },
  /** All sets, or those named, are where they want to be. */
  rest: async (stage: Stage, names?: string | string[]): Promise<Answer> => {
    const wanted = typeof names === "string" ? [names] : names;
    const isRest = async () => {
      const known = stage.all("statefulsets");
      if (!areAtRest(known, stage.all("pods"), wanted)) return false;
      // What the watches have not brought yet counts too.
      return areAtRest(await stage.list("statefulsets"), await stage.list("pods"), wanted);
    };
    await stage.until(`${wanted?.join(", ") ?? "all sets"} at rest`, isRest);
    return done;
  },
  /** A state that stays: the controllers are made to look again, and it still holds. `nudge: false` leaves them alone. */
  stuck: async (stage: Stage, wanted: Record<string, unknown>): Promise<Answer> => {
    const { nudge = true, ...states } = wanted;
    await stage.until(JSON.stringify(states), () => holds(stage, states));
    if (nudge) await nudgeAll(stage);
    await stage.until(`still ${JSON.stringify(states)}`, () => holds(stage, states));
    return done;
  },
};

function areAtRest(
  sets: Awaited<ReturnType<Stage["list"]>>,
  pods: Awaited<ReturnType<Stage["list"]>>,
  names: string[] | undefined,
): boolean {
  if (names)
    return names.every((name) =>
      isAtRest(
        sets.find(({ metadata }) => metadata.name === name),
        pods,
      ),
    );
  return sets.length > 0 && sets.every((set) => isAtRest(set, pods));
}

/** Gives each set a new generation that changes nothing else, and waits until its controller has dealt with it. */
async function nudgeAll(stage: Stage): Promise<void> {
  for (const { metadata, spec } of await stage.list("statefulsets")) {
    const revisionHistoryLimit = Number(spec.revisionHistoryLimit) + 1;
    await observed(
      stage,
      await stage.side.port.patch("statefulsets", metadata, { spec: { revisionHistoryLimit } }),
    );
  }
}

async function touchAll(stage: Stage): Promise<void> {
  for (const { metadata } of await stage.list("statefulsets")) {
    const annotations = { "scenario/touched": String(Date.now()) };
    await stage.side.port.patch("statefulsets", metadata, { metadata: { annotations } });
  }
}
