import type { Machine } from "../../context.js";
import type { StatefulSet } from "../../core/model.js";
import { pauseOf } from "../../core/rollout/pause.js";
import { stagingOf, type Holder } from "../../core/rollout/staging.js";
import { ConflictError, RefusedError } from "../../errors.js";

/** This process, as it is written into a staging that it drives. `now` in milliseconds. */
export function thisHolder(machine: Machine, now: number): Holder {
  return { ...machine.identity(), since: new Date(now).toISOString() };
}

/**
 * Throws a ConflictError while another `sts` drives the set's staging, and a RefusedError where what `needs` the
 * partition is asked of a paused set.
 */
export function refuseUnlessFree(machine: Machine, set: StatefulSet, needsPartition: boolean): void {
  const { name } = set.metadata;
  const holder = stagingOf(set)?.holder;
  if (holder && isAlive(machine, holder)) {
    throw new ConflictError(
      `the staged rollout of ${name} is driven by ${holder.who} (process ${holder.pid}) since ${holder.since}; ` +
        "it can go on from elsewhere once that has ended",
    );
  }
  if (needsPartition && pauseOf(set)) {
    throw new RefusedError(`${name} is paused: sts rollout resume ${name} comes first`);
  }
}

/** A process of this machine can be looked for; one of another may have been killed, and is believed only for a while. */
function isAlive(machine: Machine, holder: Holder): boolean {
  const { host, pid } = machine.identity();
  if (holder.host !== host) return false;
  return holder.pid !== pid && machine.isRunning(holder.pid);
}
