import type { Cluster } from "../cluster/index.js";
import type { Context } from "../context.js";
import { kinds } from "../core/kinds.js";
import { UsageError } from "../core/errors.js";
import type { Pod, StatefulSet } from "../core/model.js";
import { mostReplicas } from "../core/manifest/check-set.js";
import { ownershipWarning } from "../core/ownership.js";
import { ownCommand } from "../core/progress/naming.js";
import { scaleNotes, scaleTitle, type ScaleFacts } from "../core/scaling.js";
import { formatSelector, requirementsOf } from "../core/selector.js";
import { ConflictError } from "../errors.js";
import { changeFlags, readChange, type ChangeOptions } from "./shared/change-set.js";
import { defineCommand, type Flag } from "./shared/command.js";
import { dryRunSuffixes } from "./shared/flags.js";
import { announcement, follow, type FollowTarget } from "./shared/follow.js";
import { namingFor } from "./shared/naming.js";
import { listIfAllowed } from "./shared/optional.js";
import { readPods } from "./shared/read-pods.js";
import { scaleSet } from "./shared/revise.js";
import { readSetSelection, readSets, selectionFlags, type SetSelection } from "./shared/select-sets.js";

const flags: readonly Flag[] = [
  { name: "replicas", value: "N", help: "how many replicas there should be (required)" },
  { name: "current-replicas", value: "M", help: "only scale if there are M replicas now" },
  { name: "resource-version", value: "V", help: "only scale if the set is at this resourceVersion" },
  ...selectionFlags,
  ...changeFlags,
];

interface Options extends ChangeOptions {
  sets: SetSelection;
  replicas: number;
  currentReplicas: number | undefined;
  resourceVersion: string | undefined;
}

/** Scales through the scale subresource and follows the pods until the set is there. */
export const scaleCommand = defineCommand<Options>({
  path: "scale",
  group: "main",
  summary: "Scale StatefulSets and watch the pods come and go in order",
  args: "NAME…",
  completes: "statefulset",
  examples: `
# To five replicas, a row for each ordinal
sts scale web --replicas=5

# Only if there are three now, and give up after ten minutes
sts scale web --current-replicas=3 --replicas=5 --timeout=10m

# From a script that goes on by itself
sts scale web --replicas=0 --wait=false`,
  flags,

  options(input) {
    const replicas = input.integer("replicas", { min: 0, max: mostReplicas });
    if (replicas === undefined)
      throw new UsageError("--replicas=N is needed: how many replicas there should be");
    return {
      ...readChange(input),
      sets: readSetSelection(input),
      replicas,
      currentReplicas: input.integer("current-replicas"),
      resourceVersion: input.text("resource-version"),
    };
  },

  async run(options, context) {
    const cluster = await context.cluster(options.connection);
    const sets = await readSets(cluster, options.sets);
    for (const set of sets) checkPreconditions(set, options);
    const suffix = dryRunSuffixes[options.dryRun];
    const sayScaled = () => {
      for (const set of sets) context.out.write(`statefulset.apps/${set.metadata.name} scaled${suffix}\n`);
    };
    const targets: FollowTarget[] = [];
    for (const set of sets) targets.push(await scaleOne(cluster, context, set, options));
    if (options.dryRun !== "none" || !options.wait.wait) {
      for (const target of targets) context.err.write(announcement(target));
      sayScaled();
      return 0;
    }
    const { code } = await follow(context, cluster, {
      operation: "scale",
      targets,
      wait: options.wait,
      naming: namingFor(context.program, cluster, options.connection),
    });
    if (code === 0) sayScaled();
    return code;
  },
});

function checkPreconditions(set: StatefulSet, { currentReplicas, resourceVersion }: Options): void {
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
  options: Options,
): Promise<FollowTarget> {
  const { namespace = cluster.namespace, name } = set.metadata;
  const { replicas } = options;
  const now = set.spec.replicas ?? 1;
  const naming = namingFor(context.program, cluster, options.connection);
  const follows = options.wait.wait && options.dryRun === "none";
  const [facts, before] = await Promise.all([
    readFacts(cluster, context, set),
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

/** Who does not wait for the pods can do without seeing them. */
function seePods(context: Context, cluster: Cluster, set: StatefulSet): Promise<Pod[] | undefined> {
  const labelSelector = formatSelector(requirementsOf(set.spec.selector));
  const scope = { namespace: set.metadata.namespace, labelSelector };
  return listIfAllowed(context, cluster, kinds.pod, scope, "whether one of them blocks this is not known");
}

async function readFacts(
  cluster: Cluster,
  context: Context,
  { metadata, spec }: StatefulSet,
): Promise<ScaleFacts> {
  const { namespace } = metadata;
  // The controller puts the selector's labels on the claims it makes; its expressions cannot be.
  const labelSelector = formatSelector(requirementsOf({ matchLabels: spec.selector.matchLabels ?? {} }));
  const [claims, autoscalers] = await Promise.all([
    listIfAllowed(context, cluster, kinds.claim, { namespace, labelSelector }, "old claims are not shown"),
    listIfAllowed(
      context,
      cluster,
      kinds.autoscaler,
      { namespace },
      "whether one scales this set is not known",
    ),
  ]);
  return { claims: claims ?? [], autoscalers: autoscalers ?? [], now: context.clock.now() };
}
