import type { Cluster } from "../../cluster/cluster.js";
import { UsageError } from "../../core/errors.js";
import { kinds } from "../../core/kinds.js";
import type { StatefulSet } from "../../core/model.js";
import { parseSelector } from "../../core/selector.js";
import type { Flag } from "./command.js";
import { readSetNames } from "./flags.js";
import type { Input } from "./input.js";

/** Flags of a command that works on several sets. */
export const selectionFlags: readonly Flag[] = [
  { name: "selector", short: "l", value: "LABELS", help: "StatefulSets with these labels, such as app=web" },
  { name: "all", help: "all StatefulSets of the namespace" },
];

/** The same for a command that only reads: one that writes is not let loose on a whole cluster. */
export const readingSelectionFlags: readonly Flag[] = [
  ...selectionFlags,
  { name: "all-namespaces", short: "A", help: "StatefulSets of every namespace" },
];

/** Which sets a command is for: by name, by label, or all of them. */
export interface SetSelection {
  names: string[];
  selector: string | undefined;
  all: boolean;
  /** Of every namespace; only for commands that read. */
  allNamespaces: boolean;
}

/** Throws a UsageError when no set is named in any way, or in two ways at once. */
export function readSetSelection(input: Input): SetSelection {
  const selection = {
    names: readSetNames(input),
    selector: input.text("selector"),
    all: input.boolean("all"),
    allNamespaces: input.boolean("all-namespaces"),
  };
  const { names, selector, all, allNamespaces } = selection;
  if (names.length > 0 && allNamespaces) {
    throw new UsageError("a resource cannot be retrieved by name across all namespaces");
  }
  const ways = [names.length > 0, selector !== undefined, all].filter(Boolean);
  if (ways.length === 0 && !allNamespaces) {
    throw new UsageError("name a StatefulSet, or choose by -l LABELS or --all");
  }
  if (ways.length > 1) throw new UsageError("names, -l and --all cannot be used together");
  if (selector !== undefined) parseSelector(selector);
  return selection;
}

/**
 * Reads the chosen sets, in the order of the names or else of namespace and name. Names that do not exist are the
 * API's NotFound error, and a selector that fits none is a UsageError; a cluster without any is no error.
 */
export async function readSets(cluster: Cluster, selection: SetSelection): Promise<StatefulSet[]> {
  const { names, selector: labelSelector, allNamespaces } = selection;
  if (names.length > 0) {
    return Promise.all(names.map((name) => cluster.get(kinds.statefulSet, { name })));
  }
  const { items } = await cluster.list(kinds.statefulSet, { labelSelector, allNamespaces });
  if (items.length === 0 && (labelSelector !== undefined || !allNamespaces)) {
    const where = allNamespaces ? "any namespace" : `namespace ${cluster.namespace}`;
    throw new UsageError(
      `no StatefulSet ${labelSelector === undefined ? "" : `with labels ${labelSelector} `}in ${where}`,
    );
  }
  return items.toSorted(byPlace);
}

function byPlace({ metadata: left }: StatefulSet, { metadata: right }: StatefulSet): number {
  const [a, b] = [left, right].map(({ namespace = "", name }) => `${namespace}/${name}`);
  return (a ?? "") < (b ?? "") ? -1 : 1;
}
