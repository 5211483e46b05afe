import type { ConnectionFlags } from "../../../cluster/index.js";
import type { ClaimName } from "../../../core/claims/restore/names.js";
import type { DryRun } from "../../shared/flags.js";

export const restoreOutputs = ["json", "yaml", "name"] as const;
export type RestoreOutput = (typeof restoreOutputs)[number];

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
