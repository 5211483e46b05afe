import type { Cluster } from "../../cluster/cluster.js";
import { changesOf } from "../../core/apply/changes.js";
import { holdOf } from "../../core/apply/held.js";
import { isStatefulSet } from "../../core/manifest/bundle.js";
import { setSpec } from "../../core/manifest/service.js";
import type { Pod, StatefulSet } from "../../core/model.js";
import { ownCommand, type Naming, type NamingFor } from "../../core/progress/naming.js";
import { sameJson } from "../../core/equal.js";
import { partitionOf, planStage } from "../../core/rollout/partition.js";
import { backStep } from "../../core/rollout/undo.js";
import { startTarget } from "../bundle/start-target.js";
import type { FollowTarget } from "../shared/follow.js";
import { readPods } from "../shared/read-pods.js";
import type { Prepared } from "./prepare.js";
import type { Applied } from "./send.js";
import type { Stage } from "./stage.js";

/** The pods of the sets that exist, before anything is written: changes are told from there on. */
export async function readPodsBefore(
  cluster: Cluster,
  objects: readonly Prepared[],
): Promise<Map<Prepared, Pod[]>> {
  const pods = new Map<Prepared, Pod[]>();
  for (const prepared of objects) {
    const { live, object } = prepared;
    if (live && isStatefulSet(object.manifest)) {
      pods.set(prepared, await readPods(cluster, live as unknown as StatefulSet));
    }
  }
  return pods;
}

export interface TargetParts {
  naming: NamingFor;
  /** What was found out about it beforehand. */
  notes: string[];
  unstick: boolean;
}

/** How a set of the bundle is followed, whatever became of it: an earlier run may have been killed. */
export function followTarget(
  { prepared, answer }: Applied,
  before: readonly Pod[] | undefined,
  { naming, notes, unstick }: TargetParts,
): FollowTarget {
  const { object, live } = prepared;
  if (!live) return { ...startTarget(naming, object.manifest, answer, notes), before: [] };
  const set = live as unknown as StatefulSet;
  const written = answer as unknown as StatefulSet;
  const { name, namespace = "" } = set.metadata;
  const isRolled = !sameJson(set.spec.template, written.spec.template);
  const back = backStep(set, naming(namespace), prepared.stage !== undefined);
  return {
    namespace,
    name,
    goal: { type: "settled" },
    title: titleOf(prepared, set, written),
    notes: [
      ...notes,
      ...replicaNotes(prepared),
      ...holdNotes(set, prepared.stage, naming(namespace), isRolled),
    ],
    written,
    ...(before && { before }),
    unstick,
    ...(isRolled && { back }),
  };
}

/** What an apply does to a set, in a line. */
export function titleOf({ action, stage }: Prepared, before: StatefulSet, after: StatefulSet): string {
  if (action === "unchanged") return "as asked for already; nothing to change";
  // How far it goes is told in ordinals.
  const what = changesOf(before, after, stage === undefined).join(", ") || "configured";
  if (!stage || !("stage" in stage)) return what;
  const { updated, held } = stage.stage;
  const parts = [updated && `${updated} first`, held && `${held} held`].filter(Boolean);
  return [what, parts.join("; ")].filter(Boolean).join(": ");
}

/** Where a manifest gives the number of pods up, it stays. */
function replicaNotes({ object, body }: Prepared): string[] {
  const [wanted, sent] = [object.manifest, body].map((manifest) => setSpec(manifest).replicas ?? undefined);
  if (wanted === sent) return [];
  return [
    `spec.replicas is not in the manifest any more: it stays ${sent}, where the API would fall back to 1`,
  ];
}

/** What is held on purpose, and stays so. */
function holdNotes(set: StatefulSet, stage: Stage | undefined, naming: Naming, isRolled: boolean): string[] {
  if (stage) return "stage" in stage ? stage.stage.warnings : [];
  const hold = holdOf(set);
  if (!hold) return [];
  const { name } = set.metadata;
  const partition = partitionOf(set);
  if (isRolled) return [`partition ${partition} is kept until then`];
  const held = planStage(set, { partition }).held;
  const [what, way] =
    hold === "pause" ? ["the rollout is paused", "resume"] : ["a staged rollout is under way", "promote"];
  const kept = `its partition ${partition} is kept${held && ` (${held} held)`}`;
  return [`${what}: ${kept}; to go on: ${ownCommand(naming, `rollout ${way} ${name}`)}`];
}
