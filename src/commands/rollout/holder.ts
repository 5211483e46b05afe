import type { Cluster, ConnectionFlags } from "../../cluster/index.js";
import type { Context, Machine } from "../../context.js";
import type { StatefulSet } from "../../core/model.js";
import { ownCommand, type Naming } from "../../core/progress/naming.js";
import { pauseOf } from "../../core/rollout/pause.js";
import { stagingOf, type Holder } from "../../core/rollout/staging.js";
import { ConflictError, RefusedError } from "../../errors.js";
import { sanitizeLine } from "../../view/sanitize.js";
import type { Flag } from "../shared/command.js";
import { namingFor } from "../shared/naming.js";

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

/** Who asks for a set: this process, and how commands are written for its user. */
export interface Asking {
  machine: Machine;
  naming: Naming;
  /** Take a staging away from the process that is said to drive it. */
  takeOver: boolean;
}

/** `connection` is what the user gave, so that commands are written with it. */
export function askingFor(
  { machine, program }: Pick<Context, "machine" | "program">,
  cluster: Pick<Cluster, "namespace">,
  { metadata: { namespace = cluster.namespace } }: StatefulSet,
  { connection, takeOver = false }: { connection: ConnectionFlags; takeOver?: boolean },
): Asking {
  return { machine, naming: namingFor(program, cluster, connection)(namespace), takeOver };
}

/** What a set is asked for: to change its pods only, to move its partition, or to take its staging back. */
export type Purpose = "change" | "stage" | "abort";

/**
 * Throws a ConflictError while another `sts` drives the set's staging, and a RefusedError where a pause, or an abort that
 * has begun, has to come to its end first. To take over is safe: the next write of who drove it finds another holder.
 */
export function refuseUnlessFree(asking: Asking, set: StatefulSet, purpose: Purpose): void {
  const { name } = set.metadata;
  const { holder, aborting } = stagingOf(set) ?? {};
  if (holder && !asking.takeOver && isAlive(asking.machine, holder)) {
    throw new ConflictError(
      `the staged rollout of ${name} is driven by ${nameHolder(holder)}${sanitizeLine(` since ${holder.since}`)}; ` +
        "stop it there first, or take it over with --take-over",
    );
  }
  if (purpose === "change") return;
  if (pauseOf(set)) throw new RefusedError(`${name} is paused: ${resumeFirst(asking.naming, name)}`);
  if (aborting && purpose === "stage") {
    const abort = ownCommand(asking.naming, `rollout abort ${name}`);
    throw new RefusedError(`the staged rollout of ${name} is being taken back: ${abort} finishes that first`);
  }
}

/** What has to come before anything that moves the partition of a paused set. */
export function resumeFirst(naming: Naming, set: string): string {
  return `${ownCommand(naming, `rollout resume ${set}`)} comes first`;
}

/** `alice@laptop (process 4711)`. */
export function nameHolder({ who, pid }: Holder): string {
  return sanitizeLine(`${who} (process ${pid})`);
}

/** A process of this machine can be looked for; one of another machine is believed. */
export function isAlive(machine: Machine, holder: Holder): boolean {
  const { host, pid } = machine.identity();
  if (holder.host !== host) return true;
  return holder.pid !== pid && machine.isRunning(holder.pid);
}
