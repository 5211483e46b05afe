import type { Cluster } from "../../../cluster/index.js";
import type { Context } from "../../../context.js";
import { lacksOwner } from "../../../core/claims/owned.js";
import { newlyDeleting, samePolicy, type RetentionPolicy } from "../../../core/claims/retention.js";
import { kinds } from "../../../core/kinds.js";
import type { StatefulSet } from "../../../core/model.js";
import { ownershipWarning } from "../../../core/ownership.js";
import { nameOrdinals, ownCommand } from "../../../core/progress/naming.js";
import { unreadyOrdinals } from "../../../core/rollout/preflight.js";
import { autoscalerNotes } from "../../../core/scaling.js";
import { retentionPage } from "../../../view/claims/retention.js";
import { confirm } from "../../shared/confirm.js";
import { dryRunSuffixes } from "../../shared/flags.js";
import { namingFor } from "../../shared/naming.js";
import { listIfAllowed } from "../../shared/optional.js";
import type { RetentionOptions } from "./options.js";
import { readRetained, type Retained } from "./read.js";
import { settleOwners } from "./settle.js";
import { writeDocument } from "./show.js";
import { writePolicy } from "./write.js";

/**
 * Shows what a new policy makes of the claims, asks where it will delete, writes it in one patch and waits until the
 * claims belong to whom it says. Killed at any point, the same command goes on: a policy that is there already is not
 * written again, and its claims are waited for all the same.
 */
export async function changeRetention(
  options: RetentionOptions,
  context: Context,
  cluster: Cluster,
): Promise<number> {
  const { name, changes, dryRun } = options;
  const read = await readRetained(context, cluster, name);
  const { set } = read;
  const next: RetentionPolicy = { ...read.view.now, ...changes };
  const view = { ...read.view, next };
  const isChanged = !samePolicy(read.view.now, next);
  if (isChanged) {
    const warning = ownershipWarning(set);
    if (warning) context.err.write(`${warning}\n`);
  }
  context.err.write(retentionPage(view));
  const notes = await notesOf(context, cluster, read, next);
  for (const note of notes) context.err.write(`${note}\n`);
  if (newlyDeleting(view.now, next).length > 0) {
    await confirm(context, {
      text: `Let this policy delete claims of ${name}?`,
      yes: options.yes || dryRun !== "none",
      otherwise: "the retention policy was not changed",
    });
  }
  const written = await write(cluster, set, next, { isChanged, dryRun });
  if (dryRun === "none" && options.wait) await settle(options, context, cluster, written);
  if (!writeDocument(context, view, options.output)) {
    const what = isChanged ? "updated" : "unchanged";
    context.out.write(`statefulset.apps/${name} retention policy ${what}${dryRunSuffixes[dryRun]}\n`);
  }
  return 0;
}

async function write(
  cluster: Cluster,
  set: StatefulSet,
  policy: RetentionPolicy,
  { isChanged, dryRun }: { isChanged: boolean; dryRun: RetentionOptions["dryRun"] },
): Promise<StatefulSet> {
  if (!isChanged || dryRun === "client") return set;
  return writePolicy(cluster, set, policy, { dryRun: dryRun === "server" });
}

async function settle(
  { connection, name, timeout }: RetentionOptions,
  context: Context,
  cluster: Cluster,
  set: StatefulSet,
): Promise<void> {
  const { namespace = cluster.namespace } = set.metadata;
  const naming = namingFor(context.program, cluster, connection)(namespace);
  try {
    const otherwise = `the policy is set; to go on waiting, run the same again, or see ${ownCommand(naming, `pvc retention ${name}`)}`;
    await settleOwners(context, cluster, set, { timeout, otherwise });
  } catch (error) {
    if (context.signal.aborted) {
      context.err.write(
        `the policy of ${name} is set; the same command again goes on waiting for its claims\n`,
      );
    }
    throw error;
  }
}

/** Who else decides when claims go, and who keeps the controller from them. */
async function notesOf(
  context: Context,
  cluster: Cluster,
  { set, pods, view }: Retained,
  next: RetentionPolicy,
): Promise<string[]> {
  const { namespace, name } = view;
  const notes: string[] = [];
  if (next.whenScaled === "Delete") {
    const without = "whether one scales this set is not known";
    const found = await listIfAllowed(context, cluster, kinds.autoscaler, { namespace }, without);
    notes.push(
      ...autoscalerNotes(set, found ?? []).map(
        (note) => `warning: ${note}, and each scale-down deletes claims then`,
      ),
    );
  }
  const unready = unreadyOrdinals(set, pods, context.clock.now());
  const [first] = unready;
  const waits = view.claims.some(
    (owned) => first !== undefined && owned.ordinal > first && lacksOwner(next, owned),
  );
  if (first !== undefined && waits && set.spec.podManagementPolicy !== "Parallel") {
    const above = nameOrdinals(name, [first]);
    notes.push(`${above} is not ready: the claims above it get their owner once it is (OrderedReady)`);
  }
  return notes;
}
