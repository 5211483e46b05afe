import type { Context } from "../../../context.js";
import type { RestoreDecision } from "../../../core/claims/restore/decide.js";
import type { Volume } from "../../../core/model.js";
import { kubectlCommand, ownCommand, type Naming } from "../../../core/progress/naming.js";
import { shellWord } from "../../../core/words.js";
import { ExitCode, gravest, RefusedError } from "../../../errors.js";
import {
  keptVolumes,
  refusal,
  restorePlan,
  type KeptVolume,
  type NameClaim,
} from "../../../view/claims/restore.js";
import { formatDocument } from "../../../view/output.js";
import { sanitizeJson, sanitizeLine } from "../../../view/sanitize.js";
import { dryRunSuffixes } from "../../shared/flags.js";
import type { RestoreOptions, RestoreOutput } from "./options.js";
import { resultOfPlan, type RestoreResult } from "./result.js";
import { keyOf, type Surroundings } from "./situation.js";

const codes: Readonly<Record<RestoreResult["outcome"], ExitCode>> = {
  planned: ExitCode.Done,
  restored: ExitCode.Done,
  unchanged: ExitCode.Done,
  created: ExitCode.Done,
  unfinished: ExitCode.Unfinished,
  changed: ExitCode.Conflict,
  refused: ExitCode.Refused,
  failed: ExitCode.Error,
};

function exitCodeOfResults(results: readonly RestoreResult[]): ExitCode {
  return gravest(results.map(({ outcome }) => codes[outcome]));
}

const done: Partial<Record<RestoreResult["outcome"], string>> = {
  planned: "restored",
  restored: "restored",
  unchanged: "unchanged",
  created: "created, not bound yet",
};

/** A line on stdout for what is done, on stderr for what is not. */
function sayResult(
  { out, err }: Context,
  { decision: { saved }, outcome, message }: RestoreResult,
  { output, nameOf, suffix }: { output: RestoreOutput | undefined; nameOf: NameClaim; suffix: string },
): void {
  const what = done[outcome];
  if (what === undefined) return err.write(`${outcome}: ${nameOf(saved)}: ${sanitizeLine(message)}\n`);
  const name = `persistentvolumeclaim/${saved.claim.metadata.name}`;
  if (output === "name") out.write(`${name}\n`);
  if (output !== undefined) return;
  const { namespace } = saved.claim.metadata;
  const where = nameOf(saved) === saved.claim.metadata.name ? "" : ` in ${namespace} namespace`;
  out.write(`${name} ${what}${where}${outcome === "unchanged" ? "" : suffix}\n`);
}

/** The one document of `-o json` and `-o yaml`; null is what does not apply. */
function writeDocument(
  { out }: Context,
  results: readonly RestoreResult[],
  volumeOf: (name: string) => Volume | undefined,
  output: "json" | "yaml",
): void {
  const items = results.map(({ decision, outcome, message, uid }) => {
    const { saved } = decision;
    const { metadata, spec } = saved.claim;
    const isKept = decision.action === "restore" && decision.keep && isThere(outcome);
    const volume = volumeOf(spec.volumeName ?? "");
    return {
      namespace: metadata.namespace,
      name: metadata.name,
      uid: uid ?? null,
      savedUid: metadata.uid,
      volume: spec.volumeName ?? null,
      size: spec.resources?.requests?.["storage"] ?? null,
      storageClass: spec.storageClassName ?? null,
      reclaimPolicy: isKept ? "Retain" : (volume?.spec.persistentVolumeReclaimPolicy ?? null),
      savedReclaimPolicy: saved.volume?.spec.persistentVolumeReclaimPolicy ?? null,
      file: saved.file,
      outcome,
      message,
    };
  });
  const document = sanitizeJson({ items });
  out.write(formatDocument({ type: output }, document));
}

function isThere(outcome: RestoreResult["outcome"]): boolean {
  return outcome === "restored" || outcome === "unchanged" || outcome === "created";
}

/** The volumes of claims that are there now, whose reclaim policy is Retain and was not when they were saved. */
function keptBy(
  results: readonly RestoreResult[],
  volumeOf: (name: string) => Volume | undefined,
): KeptVolume[] {
  return results
    .filter(({ outcome }) => isThere(outcome))
    .flatMap(({ decision }) => {
      const { saved } = decision;
      const now = volumeOf(saved.claim.spec.volumeName ?? "");
      if (!now) return [];
      const policy = now.spec.persistentVolumeReclaimPolicy;
      const before = saved.volume?.spec.persistentVolumeReclaimPolicy ?? policy;
      const isKept = policy === "Retain" || (decision.action === "restore" && decision.keep);
      return isKept && before && before !== "Retain" ? [{ name: now.metadata.name, before }] : [];
    });
}

/** What is said of a restore from the plan to the end. */
export class Report {
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
    const there = results.filter(({ outcome }) => isThere(outcome));
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
