import type { Outcome } from "../core/rollout/outcome.js";
import { sanitizeLine } from "./sanitize.js";
import { formatTable } from "./table.js";

const none = "<none>";

/** How one rollout ended, in kubectl's manner: `statefulset.apps/web: 5 of 5 ready`. */
export function outcomeLine({ name, message }: Outcome): string {
  return `statefulset.apps/${name}: ${sanitizeLine(message)}\n`;
}

/** How several ended, a row each. */
export function outcomeTable(outcomes: readonly Outcome[], { namespaces }: { namespaces: boolean }): string {
  const header = ["NAME", "STATE", "READY", "UPDATED", "MESSAGE"];
  const rows = outcomes.map(({ name, state, counts, message }) => [
    name,
    state,
    counts ? `${counts.ready}/${counts.wanted}` : none,
    counts ? `${counts.updated}/${counts.wanted}` : none,
    message,
  ]);
  if (!namespaces) return formatTable([header, ...rows]);
  return formatTable([
    ["NAMESPACE", ...header],
    ...rows.map((row, index) => [outcomes[index]?.namespace ?? "", ...row]),
  ]);
}
