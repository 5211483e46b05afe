import type { Cluster } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import type { StatefulSet } from "../../core/model.js";
import { ownershipWarning } from "../../core/ownership.js";
import { ownCommand } from "../../core/progress/naming.js";
import { scaleNotes, scaleTitle } from "../../core/scaling.js";
import { ConflictError, ExitCode } from "../../errors.js";
import { dryRunSuffixes } from "../shared/flags.js";
import { announcement, follow, type FollowTarget } from "../shared/follow.js";
import { namingFor } from "../shared/naming.js";
import { readPods } from "../shared/read-pods.js";
import { scaleSet } from "../shared/revise.js";
import { readSets } from "../shared/select-sets.js";
import { readFacts, seePods } from "./facts.js";
import { removeOldClaims } from "./fresh.js";
import type { ScaleOptions } from "./options.js";

/** Scales sets, and follows them until their pods have come or gone. Returns the exit code. */
export async function scaleSets(options: ScaleOptions, context: Context): Promise<number> {
  const cluster = await context.cluster(options.connection);
  const begun = context.clock.now();
  const sets = await readSets(cluster, options.sets);
  for (const set of sets) checkPreconditions(set, options);
  if (options.fresh) {
    const code = await removeOldClaims(context, cluster, sets, options);
    if (code !== ExitCode.Done) return code;
  }
  const sayScaled = () => {
    const suffix = dryRunSuffixes[options.dryRun];
    for (const set of sets) context.out.write(`statefulset.apps/${set.metadata.name} scaled${suffix}\n`);
  };
  const targets: FollowTarget[] = [];
  for (const set of sets) targets.push(await scaleOne(cluster, context, set, options));
  if (options.dryRun !== "none" || !options.wait.wait) {
    for (const target of targets) context.err.write(announcement(target));
    sayScaled();
    return ExitCode.Done;
  }
  const { timeout } = options.wait;
  const left = timeout === undefined ? undefined : Math.max(1, begun + timeout - context.clock.now());
  const { code } = await follow(context, cluster, {
    operation: "scale",
    targets,
    wait: options.fresh ? { ...options.wait, timeout: left } : options.wait,
    naming: namingFor(context.program, cluster, options.connection),
  });
  if (code === ExitCode.Done) sayScaled();
  return code;
}

function checkPreconditions(
  set: StatefulSet,
  { currentReplicas, resourceVersion }: Pick<ScaleOptions, "currentReplicas" | "resourceVersion">,
): void {
  const { name } = set.metadata;
  const replicas = set.spec.replicas ?? 1;
  if (currentReplicas !== undefined && replicas !== currentReplicas) {
    throw new ConflictError(
      `Expected replicas of ${name} to be ${currentReplicas}, was ${replicas}; nothing was scaled`,
    );
  }
  if (resourceVersion !== undefined && set.metadata.resourceVersion !== resourceVersion) {
    throw new ConflictError(
      `Expected resource version of ${name} to be ${resourceVersion}, was ${set.metadata.resourceVersion}; nothing was scaled`,
    );
  }
}

/** Reads what a person should know, writes the new number, and returns what to follow. */
async function scaleOne(
  cluster: Cluster,
  context: Context,
  set: StatefulSet,
  options: ScaleOptions,
): Promise<FollowTarget> {
  const { namespace = cluster.namespace, name } = set.metadata;
  const { replicas, fresh } = options;
  const now = set.spec.replicas ?? 1;
  const naming = namingFor(context.program, cluster, options.connection);
  const follows = options.wait.wait && options.dryRun === "none";
  const [facts, before] = await Promise.all([
    readFacts(cluster, context, set, { replicas, fresh }),
    follows ? readPods(cluster, set) : seePods(context, cluster, set),
  ]);
  const warning = ownershipWarning(set);
  if (warning) context.err.write(`${warning}\n`);
  const written =
    options.dryRun === "client"
      ? set
      : await scaleSet(cluster, set, replicas, { dryRun: options.dryRun === "server" });
  return {
    namespace,
    name,
    goal: { type: "scaled", replicas },
    title: scaleTitle(set, replicas),
    notes: scaleNotes(set, replicas, { ...facts, ...(before && { pods: before }) }),
    written,
    ...(before && { before }),
    back: { label: "go back", command: ownCommand(naming(namespace), `scale ${name} --replicas=${now}`) },
  };
}
