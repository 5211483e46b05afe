import type { Cluster } from "../cluster/index.js";
import { kinds } from "../core/kinds.js";
import { deleteFiles } from "./delete/files.js";
import { deleteFlags, readDeleteOptions, type DeleteOptions } from "./delete/options.js";
import { findSets, type Found } from "./delete/find.js";
import { deleteSets } from "./delete/run.js";
import { defineCommand } from "./shared/command.js";
import type { SetSelection } from "./shared/select-sets.js";

/** Deletes sets and waits until they and their pods are gone; claims only when asked, and after asking. */
export const deleteCommand = defineCommand<DeleteOptions>({
  args: "NAME…",
  completes: "statefulset",
  examples: `
# The set and its pods; the claims stay, unless its retention policy says otherwise
sts delete web

# Highest ordinal first, one after the other, and then the set
sts delete web --ordered

# With every claim it ever had; shows them and asks
sts delete web --ordered --claims=delete

# The same, but the volumes with their data stay; sts pvc restore saved gives the claims back
sts delete web --claims=delete --keep-data --backup=saved

# Without stopping a single pod
sts delete web --cascade=orphan`,
  flags: deleteFlags,
  options: readDeleteOptions,

  async run(options, context) {
    const cluster = await context.cluster(options.connection);
    if (options.files) return deleteFiles(context, cluster, options.files, options);
    const found = options.sets ? await find(cluster, options.sets) : { sets: [], missing: [] };
    if (found.sets.length === 0 && found.missing.length === 0) context.err.write("No resources found\n");
    return deleteSets(context, cluster, found, options);
  },
});

async function find(cluster: Cluster, { names, selector: labelSelector }: SetSelection): Promise<Found> {
  if (names.length > 0) return findSets(cluster, undefined, names);
  const { items } = await cluster.list(kinds.statefulSet, { labelSelector });
  return { sets: items, missing: [] };
}
