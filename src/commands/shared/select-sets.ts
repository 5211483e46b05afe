import type { Cluster } from "../../cluster/cluster.js";
import { UsageError } from "../../core/errors.js";
import { kinds } from "../../core/kinds.js";
import type { StatefulSet } from "../../core/model.js";
import type { Flag } from "./command.js";
import { readSetNames } from "./flags.js";
import type { Input } from "./input.js";

/** Flags of a command that works on several sets. */
export const selectionFlags: readonly Flag[] = [
  { name: "selector", short: "l", value: "LABELS", help: "StatefulSets with these labels, such as app=web" },
  { name: "all", help: "all StatefulSets of the namespace" },
];

/** Which sets a command is for: by name, by label, or all of them. */
export interface SetSelection {
  names: string[];
  selector: string | undefined;
  all: boolean;
}

/** Throws a UsageError when no set is named in any way, or in two ways at once. */
export function readSetSelection(input: Input): SetSelection {
  const selection = {
    names: readSetNames(input, "any"),
    selector: input.text("selector"),
    all: input.boolean("all"),
  };
  const ways = [selection.names.length > 0, selection.selector !== undefined, selection.all].filter(Boolean);
  if (ways.length === 0) throw new UsageError("name a StatefulSet, or choose by -l LABELS or --all");
  if (ways.length > 1) throw new UsageError("names, -l and --all cannot be used together");
  return selection;
}

/** Reads the chosen sets. Names that do not exist are the API's NotFound error; a selector that fits none is a UsageError. */
export async function readSets(cluster: Cluster, selection: SetSelection): Promise<StatefulSet[]> {
  const { names, selector: labelSelector } = selection;
  if (names.length > 0) {
    return Promise.all(names.map((name) => cluster.get(kinds.statefulSet, { name })));
  }
  const { items } = await cluster.list(kinds.statefulSet, { labelSelector });
  if (items.length === 0) {
    throw new UsageError(
      `no StatefulSet ${labelSelector ? `with labels ${labelSelector} ` : ""}in namespace ${cluster.namespace}`,
    );
  }
  return items;
}
