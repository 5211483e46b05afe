import type { SetFacts } from "../../core/claims/facts.js";
import type { ChosenClaim } from "../../core/claims/plan.js";
import { sanitizeLine } from "../sanitize.js";

/** Of sets that others write, too: what is left over now may be wanted again. */
export function managersWarning(chosen: readonly ChosenClaim[], sets: readonly SetFacts[]): string {
  const names = new Set(chosen.map(({ claim, set }) => `${claim.namespace}/${set}`));
  return sets
    .filter(({ namespace, name }) => names.has(`${namespace}/${name}`))
    .map(({ namespace, name, managers = [] }) =>
      managers.length === 0
        ? ""
        : sanitizeLine(
            `warning: ${namespace}/${name} is managed by ${managers.join(" and ")}, which may want these claims back`,
          ) + "\n",
    )
    .join("");
}

/**
 * What can be done before the question is answered with yes, as far as it was not asked for. `losesData`: one of the
 * volumes does not outlive its claim as it is.
 */
export function keepHint(
  { backup, keepData }: { backup?: string | undefined; keepData?: boolean },
  losesData: boolean,
): string {
  const hints = [
    ...(backup === undefined ? ["--backup=DIR saves the objects first"] : []),
    ...(losesData && !keepData ? ["--keep-data keeps the volumes"] : []),
  ];
  return hints.length === 0 ? "" : `${hints.join(", ")}.\n`;
}

/** `this claim`, `these 3 claims`. */
export function theseClaims(count: number): string {
  return count === 1 ? "this claim" : `these ${count} claims`;
}

/** What a backup is, and is not; `back` is the command that reads it. */
export function backupSaid(
  { dir, claims, volumes }: { dir: string; claims: number; volumes: number },
  back: string,
): string {
  const what = `${counted(claims, "claim")} and ${counted(volumes, "volume")}`;
  return `saved ${what} in ${dir}: the objects, not the data\n  back, while the volumes are there: ${back}\n`;
}

/** The same of a dry run, which saves nothing. */
export function backupPlanned(dir: string, claims: number, suffix: string): string {
  const what = claims === 1 ? "1 claim and its volume" : `${claims} claims and their volumes`;
  return `would first save ${what} in ${dir}: the objects, not the data${suffix}\n`;
}

/** Volumes that were set to Retain and stay. */
export function keptSaid(volumes: readonly string[]): string {
  if (volumes.length === 0) return "";
  if (volumes.length === 1) return "1 volume stays, Released, until somebody deletes it: kubectl get pv\n";
  return `${volumes.length} volumes stay, Released, until somebody deletes them: kubectl get pv\n`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
