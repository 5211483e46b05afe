import type { Command as Commander, Option } from "commander";
import type { Group } from "./commands/shared/command.js";

export const groupHeadings: Record<Group, string> = {
  main: "Create, see and scale:",
  rollout: "Rollouts:",
  claims: "Volume claims:",
  local: "Try it:",
  other: "Other:",
};

/** kubectl's way to write an option: `-o, --output=FORMAT`; a boolean has no value. */
export function configureHelp(root: Commander): void {
  root.configureHelp({
    sortOptions: false,
    showGlobalOptions: false,
    helpWidth: 100,
    optionTerm: (option: Option) => writeFlag(option.flags),
    subcommandTerm: (command) => command.name(),
  });
}

/** `--watch <bool>` → `--watch`, `--output <FORMAT>` → `--output=FORMAT`, `--dry-run <?MODE>` → `--dry-run[=MODE]`. */
function writeFlag(flags: string): string {
  return flags
    .replace(/ <bool>$/, "")
    .replace(/ <\?(.+)>$/, "[=$1]")
    .replace(/ <(.+)>$/, "=$1");
}

/** Paragraphs as one line each, for the help to wrap at its own width; an indented line stays one. */
export function asParagraphs(text: string): string {
  return text.replace(/(?<=\S)\n(?=\S)/g, " ");
}

/** What `sts help TOPIC` explains beside commands; their texts are in help-topics.ts. */
export const topicNames = ["exit-codes", "claim-states"] as const;
