import type { Cluster } from "../../cluster/cluster.js";
import { isApiError } from "../../cluster/errors.js";
import { readConflicts, type FieldConflict } from "../../core/apply/conflicts.js";
import { valueAt, withValueAt } from "../../core/apply/field-path.js";
import { losesReplicas, lostHold, withHold, withoutState, withReplicas } from "../../core/apply/held.js";
import type { KubeObject, Manifest, StatefulSet } from "../../core/model.js";
import { sameJson } from "../../core/equal.js";
import type { LocatedObject } from "../bundle/plan.js";
import type { StagingRequest } from "../rollout/template-change.js";

export interface ApplyRules {
  fieldManager: string;
  /** Take fields from other managers. */
  force: boolean;
  /** How a new template reaches the pods; undefined: all that the partition in force allows. */
  staging: StagingRequest | undefined;
}

/** What would be sent, and what the server would make of it. */
export interface Trial {
  body: Manifest;
  /** Take fields over: from others because that was asked for, or from the manager's own earlier updates. */
  force: boolean;
  answer: KubeObject;
  /** With managers that are not ours; `answer` is then what it would be like if they gave in. */
  conflicts: FieldConflict[];
}

/** What a set must not lose by an apply that does not name it any more is named as it is. */
export async function attemptSet(
  cluster: Cluster,
  object: LocatedObject,
  live: KubeObject,
  rules: ApplyRules,
): Promise<Trial> {
  const set = live as unknown as StatefulSet;
  const trial = await attempt(cluster, object, withoutState(object.manifest, set), live, rules);
  const answer = trial.answer as unknown as StatefulSet;
  const lost = lostHold(set, answer);
  const held = lost ? withHold(trial.body, set, lost) : trial.body;
  const body = losesReplicas(object.manifest, set, answer) ? withReplicas(held, set) : held;
  return body === trial.body ? trial : attempt(cluster, object, body, live, rules);
}

/**
 * A dry run. Of the conflicts with other managers those are none that change nothing: where a field is atomic or
 * written in another form, the server sees a difference before it fills in its defaults; the live value is sent there
 * (none where there is none: an empty map).
 * What is left between our applies and our own updates is taken over.
 */
export async function attempt(
  cluster: Cluster,
  object: LocatedObject,
  body: Manifest,
  live: KubeObject | undefined,
  { fieldManager, force }: ApplyRules,
): Promise<Trial> {
  const send = (manifest: Manifest, forced: boolean): Promise<KubeObject> =>
    sendApply(cluster, object, manifest, { fieldManager, force: forced, dryRun: true });
  try {
    return { body, force, answer: await send(body, force), conflicts: [] };
  } catch (error) {
    const found = isApiError(error, "Conflict") ? readConflicts(error.status.details?.causes) : [];
    if (found.length === 0) throw error;
    const forced = await send(body, true);
    const { agreed, disputed } = settle(body, found, forced, live);
    const others = disputed.filter(({ manager }) => manager !== fieldManager);
    if (others.length > 0) return { body: agreed, force: true, answer: forced, conflicts: others };
    const ours = disputed.length > 0;
    return { body: agreed, force: ours, answer: await send(agreed, ours), conflicts: [] };
  }
}

function settle(
  body: Manifest,
  conflicts: readonly FieldConflict[],
  forced: KubeObject,
  live: KubeObject | undefined,
): { agreed: Manifest; disputed: FieldConflict[] } {
  let agreed = body;
  const disputed = conflicts.filter(({ field }) => {
    const value = valueAt(live, field);
    if (!sameJson(value, valueAt(forced, field))) return true;
    const next = withValueAt(agreed, field, value);
    agreed = next ?? agreed;
    return !next;
  });
  return { agreed, disputed };
}

/** Server-side apply of one object, as a dry run or for good. */
export function sendApply(
  cluster: Cluster,
  { kind, manifest }: LocatedObject,
  body: Manifest,
  { fieldManager, force, dryRun }: { fieldManager: string; force: boolean; dryRun: boolean },
): Promise<KubeObject> {
  const { name, namespace } = manifest.metadata;
  const options = { fieldManager, fieldValidation: "Strict", dryRun } as const;
  return cluster.patch(kind, { name, namespace }, { type: "apply", body, force }, options);
}
