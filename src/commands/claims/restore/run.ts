import type { Cluster, ConnectionFlags } from "../../../cluster/index.js";
import type { Context } from "../../../context.js";
import { chooseSaved, type ClaimName } from "../../../core/claims/restore-names.js";
import {
  decideRestore,
  type Restore,
  type RestoreDecision,
  type SavedFile,
} from "../../../core/claims/restore.js";
import { kubectlCommand, ownCommand, type Naming } from "../../../core/progress/naming.js";
import { shellWord } from "../../../core/words.js";
import { ExitCode, RefusedError } from "../../../errors.js";
import { keptVolumes, refusal, restorePlan, type NameClaim } from "../../../view/claims-restore.js";
import { dryRunSuffixes, type DryRun } from "../../shared/flags.js";
import { namingFor } from "../../shared/naming.js";
import { mostAtATime } from "../cleanup-options.js";
import { inOrder } from "../in-order.js";
import { inPool } from "../pool.js";
import { giveBack } from "./give-back.js";
import { exitCodeOfResults, keptBy, sayResult, writeDocument, type RestoreOutput } from "./report.js";
import type { RestoreResult } from "./result.js";
import { keyOf, ownersReader, readSurroundings, type Surroundings } from "./situation.js";
import { RestoreSteps } from "./steps.js";

export interface RestoreOptions {
  connection: ConnectionFlags;
  /** The folder of a backup, or one file of it. */
  path: string;
  /** Empty: all of them. */
  names: ClaimName[];
  dryRun: DryRun;
  wait: boolean;
  /** Milliseconds; undefined is no limit. */
  timeout: number | undefined;
  output: RestoreOutput | undefined;
}

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
  const decisions = options.dryRun === "client" ? planned : await rehearsed(steps, planned);
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
  const byName = new Map<string, [SavedFile, ...SavedFile[]]>();
  for (const each of saved) {
    const generations = byName.get(keyOf(each.claim));
    if (generations) generations.push(each);
    else byName.set(keyOf(each.claim), [each]);
  }
  return [...byName].map(([key, generations]) =>
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
  steps: RestoreSteps,
  planned: readonly RestoreDecision[],
): Promise<RestoreDecision[]> {
  const decisions = [...planned];
  await inPool([...planned.keys()], mostAtATime, async (index) => {
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
  const keyOfResult = ({ decision: { saved } }: RestoreResult) => keyOf(saved.claim);
  const said = inOrder(
    decisions.map(({ saved }) => keyOf(saved.claim)),
    keyOfResult,
    (result) => report.say(result),
  );
  const results: RestoreResult[] = [];
  const onResult = (result: RestoreResult) => {
    results.push(result);
    said.tell(result);
  };
  for (const decision of decisions) {
    if (decision.action === "unchanged") onResult({ decision, outcome: "unchanged", message: "" });
    else if (options.dryRun !== "none") onResult({ decision, outcome: "planned", message: "" });
  }
  const restores = decisions.filter((decision): decision is Restore => decision.action === "restore");
  try {
    if (options.dryRun === "none" && restores.length > 0) {
      await giveBack(context, cluster, steps, restores, { ...options, onResult });
    }
  } finally {
    said.flush();
    if (context.signal.aborted) report.interrupted(results, decisions);
  }
  return report.end(results);
}

/** What is said of a restore from the plan to the end. */
class Report {
  constructor(
    private readonly context: Context,
    private readonly surroundings: Surroundings,
    private readonly options: RestoreOptions,
    private readonly nameOf: NameClaim,
    /** Of commands that name no namespace by themselves. */
    private readonly naming: Naming,
  ) {}

  plan(decisions: readonly RestoreDecision[]): void {
    const { err } = this.context;
    if (this.options.output === undefined) err.write(restorePlan(decisions, this.nameOf));
    for (const decision of decisions)
      if (decision.action === "refused") err.write(refusal(decision, this.nameOf));
  }

  refuse(decisions: readonly RestoreDecision[]): never {
    this.#document(decisions.map(resultOfPlan));
    const refused = decisions.filter(({ action }) => action === "refused").length;
    const only = this.#onlyThePossible(decisions);
    const rest = only ? `; only the others: ${only}` : "";
    throw new RefusedError(`nothing was restored: ${refused} of ${decisions.length} cannot be${rest}`);
  }

  /** The command for those that can be given back, where they are few enough to be named. */
  #onlyThePossible(decisions: readonly RestoreDecision[]): string | undefined {
    const possible = decisions.filter(({ action }) => action === "restore");
    if (possible.length === 0 || possible.length > 20) return undefined;
    const namespaces = new Set(decisions.map(({ saved }) => saved.claim.metadata.namespace));
    const names = possible.map(({ saved: { claim } }) =>
      namespaces.size > 1 ? keyOf(claim) : claim.metadata.name,
    );
    const words = [shellWord(this.options.path), ...names].join(" ");
    return ownCommand(this.naming, `pvc restore ${words}`);
  }

  say(result: RestoreResult): void {
    const { output, dryRun } = this.options;
    sayResult(this.context, result, { output, nameOf: this.nameOf, suffix: dryRunSuffixes[dryRun] });
  }

  interrupted(results: readonly RestoreResult[], decisions: readonly RestoreDecision[]): void {
    const there = results.filter((result) => exitCodeOfResults([result]) === ExitCode.Done);
    this.context.err.write(
      `${there.length} of ${decisions.length} claims are there; the same command again goes on with the rest\n`,
    );
  }

  end(results: readonly RestoreResult[]): number {
    this.#document(results);
    const kept = this.options.dryRun === "none" ? keptBy(results, this.#volumeOf) : [];
    this.context.err.write(
      keptVolumes(kept, (words) => kubectlCommand({ ...this.naming, namespace: undefined }, words)),
    );
    return exitCodeOfResults(results);
  }

  readonly #volumeOf = (name: string) => this.surroundings.volumes.get(name);

  #document(results: readonly RestoreResult[]): void {
    const { output } = this.options;
    if (output === "json" || output === "yaml") writeDocument(this.context, results, this.#volumeOf, output);
  }
}

function resultOfPlan(decision: RestoreDecision): RestoreResult {
  if (decision.action === "restore") return { decision, outcome: "planned", message: "" };
  if (decision.action === "unchanged") return { decision, outcome: "unchanged", message: "" };
  return { decision, outcome: "refused", message: decision.reason };
}
