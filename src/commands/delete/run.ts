import type { Cluster } from "../../cluster/index.js";
import { isApiError } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import { destroyingPolicies } from "../../core/claims/retention.js";
import { kinds } from "../../core/kinds.js";
import type { Pod, StatefulSet } from "../../core/model.js";
import { ownershipWarning } from "../../core/ownership.js";
import { scaleTitle } from "../../core/scaling.js";
import { formatSelector, requirementsOf } from "../../core/selector.js";
import { shellWord } from "../../core/words.js";
import { ConflictError, ExitCode, gravest } from "../../errors.js";
import type { Goal } from "../../core/progress/goal.js";
import { ownCommand } from "../../core/progress/naming.js";
import { dryRunSuffixes } from "../shared/flags.js";
import { follow, type FollowTarget } from "../shared/follow.js";
import { namingFor } from "../shared/naming.js";
import { scaleSet } from "../shared/revise.js";
import { agreeTo, claimsOf, deleteClaimsOf, saveFirst, type DoomedClaims } from "./claims-of.js";
import type { Found } from "./find.js";
import { keepClaims, whileRetained } from "./keep-claims.js";
import { refuseUnlessKeepable } from "./keepable.js";
import type { DeleteOptions } from "./options.js";

/**
 * Deletes sets with their pods, and their claims where that was asked: shows, asks, scales to 0, deletes, and waits.
 * Every step can be run again: after a kill the same command goes on where it was.
 */
export async function deleteSets(
  context: Context,
  cluster: Cluster,
  { sets, missing }: Found,
  options: DeleteOptions,
): Promise<ExitCode> {
  const namespace = sets[0]?.metadata.namespace ?? cluster.namespace;
  const names = [...sets.map(({ metadata }) => metadata.name), ...missing];
  const doomed = options.claims === "delete" ? await claimsOf(context, cluster, namespace, names) : noClaims;
  const { chosen } = doomed;
  const absent = missing.filter((name) => !chosen.some(({ set }) => set === name));
  for (const set of sets) warn(context, cluster, set, options);
  if (options.keep.keepData && options.dryRun === "none")
    await refuseUnlessKeepable(context, cluster, chosen);
  await agreeTo(context, doomed, options);
  const saved = await saveFirst(context, cluster, namespace, chosen, options);
  const deletion = new SetDeletion(context, cluster, options);
  const codes = [await deletion.run(sets)];
  if (codes[0] === ExitCode.Done && chosen.length > 0) {
    codes.push(await deleteClaimsOf(context, cluster, namespace, { ...doomed, saved }, options));
  }
  return gravest([...codes, await sayAbsent(context, cluster, absent, options)]);
}

const noClaims: DoomedClaims = { chosen: [], left: [], policies: undefined };

/** kubectl's NotFound for each, after the others are deleted. */
async function sayAbsent(
  { err }: Context,
  cluster: Cluster,
  names: readonly string[],
  { ignoreNotFound }: DeleteOptions,
): Promise<ExitCode> {
  if (ignoreNotFound || names.length === 0) return ExitCode.Done;
  for (const name of names) {
    await cluster.get(kinds.statefulSet, { name }).catch((error: unknown) => {
      if (!isApiError(error, "NotFound")) throw error;
      err.write(`${error.message}\n`);
    });
  }
  return ExitCode.Error;
}

function warn({ err, program }: Context, cluster: Cluster, set: StatefulSet, options: DeleteOptions): void {
  const { ordered, cascade, claims, dryRun, connection } = options;
  const warning = ownershipWarning(set);
  if (warning) err.write(`${warning}\n`);
  if (cascade === "orphan" || claims === "delete") return;
  const { namespace = cluster.namespace, name } = set.metadata;
  if (claims === "keep") {
    const fields = dryRun === "none" ? [] : destroyingPolicies(set, true);
    if (fields.length > 0)
      err.write(`${namespace}/${name}: ${fields.join(" and ")} would be set to Retain\n`);
    return;
  }
  const policies = destroyingPolicies(set, ordered);
  if (policies.length === 0) return;
  const policy = policies.map((field) => `${field}: Delete`).join(", ");
  const words = `delete ${name} --claims=keep${ordered ? " --ordered" : ""}`;
  const keep = ownCommand(namingFor(program, cluster, connection)(namespace), words);
  err.write(
    `warning: the retention policy of ${namespace}/${name} (${policy}) destroys its claims; to keep them: ${keep}\n`,
  );
}

const propagations = { background: "Background", foreground: "Foreground", orphan: "Orphan" } as const;

class SetDeletion {
  constructor(
    private readonly context: Context,
    private readonly cluster: Cluster,
    private readonly options: DeleteOptions,
  ) {}

