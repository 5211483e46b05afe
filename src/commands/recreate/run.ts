import type { Cluster } from "../../cluster/index.js";
import { isApiError } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import { UsageError } from "../../core/errors.js";
import { kinds } from "../../core/kinds.js";
import type { Pod, StatefulSet } from "../../core/model.js";
import { ownCommand, type Naming } from "../../core/progress/naming.js";
import { fieldChange, type FieldChange } from "../../core/recreate/fields.js";
import { manifestOf } from "../../core/recreate/manifest.js";
import { shellWord } from "../../core/words.js";
import { ConflictError, RefusedError } from "../../errors.js";
import { confirm } from "../shared/confirm.js";
import { dryRunSuffixes } from "../shared/flags.js";
import { namingFor } from "../shared/naming.js";
import { getIfThere } from "../shared/optional.js";
import { readPods } from "../shared/read-pods.js";
import { statePath } from "./keep.js";
import type { RecreateOptions } from "./options.js";
import { interruptedWords, planWords } from "./plan.js";
import {
  findInterrupted,
  recreateSet,
  refuseUnlessRecreatable,
  resume,
  type Interrupted,
} from "./recreate-set.js";
import { refuseWhereTaken, rehearse } from "./check.js";
import { readSet } from "./steps.js";

/** What `sts recreate` does. Returns the exit code. */
export async function recreate(options: RecreateOptions, context: Context): Promise<number> {
  const cluster = await context.cluster(options.connection);
  const { name, dryRun } = options;
  const naming = namingFor(context.program, cluster, options.connection)(cluster.namespace);
  const interrupted = await findInterrupted(cluster, name);
  if (interrupted) {
    const finished = await finish(context, cluster, interrupted, options);
    if (!finished || options.assignments.length === 0) return done(context, name, "recreated", options);
  }
  const set = await cluster.get(kinds.statefulSet, { name });
  if (options.assignments.length === 0) {
    throw new UsageError(`no recreation of ${name} was interrupted: name what to change, --set FIELD=VALUE`);
  }
  const pods = await readPods(cluster, set);
  const changes = options.assignments.map((one) => fieldChange(one, set, pods, naming));
  const change = (found: StatefulSet): StatefulSet =>
    changes.reduce((changed, { change: next }) => next(changed), found);
  refuseFields(changes);
  if (change(set) === set) return done(context, name, interrupted ? "recreated" : "unchanged", options);
  refuseUnlessRecreatable(naming, set, pods);
  await refuseWhereTaken(cluster, set);
  await show(context, cluster, { set, pods, changes, change, naming });
  if (dryRun !== "client") await rehearse(cluster, manifestOf(change(set)));
  if (dryRun !== "none") return done(context, name, "recreated", options);
  await confirm(context, {
    text: `Make ${name} anew?`,
    yes: options.yes,
    otherwise: `${name} was not touched`,
  });
  const sets = options.typed.map((text) => `--set ${shellWord(text)}`).join(" ");
  await recreateSet(context, cluster, set, {
    change,
    purpose: changes.map(({ words }) => words).join(", "),
    again: ownCommand(naming, `recreate ${name} ${sets}`),
    timeout: options.timeout,
    naming,
    takeOver: options.takeOver,
    checked: true,
  });
  return done(context, name, "recreated", options);
}

/** Brings to its end what was interrupted. False for a dry run, which only says so. */
async function finish(
  context: Context,
  cluster: Cluster,
  interrupted: Interrupted,
  { yes, dryRun, timeout, takeOver, name, assignments }: RecreateOptions,
): Promise<boolean> {
  const live = await readSet(cluster, interrupted.saved);
  context.err.write(interruptedWords(interrupted, live));
  if (dryRun !== "none") return false;
  await confirm(context, {
    text: `Go on with it?`,
    yes,
    otherwise: `${name} was left as it is`,
  });
  const set = await resume(context, cluster, interrupted, { timeout, takeOver });
  if (set.metadata.uid === interrupted.saved.metadata.uid && assignments.length === 0) {
    throw new ConflictError(
      `${name} was changed by somebody else meanwhile: say again what to change, with --set`,
    );
  }
  return true;
}

interface Shown {
  set: StatefulSet;
  pods: readonly Pod[];
  changes: readonly FieldChange[];
  change: (set: StatefulSet) => StatefulSet;
  naming: Naming;
}

async function show(context: Context, cluster: Cluster, shown: Shown): Promise<void> {
  const { set, change } = shown;
  const wanted = change(set);
  const service = wanted.spec.serviceName;
  const services =
    service === set.spec.serviceName || !service ? undefined : await readService(cluster, set, service);
  context.err.write(planWords({ ...shown, wanted, services, file: statePath(context, set) }));
}

/** The Service that the pods will be named by: undefined where it cannot be read. */
async function readService(cluster: Cluster, { metadata: { namespace } }: StatefulSet, name: string) {
  try {
    return { found: await getIfThere(cluster, kinds.service, { namespace, name }) };
  } catch (error) {
    if (isApiError(error, "Forbidden")) return undefined;
    throw error;
  }
}

function refuseFields(changes: readonly FieldChange[]): void {
  const refusals = changes.flatMap(({ refusal }) => refusal ?? []);
  if (refusals.length > 0) throw new RefusedError(refusals.join("\nerror: "));
}

function done({ out }: Context, name: string, what: string, { dryRun }: RecreateOptions): number {
  out.write(`statefulset.apps/${name} ${what}${dryRunSuffixes[dryRun]}\n`);
  return 0;
}
