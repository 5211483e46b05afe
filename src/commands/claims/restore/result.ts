import type { RestoreDecision } from "../../../core/claims/restore/decide.js";

/** What became of one saved claim. */
export interface RestoreResult {
  decision: RestoreDecision;
  /**
   * `restored`: there and bound to its old volume. `unchanged`: it was so before. `created`: made again, and not waited
   * for. `planned`: would be restored, in a dry run or beside one that is refused. `refused`: it cannot be. `unfinished`:
   * time ran out. `changed`: somebody else was faster; the data is where it was. `failed`: the server refused a step.
   */
  outcome: "restored" | "unchanged" | "created" | "planned" | "refused" | "unfinished" | "changed" | "failed";
  /** Why, in plain words; empty where all is well. */
  message: string;
  /** Of the claim that is there now. */
  uid?: string | undefined;
}

/** Ends the work on one claim; the others go on. */
export class RestoreStopped extends Error {
  override readonly name = "RestoreStopped";
  constructor(
    readonly outcome: "changed" | "failed" | "unfinished",
    message: string,
  ) {
    super(message);
  }
}

/** What a plan comes to when nothing is carried out. */
export function resultOfPlan(decision: RestoreDecision): RestoreResult {
  if (decision.action === "restore") return { decision, outcome: "planned", message: "" };
  if (decision.action === "refused") return { decision, outcome: "refused", message: decision.reason };
  return { decision, outcome: "unchanged", message: "", uid: decision.living.metadata.uid };
}
