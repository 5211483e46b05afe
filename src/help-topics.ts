import { stateMeanings } from "./core/claims/states.js";
import type { topicNames } from "./help.js";
import { formatFramed } from "./view/framed-table.js";

const exitCodes: readonly (readonly [code: string, meaning: string])[] = [
  ["0", "done"],
  ["1", "error from the cluster or the machine"],
  ["2", "usage: flags or manifest unusable; nothing was sent"],
  ["3", "not finished: --timeout passed, or status asked without waiting"],
  ["4", "failed: the rollout or scale cannot succeed as it stands"],
  ["5", "stalled: no progress for --stall-timeout"],
  ["6", "conflict: a precondition failed, or somebody else changed the object"],
  ["7", "refused: needs --yes, or is unsafe as asked"],
  ["130", "interrupted (SIGINT, Ctrl-C)"],
  ["143", "terminated (SIGTERM)"],
];

/** What `sts help TOPIC` explains beside commands; `width` is that of the terminal. */
export const topics: Readonly<Record<(typeof topicNames)[number], (width: number) => string>> = {
  "exit-codes": (width) =>
    [
      "The exit codes of sts are stable: scripts may rely on them.\n\n",
      formatFramed(["code", "meaning"], exitCodes, width),
      "\nOf several sets the code is the gravest: 1, then 4, 5, 6, 7, 3, 0.\n",
    ].join(""),
  "claim-states": (width) =>
    [
      "What pvc list and pvc cleanup call claims; cleanup takes what is scaled-down, and with --include more.\n\n",
      formatFramed(["state", "meaning"], Object.entries(stateMeanings), width),
    ].join(""),
};
