import { formatAge } from "../core/duration.js";
import { nameOrdinals } from "../core/progress/naming.js";
import type { HistoryEntry } from "../core/rollout/history.js";
import { sanitize, sanitizeLine } from "./sanitize.js";
import { formatTable } from "./table.js";
import { toYaml } from "./yaml.js";

const none = "<none>";
const unknown = "<unknown>";

/** The history as a table, kubectl's columns first. `now` in milliseconds. */
export function historyTable(set: string, history: readonly HistoryEntry[], now: number): string {
  return formatTable([
    ["REVISION", "CHANGE-CAUSE", "AGE", "IMAGES", "PODS"],
    ...history.map((entry) => [
      entry.revision === null ? "?" : String(entry.revision),
      entry.changeCause ?? none,
      entry.createdAt === null ? unknown : formatAge(now - Date.parse(entry.createdAt)),
      entry.images.join(",") || none,
      podsCell(set, entry),
    ]),
  ]);
}

/** `web-3 and web-4 (update)`: who runs it, and what it is to the set. */
function podsCell(set: string, { ordinals, current, update }: HistoryEntry): string {
  const pods = ordinals === null ? unknown : nameOrdinals(set, ordinals) || none;
  const role = current ? " (current)" : update ? " (update)" : "";
  return pods + role;
}

/** A revision's pod template, as YAML that a person can read and use. */
export function revisionPage(set: string, entry: HistoryEntry): string {
  const { revision, name, changeCause } = entry;
  const cause = changeCause === null ? "" : `: ${changeCause}`;
  const head = sanitizeLine(`# statefulset.apps/${set} with revision #${revision} (${name})${cause}`);
  return `${head}\n${printable(templateYaml(entry))}`;
}

/** Only the template, for a comparison. */
export function templateYaml({ template }: HistoryEntry): string {
  return toYaml(template ?? {});
}

/** Safe for a terminal, with the tabs that a script in it may need. */
function printable(text: string): string {
  return text.split("\t").map(sanitize).join("\t");
}
