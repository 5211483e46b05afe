import type { Context } from "../../../context.js";
import type { Volume } from "../../../core/model.js";
import { ExitCode, gravest } from "../../../errors.js";
import type { KeptVolume, NameClaim } from "../../../view/claims-restore.js";
import { sanitizeJson, sanitizeLine } from "../../../view/sanitize.js";
import { toYaml } from "../../../view/yaml.js";
import type { RestoreResult } from "./result.js";

export const restoreOutputs = ["json", "yaml", "name"] as const;
export type RestoreOutput = (typeof restoreOutputs)[number];

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

export function exitCodeOfResults(results: readonly RestoreResult[]): ExitCode {
  return gravest(results.map(({ outcome }) => codes[outcome]));
}

const done: Partial<Record<RestoreResult["outcome"], string>> = {
  planned: "restored",
  restored: "restored",
  unchanged: "unchanged",
  created: "created, not bound yet",
};

/** A line on stdout for what is done, on stderr for what is not. */
export function sayResult(
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
export function writeDocument(
  { out }: Context,
  results: readonly RestoreResult[],
  volumeOf: (name: string) => Volume | undefined,
  output: "json" | "yaml",
): void {
  const items = results.map(({ decision: { saved }, outcome, message, uid }) => {
    const { metadata, spec } = saved.claim;
    const volume = volumeOf(spec.volumeName ?? "");
    return {
      namespace: metadata.namespace,
      name: metadata.name,
      uid: uid ?? null,
      savedUid: metadata.uid,
      volume: spec.volumeName ?? null,
      size: spec.resources?.requests?.["storage"] ?? null,
      storageClass: spec.storageClassName ?? null,
      reclaimPolicy: volume?.spec.persistentVolumeReclaimPolicy ?? null,
      savedReclaimPolicy: saved.volume?.spec.persistentVolumeReclaimPolicy ?? null,
      file: saved.file,
      outcome,
      message,
    };
  });
  const document = sanitizeJson({ items });
  out.write(output === "json" ? `${JSON.stringify(document, undefined, 4)}\n` : toYaml(document));
}

/** The volumes of claims that are there now, whose reclaim policy is Retain and was not when they were saved. */
export function keptBy(
  results: readonly RestoreResult[],
  volumeOf: (name: string) => Volume | undefined,
): KeptVolume[] {
  return results
    .filter(({ outcome }) => outcome === "restored" || outcome === "unchanged" || outcome === "created")
    .flatMap(({ decision }) => {
      const { saved } = decision;
      const now = volumeOf(saved.claim.spec.volumeName ?? "");
      const before = saved.volume?.spec.persistentVolumeReclaimPolicy ?? "Delete";
      const isKept =
        (decision.action === "restore" && decision.keep) ||
        now?.spec.persistentVolumeReclaimPolicy === "Retain";
      return now && isKept && saved.volume && before !== "Retain"
        ? [{ name: now.metadata.name, before }]
        : [];
    });
}
