import type { Cluster } from "../../cluster/cluster.js";
import type { Context } from "../../context.js";
import { droppedFields } from "../../core/manifest/dropped.js";
import { isStatefulSet } from "../../core/manifest/bundle.js";
import type { KubeObject, StatefulSet } from "../../core/model.js";
import { ownershipWarning } from "../../core/ownership.js";
import { resourceName } from "../../view/output.js";
import type { LocatedObject } from "../bundle/plan.js";
import { formatObjects, readAgain, resultLine } from "../bundle/results.js";
import { addServices } from "../bundle/services.js";
import { startNotes } from "../bundle/storage.js";
import { askingFor, refuseUnlessFree } from "../rollout/holder.js";
import { dryRunSuffixes } from "../shared/flags.js";
import { announcement } from "../shared/follow.js";
import { namingFor } from "../shared/naming.js";
import { changeNotes } from "./notes.js";
import type { ApplyOptions, BundleOptions } from "./options.js";
import type { ApplyRules } from "./attempt.js";
import { prepareBundle, readLive, type Checked, type Prepared } from "./prepare.js";
import { refuseUnlessApplicable } from "./refuse.js";
import { applyObjects, type Applied } from "./send.js";
import { followTarget, readPodsBefore } from "./targets.js";
import { waitForSets } from "./wait.js";

/** Reads what there is, adds the Services that are missing, and tries every object on the server. */
export async function tryBundle(
  context: Context,
  cluster: Cluster,
  located: readonly LocatedObject[],
  options: BundleOptions,
  rules: ApplyRules,
): Promise<{ objects: LocatedObject[]; checked: Checked[] }> {
  const known = await readLive(cluster, located);
  const isKnown = (set: LocatedObject): boolean => known.has(set);
  const objects = await addServices(context, cluster, located, { make: options.makeServices, isKnown });
  return { objects, checked: await prepareBundle(cluster, objects, known, rules) };
}

/** Applies a bundle and follows its sets. Returns the exit code. */
export async function applyBundle(
  context: Context,
  cluster: Cluster,
  located: readonly LocatedObject[],
  options: ApplyOptions,
): Promise<number> {
  const { dryRun, output } = options;
  const naming = namingFor(context.program, cluster, options.connection);
  const rules: ApplyRules = {
    fieldManager: options.fieldManager,
    force: options.forceConflicts,
    staging: options.staging,
  };
  const { objects, checked } = await tryBundle(context, cluster, located, options, rules);
  const prepared = refuseUnlessApplicable(checked, naming);
  const sets = prepared.filter(({ object }) => isStatefulSet(object.manifest));
  for (const set of sets) lookAt(context, cluster, set, options);
  const changes = await changeNotes(context, cluster, sets, options);
  const inLines = output.type === "table";
  const say = ({ prepared: { object, action } }: Applied): void => {
    if (inLines) context.out.write(resultLine(object.manifest, action, dryRunSuffixes[dryRun]));
  };
  if (dryRun === "server") {
    const answers = prepared.map((one) => ({ prepared: one, answer: one.answer }));
    for (const answer of answers) say(answer);
    for (const answer of answers.filter(isConfiguredSet)) {
      const parts = { naming, notes: changes.get(answer.prepared.object) ?? [], unstick: false };
      context.err.write(announcement(followTarget(answer, undefined, parts)));
    }
    if (!inLines) context.out.write(formatObjects(output, answersOf(answers)));
    return 0;
  }
  const fresh = sets.filter(({ live }) => !live).map(({ object }) => object);
  const starts = await startNotes(context, cluster, objects, fresh);
  const notes = (object: LocatedObject): string[] => [
    ...(starts.get(object) ?? []),
    ...(changes.get(object) ?? []),
  ];
  const before = options.wait.wait ? await readPodsBefore(cluster, sets) : new Map<Prepared, []>();
  const applied = await applyObjects(cluster, prepared, rules, context.signal, say);
  const rolled = applied.filter(({ prepared: { object } }) => isStatefulSet(object.manifest));
  const code = await waitForSets(context, cluster, rolled, { before, notes, naming, options });
  if (!inLines) context.out.write(formatObjects(output, await readAgain(cluster, answersOf(applied))));
  return code;
}

function isConfiguredSet({ prepared: { object, action } }: Applied): boolean {
  return isStatefulSet(object.manifest) && action === "configured";
}

const answersOf = (applied: readonly Applied[]): KubeObject[] => applied.map(({ answer }) => answer);

/** Says what the server dropped and who else owns a set; throws where it must not be written now. */
function lookAt(
  context: Context,
  cluster: Cluster,
  { object, live, answer, writes, action, stage }: Prepared,
  options: ApplyOptions,
): void {
  const { manifest } = object;
  for (const text of droppedFields(manifest, answer)) {
    context.err.write(`warning: ${resourceName(manifest)}: ${text}\n`);
  }
  if (!live || !(writes || stage)) return;
  const set = live as unknown as StatefulSet;
  refuseUnlessFree(askingFor(context, cluster, set, options), set, options.staging ? "stage" : "change");
  // Who drives the steps says it again.
  const warning = action === "configured" && !(stage && "plan" in stage) && ownershipWarning(set);
  if (warning) context.err.write(`${warning}\n`);
}
