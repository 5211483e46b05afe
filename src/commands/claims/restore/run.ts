import type { Cluster } from "../../../cluster/index.js";
import type { Context } from "../../../context.js";
import { chooseSaved } from "../../../core/claims/restore/names.js";
import {
  decideRestore,
  type Restore,
  type RestoreDecision,
  type SavedFile,
} from "../../../core/claims/restore/decide.js";
import { groupBy } from "../../../core/group.js";
import type { NameClaim } from "../../../view/claims/restore.js";
import { namingFor } from "../../shared/naming.js";
import { inOrder } from "../in-order.js";
import { inPool, mostAtATime } from "../pool.js";
import { giveBack } from "./give-back.js";
import type { RestoreOptions } from "./options.js";
import { Report } from "./report.js";
import { resultOfPlan, type RestoreResult } from "./result.js";
import { keyOf, ownersReader, readSurroundings, type Surroundings } from "./situation.js";
import { RestoreSteps } from "./steps.js";

/** Plans all of it, refuses all of it when any cannot be, and carries it out. */
export async function restore(
  context: Context,
  cluster: Cluster,
  backup: readonly SavedFile[],
  options: RestoreOptions,
): Promise<number> {
  const saved = chooseSaved(backup, options.names, options.connection.namespace);
  const surroundings = await readSurroundings(context, cluster, saved);
  const steps = new RestoreSteps(context, cluster, ownersReader(cluster));
  const planned = plan(context, cluster, saved, surroundings, options);
  const decisions = options.dryRun === "client" ? planned : await rehearsed(context, steps, planned);
  const nameOf: NameClaim = ({ claim }) =>
    claim.metadata.namespace === cluster.namespace ? claim.metadata.name : keyOf(claim);
  const { namespace } = options.connection;
  const naming = { ...namingFor(context.program, cluster, options.connection)(cluster.namespace), namespace };
  const report = new Report(context, surroundings, options, nameOf, naming);
  report.plan(decisions);
  if (decisions.some(({ action }) => action === "refused")) return report.refuse(decisions);
  return await carryOut(context, cluster, steps, decisions, { options, report });
}

/** The saved claims of one name are decided on together. */
function plan(
  context: Context,
  cluster: Cluster,
  saved: readonly SavedFile[],
  { claims, volumes, users }: Surroundings,
  { connection, wait }: RestoreOptions,
): RestoreDecision[] {
  const namings = namingFor(context.program, cluster, connection);
  const byName = groupBy(saved, ({ claim }) => keyOf(claim));
  const byKey = [...byName].sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
  return byKey.map(([key, generations]) =>
    decideRestore(generations, {
      living: claims.get(key),
      volume: (name) => volumes.get(name),
      users: users.get(key) ?? [],
      wait,
      naming: namings(key.split("/")[0] ?? ""),
    }),
  );
}

/** What the server would not take is refused, too, before anything is written. */
async function rehearsed(
  { signal }: Context,
  steps: RestoreSteps,
  planned: readonly RestoreDecision[],
): Promise<RestoreDecision[]> {
  const decisions = [...planned];
  await inPool([...planned.keys()], mostAtATime, async (index) => {
    signal.throwIfAborted();
    const decision = planned[index];
    if (decision?.action !== "restore") return;
    const reason = await steps.rehearse(decision);
    if (reason !== undefined) decisions[index] = { action: "refused", saved: decision.saved, reason };
  });
  return decisions;
}

async function carryOut(
  context: Context,
  cluster: Cluster,
  steps: RestoreSteps,
  decisions: readonly RestoreDecision[],
  { options, report }: { options: RestoreOptions; report: Report },
): Promise<number> {
  const keys = decisions.map(({ saved }) => keyOf(saved.claim));
  const keyOfResult = ({ decision: { saved } }: RestoreResult) => keyOf(saved.claim);
  const said = inOrder(keys, keyOfResult, (result) => report.say(result));
  const results = new Map<string, RestoreResult>();
  const onResult = (result: RestoreResult) => {
    results.set(keyOfResult(result), result);
    said.tell(result);
  };
  for (const decision of decisions) {
    if (decision.action === "unchanged" || options.dryRun !== "none") onResult(resultOfPlan(decision));
  }
  const restores = decisions.filter((decision): decision is Restore => decision.action === "restore");
  try {
    if (options.dryRun === "none" && restores.length > 0) {
      await giveBack(context, cluster, steps, restores, { ...options, onResult });
    }
  } finally {
    said.flush();
    if (context.signal.aborted) report.interrupted([...results.values()], decisions);
  }
  return report.end(keys.flatMap((key) => results.get(key) ?? []));
}
