import type { Cluster, Patch } from "../../cluster/cluster.js";
import type { ConnectionFlags } from "../../cluster/kubeconfig/flags.js";
import type { Context } from "../../context.js";
import { kinds } from "../../core/kinds.js";
import type { StatefulSet } from "../../core/model.js";
import type { NextStep } from "../../core/progress/verdict.js";
import { ownershipWarning } from "../../core/ownership.js";
import type { DryRun, WaitOptions } from "./flags.js";
import { follow } from "./follow.js";
import { namingFor } from "./naming.js";
import { readPods } from "./read-pods.js";
import { revise } from "./revise.js";

/** One change of one set that its pods then roll out. */
export interface SetChange {
  connection: ConnectionFlags;
  set: StatefulSet;
  /** What happens, in a line; `notes` below it. */
  title: string;
  notes: string[];
  /** Made from the set as it is when it is sent; carries that set's resourceVersion. */
  patch(set: StatefulSet): Patch;
  /** The line on stdout, without a suffix: `statefulset.apps/web image updated`. */
  result: string;
  /** How to take it back, offered when it fails. */
  back?: NextStep;
  dryRun: DryRun;
  wait: WaitOptions;
}

const suffixes: Record<DryRun, string> = { none: "", client: " (dry run)", server: " (server dry run)" };

/** Sends a change in one patch and follows its rollout. Returns the exit code. */
export async function changeSet(context: Context, cluster: Cluster, change: SetChange): Promise<number> {
  const { set, title, notes, dryRun, back } = change;
  const { namespace = cluster.namespace, name } = set.metadata;
  const warning = ownershipWarning(set);
  if (warning) context.err.write(`${warning}\n`);
  const following = dryRun === "none" && change.wait.wait;
  const before = following ? await readPods(cluster, set) : [];
  const written = dryRun === "client" ? set : await send(cluster, change);
  const result = `${change.result}${suffixes[dryRun]}\n`;
  if (!following) {
    context.err.write([`${namespace}/${name}: ${title}`, ...notes.map((note) => `  ${note}`), ""].join("\n"));
    context.out.write(result);
    return 0;
  }
  const { code } = await follow(context, cluster, {
    operation: "rollout",
    targets: [
      { namespace, name, goal: { type: "settled" }, title, notes, written, before, ...(back && { back }) },
    ],
    wait: change.wait,
    naming: namingFor(context.program, cluster, change.connection),
  });
  if (code === 0) context.out.write(result);
  return code;
}

function send(cluster: Cluster, { set, patch, dryRun }: SetChange): Promise<StatefulSet> {
  return revise(cluster, set, (current) => {
    const { namespace, name } = current.metadata;
    return cluster.patch(kinds.statefulSet, { namespace, name }, patch(current), {
      dryRun: dryRun === "server",
    });
  });
}
