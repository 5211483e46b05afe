import type { Labels } from "../selector.js";
import { labelKeyProblem, labelValueProblem } from "./names.js";
import { checkName, parseCount, parsePairs, refuse } from "./parse.js";

type RetentionPolicy = "Retain" | "Delete";

export interface Retention {
  whenScaled: RetentionPolicy | undefined;
  whenDeleted: RetentionPolicy | undefined;
}

/** A PodDisruptionBudget: how many pods may be missing, or must be there. */
export interface Budget {
  field: "maxUnavailable" | "minAvailable";
  value: number | string;
}

/** Reads `--labels k=v,…`. */
export function parseLabels(flag: string, values: readonly string[]): Labels {
  if (values.length === 0) return {};
  const labels = parsePairs(flag, values, "KEY=VALUE, such as app=web,tier=db");
  for (const [key, value] of labels) {
    checkName(flag, key, labelKeyProblem, "key of a label");
    const problem = labelValueProblem(value);
    if (problem) refuse(flag, value, `as value of a label ${problem}`);
  }
  return Object.fromEntries(labels);
}

/** Reads `scaled=Retain|Delete,deleted=Retain|Delete`; either may be left out. */
export function parseRetention(values: readonly string[]): Retention | undefined {
  if (values.length === 0) return undefined;
  const flag = "pvc-retention";
  const form = "scaled=Retain|Delete or deleted=Retain|Delete";
  const pairs = parsePairs(flag, values, form);
  for (const [key, value] of pairs) {
    if (key !== "scaled" && key !== "deleted") refuse(flag, `${key}=${value}`, `is not ${form}`);
    if (value !== "Retain" && value !== "Delete") refuse(flag, `${key}=${value}`, `is not ${form}`);
  }
  return {
    whenScaled: pairs.get("scaled") as RetentionPolicy | undefined,
    whenDeleted: pairs.get("deleted") as RetentionPolicy | undefined,
  };
}

/** Reads `N` or `P%`; the API takes no 0, because nothing could be updated. */
export function parseMaxUnavailable(value: string): number | string {
  const count = parseCount("max-unavailable", value);
  if (count === 0 || count === "0%") refuse("max-unavailable", value, "would let no pod be updated");
  return count;
}

/** Reads `max-unavailable=N|P%` or `min-available=N|P%`. */
export function parseBudget(value: string): Budget {
  const [, which, amount = ""] =
    /^(max-unavailable|min-available)=(.+)$/.exec(value) ??
    refuse("pdb", value, "is not max-unavailable=N or min-available=N");
  return {
    field: which === "max-unavailable" ? "maxUnavailable" : "minAvailable",
    value: parseCount("pdb", amount),
  };
}
