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

/** What `sts help TOPIC` explains beside commands. */
export const topics: Readonly<Record<string, string>> = {
  "exit-codes": `Exit codes of sts (stable; scripts may rely on them):

    0  done
    1  error from the cluster or the machine
    2  usage: flags or manifest unusable; nothing was sent
    3  not finished: --timeout passed, or status asked without waiting
    4  failed: the rollout or scale cannot succeed as it stands
    5  stalled: no progress for --stall-timeout
    6  conflict: a precondition failed, or somebody else changed the object
    7  refused: needs --yes, or is unsafe as asked
  130  interrupted (Ctrl-C)
  143  terminated (SIGTERM)

Of several sets the code is the gravest: 1, then 4, 5, 6, 7, 3, 0.
`,
};
