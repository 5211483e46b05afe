import type { ConnectionFlags } from "../../../cluster/index.js";
import { formatSizes, parseSizes, type Sizes } from "../../../core/claims/resize/sizes.js";
import { UsageError } from "../../../core/errors.js";
import { ownCommand, type Naming } from "../../../core/progress/naming.js";
import { parseOrdinals, type OrdinalSpan } from "../../../core/rollout/ordinals.js";
import type { Flag } from "../../shared/command.js";
import { yesFlag } from "../../shared/confirm.js";
import {
  dryRunFlag,
  readConnection,
  readDryRun,
  readSetName,
  readWait,
  waitFlags,
  type DryRun,
  type WaitOptions,
} from "../../shared/flags.js";
import type { Input } from "../../shared/input.js";

const outputs = ["json", "yaml"] as const;

/**
 * A kubelet looks at what its pods have mounted about once a minute (`--sync-frequency`, with up to half as much again):
 * until then a file system that can grow online has not had its turn. Milliseconds.
 */
const kubeletsTurn = 90_000;

export const resizeFlags: readonly Flag[] = [
  {
    name: "ordinals",
    value: "LIST",
    help: "only the claims of these, and not the template: 0,2-4",
  },
  {
    name: "restart-if-needed",
    help: "restart the pods whose file systems do not grow while they run, one at a time, highest ordinal first",
  },
  {
    name: "restart-after",
    value: "DURATION",
    help: "how long a file system may take to grow while its pod runs (default 90s); a driver that says it cannot is not waited for",
  },
  dryRunFlag,
  yesFlag,
  ...waitFlags.filter(({ name }) => ["timeout", "stall-timeout", "progress"].includes(name)),
  {
    name: "take-over",
    help: "go on with an interrupted resize although the process that began it cannot be seen to have ended",
  },
  {
    name: "output",
    short: "o",
    value: "FORMAT",
    choices: outputs,
    help: "print what was resized as one document",
  },
];

export interface ResizeOptions {
  connection: ConnectionFlags;
  name: string;
  sizes: Sizes;
  /** Undefined: all, and the template. */
  ordinals: OrdinalSpan[] | undefined;
  restartIfNeeded: boolean;
  /** Milliseconds that a file system may take to grow while its pod runs. */
  restartAfter: number;
  dryRun: DryRun;
  yes: boolean;
  wait: WaitOptions;
  takeOver: boolean;
  output: (typeof outputs)[number] | undefined;
}

export function readResizeOptions(input: Input): ResizeOptions {
  const [first, ...words] = input.args;
  if (first === undefined || first.includes("=")) {
    throw new UsageError("the name of a StatefulSet comes first, then TEMPLATE=SIZE: web data=20Gi");
  }
  const ordinals = input.text("ordinals");
  return {
    connection: readConnection(input),
    name: readSetName(first),
    sizes: parseSizes(words),
    ordinals: ordinals === undefined ? undefined : parseOrdinals(ordinals),
    restartIfNeeded: input.boolean("restart-if-needed"),
    restartAfter: input.duration("restart-after") ?? kubeletsTurn,
    dryRun: readDryRun(input),
    yes: input.boolean("yes"),
    wait: readWait(input),
    takeOver: input.boolean("take-over"),
    output: input.oneOf("output", outputs),
  };
}

/** The command that goes on, which does not ask again. */
export function resumeCommand(
  naming: Naming,
  { name, sizes, ordinals, restartIfNeeded }: ResizeOptions,
): string {
  const spans = ordinals?.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
  const words = [
    `pvc resize ${name} ${formatSizes(sizes)}`,
    ...(spans ? [`--ordinals=${spans.join(",")}`] : []),
    ...(restartIfNeeded ? ["--restart-if-needed"] : []),
    "--yes",
  ];
  return ownCommand(naming, words.join(" "));
}
