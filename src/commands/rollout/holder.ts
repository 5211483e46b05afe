import type { Machine } from "../../context.js";
import type { StatefulSet } from "../../core/model.js";
import { pauseOf } from "../../core/rollout/pause.js";
import { stagingOf, type Holder } from "../../core/rollout/staging.js";
import { ConflictError, RefusedError } from "../../errors.js";
import { sanitizeLine } from "../../view/sanitize.js";
import type { Flag } from "../shared/command.js";

/** Flag of every command that drives, ends or takes back a staging. */
export const takeOverFlag: Flag = {
  name: "take-over",
  help: "take a staged rollout away from the process that is said to drive it",
};

/** How long a process that ends tries to let go of the staging, in milliseconds. */
export const releasePatience = 3_000;

/** This process, as it is written into a staging that it drives. `now` in milliseconds. */
export function thisHolder(machine: Machine, now: number): Holder {
  return { ...machine.identity(), since: new Date(now).toISOString() };
}

export function isSameHolder(left: Holder | undefined, right: Holder): boolean {
  return left?.host === right.host && left.pid === right.pid && left.since === right.since;
}

/**
 * Throws a ConflictError while another `sts` drives the set's staging, and a RefusedError where what `needs` the
 * partition is asked of a paused set. To take over is safe: the next write of who drove it finds another holder.
 */
export function refuseUnlessFree(
  machine: Machine,
  set: StatefulSet,
  needsPartition: boolean,
  takeOver = false,
): void {
  const { name } = set.metadata;
  const holder = stagingOf(set)?.holder;
  if (holder && !takeOver && isAlive(machine, holder)) {
    const { who, pid, since } = holder;
    throw new ConflictError(
      sanitizeLine(
        `the staged rollout of ${name} is driven by ${who} (process ${pid}) since ${since}; ` +
          "stop it there first, or take it over with --take-over",
      ),
    );
  }
  if (needsPartition && pauseOf(set)) {
    throw new RefusedError(`${name} is paused: sts rollout resume ${name} comes first`);
  }
}

/** Throws a RefusedError while an abort is under way, which has to come to its end first. */
export function refuseWhileAborting(set: StatefulSet): void {
  const { name } = set.metadata;
  if (!stagingOf(set)?.aborting) return;
  throw new RefusedError(
    `the staged rollout of ${name} is being taken back: sts rollout abort ${name} finishes that first`,
  );
}

/** A process of this machine can be looked for; one of another machine is believed. */
function isAlive(machine: Machine, holder: Holder): boolean {
  const { host, pid } = machine.identity();
  if (holder.host !== host) return true;
  return holder.pid !== pid && machine.isRunning(holder.pid);
}