  async run(given: readonly StatefulSet[]): Promise<ExitCode> {
    const { ordered, dryRun, wait } = this.options;
    if (given.length === 0) return ExitCode.Done;
    let sets = [...given];
    if (this.#keeps) {
      const { timeout } = wait;
      sets = await inTurn(sets, (set) => keepClaims(this.context, this.cluster, set, { timeout }));
    }
    const pods = await inTurn(sets, (set) => this.#podsOf(set));
    if (ordered && dryRun === "none") {
      const code = await this.#scaleDown(sets, pods);
      if (code !== ExitCode.Done) return code;
    }
    const targets = await inTurn(sets, (set, index) => this.#delete(set, ordered ? [] : (pods[index] ?? [])));
    if (dryRun === "none" && wait.wait) {
      const code = await this.#follow("delete", targets);
      if (code !== ExitCode.Done) return code;
    }
    for (const { name } of targets) this.context.out.write(this.#line(name));
    return ExitCode.Done;
  }

  /** With --keep-data, too: no volume is to go with its claim before it was set to Retain. */
  get #keeps(): boolean {
    const { claims, keep, cascade, dryRun } = this.options;
    return (claims === "keep" || keep.keepData === true) && cascade !== "orphan" && dryRun === "none";
  }

  #line(name: string): string {
    const { nameOnly, dryRun } = this.options;
    return nameOnly
      ? `statefulset.apps/${name}\n`
      : `statefulset.apps "${name}" deleted${dryRunSuffixes[dryRun]}\n`;
  }

  async #podsOf({ metadata: { namespace, uid }, spec }: StatefulSet): Promise<Pod[]> {
    const labelSelector = formatSelector(requirementsOf(spec.selector));
    const { items } = await this.cluster.list(kinds.pod, { namespace, labelSelector });
    return items.filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid));
  }

  /** Highest ordinal first, which deleting a set does not do. */
  async #scaleDown(sets: readonly StatefulSet[], pods: readonly Pod[][]): Promise<ExitCode> {
    const targets = await inTurn(sets, async (set, index): Promise<FollowTarget> => {
      const title = scaleTitle(set, 0);
      const written = (set.spec.replicas ?? 1) === 0 ? set : await scaleSet(this.cluster, set, 0);
      return {
        ...this.#target(set, { type: "scaled", replicas: 0 }, title),
        written,
        before: pods[index] ?? [],
      };
    });
    return this.#follow("scale", targets);
  }

  async #delete(set: StatefulSet, before: readonly Pod[]): Promise<FollowTarget> {
    const { cascade, gracePeriodSeconds, dryRun } = this.options;
    const { uid, namespace, name } = set.metadata;
    const orphan = cascade === "orphan";
    if (dryRun !== "client") {
      const remove = (resourceVersion?: string) =>
        this.cluster.delete(
          kinds.statefulSet,
          { namespace, name },
          {
            ...{ uid, resourceVersion, gracePeriodSeconds },
            ...{ propagation: propagations[cascade], dryRun: dryRun === "server" },
          },
        );
      const removal = this.#keeps ? whileRetained(this.cluster, set, remove) : remove();
      await removal.catch((error: unknown) => {
        if (isApiError(error, "NotFound")) return;
        if (!isApiError(error, "Conflict")) throw error;
        throw new ConflictError(
          `${namespace}/${name} is another set than the one that was read; it was not deleted`,
        );
      });
    }
    const title = orphan
      ? "deleted, its pods are left running"
      : `deleting the set and its pods (${cascade})`;
    // With the set as it was: it is gone at once, and its pods are still to be waited for.
    return { ...this.#target(set, { type: "gone", keepPods: orphan }, title), written: set, before };
  }

  #target(set: StatefulSet, goal: Goal, title: string): FollowTarget {
    const { namespace = this.cluster.namespace, name } = set.metadata;
    return { namespace, name, goal, title, notes: [] };
  }

  async #follow(operation: "scale" | "delete", targets: FollowTarget[]): Promise<ExitCode> {
    const naming = namingFor(this.context.program, this.cluster, this.options.connection);
    const again = ({ namespace, name }: FollowTarget) =>
      ownCommand(naming(namespace), ["delete", name, ...sameFlags(this.options)].join(" "));
    const { code } = await follow(this.context, this.cluster, {
      operation,
      targets,
      wait: this.options.wait,
      naming,
      again,
    });
    return code;
  }
}

/** The flags of the command that goes on where this one ended. */
function sameFlags({ ordered, claims, cascade, keep }: DeleteOptions): string[] {
  return [
    ...(ordered ? ["--ordered"] : []),
    ...(claims ? [`--claims=${claims}`] : []),
    ...(keep.keepData ? ["--keep-data"] : []),
    ...(keep.backup === undefined ? [] : [`--backup=${shellWord(keep.backup)}`]),
    ...(cascade === "background" ? [] : [`--cascade=${cascade}`]),
    "--ignore-not-found",
  ];
}

async function inTurn<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const [index, item] of items.entries()) results.push(await work(item, index));
  return results;
}
