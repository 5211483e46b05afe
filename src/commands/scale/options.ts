import { UsageError } from "../../core/errors.js";
import { mostReplicas } from "../../core/manifest/check-set.js";
import { keepFlags, readKeepOptions, type KeepOptions } from "../claims/deletion/keep-flags.js";
import { changeFlags, readChange, type ChangeOptions } from "../shared/change-set.js";
import type { Flag } from "../shared/command.js";
import { yesFlag } from "../shared/confirm.js";
import type { Input } from "../shared/input.js";
import { readSetSelection, selectionFlags, type SetSelection } from "../shared/select-sets.js";

export const scaleFlags: readonly Flag[] = [
  { name: "replicas", value: "N", help: "how many replicas there should be (required)" },
  { name: "current-replicas", value: "M", help: "only scale if there are M replicas now" },
  { name: "resource-version", value: "V", help: "only scale if the set is at this resourceVersion" },
  { name: "fresh", help: "scaling up: delete the claims that would come back first; shows them and asks" },
  ...keepFlags.map((flag) => ({ ...flag, help: `with --fresh: ${flag.help}` })),
  yesFlag,
  ...selectionFlags,
  ...changeFlags,
];

export interface ScaleOptions extends ChangeOptions {
  sets: SetSelection;
  replicas: number;
  currentReplicas: number | undefined;
  resourceVersion: string | undefined;
  /** Delete the claims that would come back before scaling up. */
  fresh: boolean;
  keep: KeepOptions;
  yes: boolean;
}

export function readScaleOptions(input: Input): ScaleOptions {
  const replicas = input.integer("replicas", { min: 0, max: mostReplicas });
  if (replicas === undefined)
    throw new UsageError("--replicas=N is needed: how many replicas there should be");
  const fresh = input.boolean("fresh");
  if (fresh && replicas === 0)
    throw new UsageError("--fresh is for scaling up: at 0 replicas no claim comes back");
  const keep = readKeepOptions(input);
  if (!fresh && (keep.keepData || keep.backup !== undefined))
    throw new UsageError("--backup and --keep-data go with --fresh: no claim is deleted without it");
  return {
    ...readChange(input),
    sets: readSetSelection(input),
    replicas,
    currentReplicas: input.integer("current-replicas"),
    resourceVersion: input.text("resource-version"),
    fresh,
    keep,
    yes: input.boolean("yes"),
  };
}
