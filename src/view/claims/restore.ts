import type { Refused, RestoreDecision } from "../../core/claims/restore/decide.js";
import type { SavedClaim } from "../../core/claims/saved.js";
import { enumerate } from "../../core/words.js";
import { sanitizeLine } from "../sanitize.js";
import { formatTable } from "../table.js";

/** Names a claim; with its namespace where that is not the one at hand. */
export type NameClaim = (saved: SavedClaim) => string;

/** What is about to be given back, and who waits for it; refusals have lines of their own. */
export function restorePlan(decisions: readonly RestoreDecision[], nameOf: NameClaim): string {
  const restores = decisions.filter((decision) => decision.action === "restore");
  if (restores.length === 0) return "";
  const rows = restores.map(({ saved }) => [
    `  ${nameOf(saved)}`,
    sizeOf(saved),
    saved.claim.spec.volumeName ?? "",
  ]);
  const pods = [...new Set(restores.flatMap(({ users }) => users))].map(sanitizeLine);
  const note =
    pods.length > 0 ? `note: pods that mount these claims start with them: ${enumerate(pods)}\n` : "";
  return `To be given back, each bound to its old volume:\n${formatTable(rows)}${note}`;
}

function sizeOf({ claim, volume }: SavedClaim): string {
  return volume?.spec.capacity?.["storage"] ?? claim.spec.resources?.requests?.["storage"] ?? "";
}

/** Why a claim cannot be given back, and below it what to do. */
export function refusal({ saved, reason, remedy }: Refused, nameOf: NameClaim): string {
  const why = `refused: ${sanitizeLine(`${nameOf(saved)}: ${reason}`)}\n`;
  return remedy === undefined ? why : `${why}  ${sanitizeLine(remedy)}\n`;
}

/** A volume that keeps its data from now on, and did not before. */
export interface KeptVolume {
  name: string;
  /** Its reclaim policy when the claim was saved. */
  before: string;
}

/** More are not named in one command. */
const mostNamed = 10;

/** What the reclaim policies are now, and how to set them back; `patch` writes a command of kubectl. */
export function keptVolumes(kept: readonly KeptVolume[], patch: (words: string) => string): string {
  const policies = [...new Set(kept.map(({ before }) => before))];
  const lines = policies.flatMap((policy) => {
    const names = kept.filter(({ before }) => before === policy).map(({ name }) => name);
    const whose = names.length === 1 ? "this volume has" : `these ${names.length} volumes have`;
    const [what, which] = names.length > mostNamed ? ["one", "NAME"] : ["it", names.join(" ")];
    const spec = JSON.stringify({ spec: { persistentVolumeReclaimPolicy: policy } });
    return [
      `${whose} reclaim policy Retain now, and had ${policy} when the claims were saved; to set ${what} back:`,
      `  ${patch(`patch pv ${which} -p '${spec}'`)}`,
    ];
  });
  return lines.map((line) => `${line}\n`).join("");
}
