import type { ConnectionFlags } from "../../cluster/index.js";
import { UsageError } from "../../core/errors.js";
import { keepFlags, readKeepOptions, type KeepOptions } from "../claims/deletion/keep-flags.js";
import type { Flag } from "../shared/command.js";
import { yesFlag } from "../shared/confirm.js";
import {
  dryRunFlag,
  readConnection,
  readDryRun,
  readWait,
  waitFlags,
  type DryRun,
  type WaitOptions,
} from "../shared/flags.js";
import type { Input } from "../shared/input.js";
import { manifestFlags, readManifestFlags, type ManifestSource } from "../shared/manifests.js";
import { readSetSelection, selectionFlags, type SetSelection } from "../shared/select-sets.js";

const cascades = ["background", "foreground", "orphan"] as const;
const claimChoices = ["keep", "delete"] as const;

export const deleteFlags: readonly Flag[] = [
  ...manifestFlags,
  ...selectionFlags,
  { name: "ordered", help: "scale to 0 first, highest ordinal first, and then delete the set" },
  {
    name: "cascade",
    value: "HOW",
    bare: "background",
    choices: cascades,
    help: "what happens to the pods: orphan leaves them running (default background)",
  },
  {
    name: "claims",
    value: "WHAT",
    choices: claimChoices,
    help: "keep or delete all claims of the set; without it its retention policy decides",
  },
  ...keepFlags.map((flag) => ({ ...flag, help: `with --claims=delete: ${flag.help}` })),
  yesFlag,
  { name: "grace-period", value: "SECONDS", help: "as kubectl's; below 0 is the default" },
  { name: "ignore-not-found", help: "a set that is not there is no error" },
  ...waitFlags,
  dryRunFlag,
  { name: "output", short: "o", value: "FORMAT", choices: ["name"], help: "print only names" },
];

export interface DeleteOptions {
  connection: ConnectionFlags;
  /** What to delete: files, or sets. */
  files: ManifestSource | undefined;
  sets: SetSelection | undefined;
  ordered: boolean;
  cascade: (typeof cascades)[number];
  /** Undefined: the set's retention policy decides. */
  claims: (typeof claimChoices)[number] | undefined;
  /** What is done before claims are deleted. */
  keep: KeepOptions;
  yes: boolean;
  gracePeriodSeconds: number | undefined;
  ignoreNotFound: boolean;
  wait: WaitOptions;
  dryRun: DryRun;
  nameOnly: boolean;
}

export function readDeleteOptions(input: Input): DeleteOptions {
  const files = readManifestFlags(input);
  if (files && input.args.length > 0) throw new UsageError("names and -f cannot be used together");
  const options: DeleteOptions = {
    connection: readConnection(input),
    files,
    sets: files ? undefined : readSetSelection(input),
    ordered: input.boolean("ordered"),
    cascade: input.oneOf("cascade", cascades) ?? "background",
    claims: input.oneOf("claims", claimChoices),
    keep: readKeepOptions(input),
    yes: input.boolean("yes"),
    gracePeriodSeconds: readGracePeriod(input),
    // As kubectl: nothing that fits a selection is no error.
    ignoreNotFound: input.boolean("ignore-not-found", input.boolean("all") || input.given("selector")),
    wait: readWait(input),
    dryRun: readDryRun(input),
    nameOnly: input.oneOf("output", ["name"] as const) === "name",
  };
  refuseContradictions(options);
  return options;
}

/** kubectl makes 1 of 0, unless forced: an object that is gone while its process runs on is a danger. */
function readGracePeriod(input: Input): number | undefined {
  const seconds = input.integer("grace-period", { min: -1 });
  return seconds === undefined || seconds < 0 ? undefined : Math.max(1, seconds);
}

function refuseContradictions({ ordered, cascade, claims, keep, wait }: DeleteOptions): void {
  const contradictions: readonly (readonly [boolean, string])[] = [
    [
      ordered && cascade === "orphan",
      "--ordered stops every pod, --cascade=orphan leaves them all running: choose one",
    ],
    [
      claims === "delete" && cascade === "orphan",
      "--claims=delete cannot go with --cascade=orphan: the pods use the claims",
    ],
    [
      claims !== "delete" && (keep.keepData === true || keep.backup !== undefined),
      "--backup and --keep-data go with --claims=delete: no claim is deleted on purpose without it",
    ],
    [ordered && !wait.wait, "--ordered has to wait for the pods: it cannot go with --wait=false"],
    [
      claims === "delete" && !wait.wait,
      "--claims=delete has to wait for the pods: it cannot go with --wait=false",
    ],
  ];
  const found = contradictions.find(([applies]) => applies);
  if (found) throw new UsageError(found[1]);
}
