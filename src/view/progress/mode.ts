/** `auto` is `tty` on a terminal and `plain` elsewhere. */
export const progressModes = ["auto", "tty", "plain", "json", "none"] as const;
export type ProgressMode = (typeof progressModes)[number];
