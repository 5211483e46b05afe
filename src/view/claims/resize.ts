import type { PlannedClaim, ResizePlan } from "../../core/claims/resize/plan.js";
import { classOf } from "../../core/claims/resize/obstacles.js";
import { compareQuantities } from "../../core/quantity.js";
import { enumerate, listWords } from "../../core/words.js";
import { sanitizeLine } from "../sanitize.js";
import { formatTable } from "../table.js";

export interface ResizePlanView {
  namespace: string;
  name: string;
  /** Names of the pods that mount each claim, by the claim's name. */
  users: ReadonlyMap<string, readonly string[]>;
  restartIfNeeded: boolean;
}

/** What a resize is going to do, all of it: the claims, the pods, the set. */
export function resizePlanText(plan: ResizePlan, view: ResizePlanView): string {
  const { claims, templates, kept, leftOver, larger } = plan;
  const sizes = templates.map(({ name, from, to }) => `${name} ${from} → ${to}`);
  const lines = [
    ...claimRows(claims, view),
    ...(claims.length > 0 ? growthWords(view.restartIfNeeded) : []),
    ...(templates.length > 0
      ? [
          `then template ${listWords(sizes)}:`,
          "the set is deleted and made anew around its pods, which run on",
        ]
      : []),
    ...kept.map(
      ({ name, from }) => `template ${name} stays at ${from}: new ordinals get claims of that size`,
    ),
    ...(larger.length > 0
      ? [
          `left as they are, as they have more: ${enumerate(larger.map(({ claim, capacity }) => `${claim.metadata.name} (${capacity})`))}`,
        ]
      : []),
    ...(leftOver.length > 0
      ? [
          `left as they are, as no replica uses them: ${enumerate(leftOver.map(({ metadata }) => metadata.name))}`,
        ]
      : []),
  ];
  const title = `${view.namespace}/${view.name}: ${titleOf(plan)}`;
  return [title, ...lines.map((line) => `  ${line}`), ""].map(sanitizeLine).join("\n");
}

/** `3 claims to grow`, `the template to change`. */
function titleOf({ claims, templates }: ResizePlan): string {
  const count = claims.length === 1 ? "1 claim" : `${claims.length} claims`;
  const asked = claims.every(({ isAsked }) => isAsked);
  if (claims.length === 0) return onlyTemplates(templates.length);
  return asked ? `${count} on the way to the new size` : `${count} to resize`;
}

function onlyTemplates(count: number): string {
  if (count === 0) return "nothing to resize";
  return `only ${count === 1 ? "the template changes" : "the templates change"}`;
}

function claimRows(claims: readonly PlannedClaim[], { users }: ResizePlanView): string[] {
  if (claims.length === 0) return [];
  const rows = claims.map((planned) => {
    const { claim, from, to, capacity } = planned;
    const isAhead = compareQuantities(from, capacity) > 0;
    return [
      claim.metadata.name,
      `${isAhead ? capacity : from} → ${to}`,
      classOf(claim) ?? "",
      usersWords(users.get(claim.metadata.name) ?? []),
      noteOf(planned),
    ];
  });
  const lines = formatTable(rows).trimEnd().split("\n");
  return lines.map((line) => line.trimEnd());
}

/** A claim that asks for more than it has is one of an earlier run: on its way, or one that failed. */
function noteOf({ from, capacity, isAsked }: PlannedClaim): string {
  if (isAsked) return "asked for already";
  return compareQuantities(from, capacity) > 0 ? `${from} was asked for` : "";
}

function usersWords(pods: readonly string[]): string {
  return pods.length === 0 ? "no pod has it" : `in use by ${listWords(pods)}`;
}

function growthWords(restartIfNeeded: boolean): string[] {
  return [
    "file systems grow while the pods run; where the driver cannot do that,",
    restartIfNeeded
      ? "pods are restarted one at a time, the highest ordinal first"
      : "it ends there, and --restart-if-needed goes on with a restart of the pods",
  ];
}

/** One claim of `-o json`. */
export interface ResizedClaim {
  name: string;
  uid: string;
  template: string;
  ordinal: number;
  /** What it had, and what it is to have. */
  from: string;
  to: string;
}

export function resizedClaim({ claim, template, ordinal, capacity, to }: PlannedClaim): ResizedClaim {
  const { name, uid } = claim.metadata;
  return { name, uid, template, ordinal, from: capacity, to };
}
