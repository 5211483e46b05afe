/** `auto` is `tty` on a terminal and `plain` elsewhere. */
export const progressModes = ["auto", "tty", "plain", "json", "none"] as const;
export type ProgressMode = (typeof progressModes)[number];

/** Whether no person reads along: events for machines are wanted, or nothing. */
export function isQuiet(mode: ProgressMode): boolean {
  return mode === "json" || mode === "none";
}
