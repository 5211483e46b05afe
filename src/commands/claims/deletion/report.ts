import type { Context } from "../../../context.js";
import type { ReclaimPolicies } from "../../../core/claims/volumes.js";
import { ExitCode, gravest } from "../../../errors.js";
import { claimItem } from "../../../view/claims/table.js";
import { formatDocument } from "../../../view/output.js";
import { sanitize, sanitizeJson } from "../../../view/sanitize.js";
import type { ClaimResult } from "./delete-claims.js";

export const deletionOutputs = ["json", "yaml", "name"] as const;
export type DeletionOutput = (typeof deletionOutputs)[number];

export interface ReportOptions {
  output: DeletionOutput | undefined;
  allNamespaces: boolean;
  /** What `deleted` is followed by in a dry run. */
  suffix?: string;
}

const codes: Readonly<Record<ClaimResult["outcome"], ExitCode>> = {
  planned: ExitCode.Done,
  deleted: ExitCode.Done,
  terminating: ExitCode.Unfinished,
  skipped: ExitCode.Conflict,
  wanted: ExitCode.Conflict,
  failed: ExitCode.Error,
};

/** Says one result: a line on stdout for what is done, on stderr for what is not. */
export function sayResult(
  { out, err }: Context,
  { claim, outcome, message, kept }: ClaimResult,
  options: ReportOptions,
): void {
  const { name, namespace } = claim.claim;
  if (outcome === "failed") return err.write(`${sanitize(message)}\n`);
  if (outcome === "skipped" || outcome === "wanted")
    return err.write(
      `${outcome}: ${options.allNamespaces ? `${namespace}/` : ""}${name}: ${sanitize(message)}\n`,
    );
  if (options.output === "name") out.write(`persistentvolumeclaim/${name}\n`);
  if (options.output !== undefined) return;
  const where = options.allNamespaces ? ` from ${namespace} namespace` : "";
  const what = outcome === "terminating" ? `is Terminating${where}` : `deleted${where}`;
  const volume = kept === undefined ? "" : ` (volume ${kept} kept)`;
  out.write(`persistentvolumeclaim "${name}" ${what}${volume}${options.suffix ?? ""}\n`);
}

/**
 * The one document of `-o json` and `-o yaml`: each claim as it was shown, and what became of it. `kept` is the volume
 * that was set to Retain, `savedTo` the file of the backup.
 */
export function writeDocument(
  { out }: Context,
  results: readonly ClaimResult[],
  policies: ReclaimPolicies,
  output: DeletionOutput | undefined,
): void {
  if (output !== "json" && output !== "yaml") return;
  const items = results.map(({ claim, outcome, message, kept, savedTo }) => ({
    ...claimItem(claim, policies),
    unusedSince: new Date(claim.unused.since).toISOString(),
    unusedSinceBy: claim.unused.by,
    outcome,
    message,
    kept: kept ?? null,
    savedTo: savedTo ?? null,
  }));
  const document = sanitizeJson({ items });
  out.write(formatDocument({ type: output }, document));
}

/** What is still Terminating counts as unfinished only for who waited for it. */
export function exitCodeOfResults(results: readonly ClaimResult[], waited: boolean): ExitCode {
  const counted = results.filter(({ outcome }) => waited || outcome !== "terminating");
  return gravest(counted.map(({ outcome }) => codes[outcome]));
}
