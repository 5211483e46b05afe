import type { Cluster } from "../../cluster/cluster.js";
import { ApiError, isApiError } from "../../cluster/errors.js";
import { sameContent, sameFieldsApplied } from "../../core/apply/content.js";
import { asAnswered, withoutState } from "../../core/apply/held.js";
import { isStatefulSet } from "../../core/manifest/bundle.js";
import type { KubeObject, Manifest, StatefulSet } from "../../core/model.js";
import { sameJson } from "../../core/equal.js";
import { ConflictError } from "../../errors.js";
import { resourceName } from "../../view/output.js";
import { checkBundle, inBatches, isAboutObject, tryElsewhere } from "../bundle/dry-run.js";
import type { LocatedObject } from "../bundle/plan.js";
import { getIfThere } from "../shared/optional.js";
import { attempt, attemptSet, sendApply, type ApplyRules, type Trial } from "./attempt.js";
import { addStage, type Stage } from "./stage.js";

/** An object that is ready to be applied. */
export interface Prepared extends Trial {
  object: LocatedObject;
  /** Undefined: there is none yet. */
  live: KubeObject | undefined;
  action: "created" | "configured" | "unchanged";
  /** Whether there is anything to send; even what changes nothing else is sent once, to own its fields from then on. */
  writes: boolean;
  /** Where the template is staged: how far. */
  stage?: Stage;
}

/** An object that cannot be applied. */
export interface Refused {
  object: LocatedObject;
  live: KubeObject | undefined;
  /** An ApiError, or what we ourselves say against it. */
  error: Error;
}

export type Checked = Prepared | Refused;

export function isRefused(checked: Checked): checked is Refused {
  return "error" in checked;
}

/** What there is of an object; an ApiError where that may not be read, and so nothing can be decided. */
export type Known = ReadonlyMap<LocatedObject, KubeObject | ApiError>;

/** Reads what there is of the objects. */
export async function readLive(cluster: Cluster, objects: readonly LocatedObject[]): Promise<Known> {
  const found = new Map<LocatedObject, KubeObject | ApiError>();
  await inBatches(objects, async (object) => {
    const live = await readObject(cluster, object).catch((error: unknown) => {
      if (!isApiError(error, "Forbidden")) throw error;
      return error;
    });
    if (live) found.set(object, live);
  });
  return found;
}

function readObject(cluster: Cluster, { kind, manifest }: LocatedObject): Promise<KubeObject | undefined> {
  return getIfThere(cluster, kind, manifest.metadata);
}

/** Tries every object on the server, without writing. Throws the first error that is not about an object. */
export function prepareBundle(
  cluster: Cluster,
  objects: readonly LocatedObject[],
  known: Known,
  rules: ApplyRules,
): Promise<Checked[]> {
  const guarded = async (
    object: LocatedObject,
    prepare: (live: KubeObject | undefined) => Promise<Prepared>,
  ): Promise<Checked> => {
    const live = known.get(object);
    if (live instanceof ApiError) return { object, live: undefined, error: live };
    try {
      return await prepare(live);
    } catch (error) {
      if (!isAboutObject(error) && !(error instanceof ConflictError)) throw error;
      return { object, live, error };
    }
  };
  return checkBundle<Checked>(objects, {
    check: (object) => guarded(object, (live) => prepareObject(cluster, object, live, rules)),
    checkElsewhere: (object) =>
      guarded(object, async () => {
        const answer = await tryElsewhere(cluster, object, rules.fieldManager);
        return newObject(object, { body: bodyOf(object), force: rules.force, answer, conflicts: [] });
      }),
    isNew: (checked) => !isRefused(checked) && checked.action === "created",
  });
}

/** Tries one object. `live` is what there is of it. Throws an ApiError, or a ConflictError. */
export async function prepareObject(
  cluster: Cluster,
  object: LocatedObject,
  live: KubeObject | undefined,
  rules: ApplyRules,
): Promise<Prepared> {
  if (!live) return newObject(object, await attempt(cluster, object, bodyOf(object), live, rules));
  if (live.metadata.deletionTimestamp !== undefined) {
    throw new ConflictError(
      `${resourceName(object.manifest)} is being deleted; once it is gone, apply again`,
    );
  }
  if (!isStatefulSet(object.manifest)) {
    return existing(object, live, await attempt(cluster, object, object.manifest, live, rules), rules);
  }
  const trial = await attemptSet(cluster, object, live, rules);
  return staged(cluster, existing(object, live, trial, rules), rules);
}

function bodyOf({ manifest }: LocatedObject): Manifest {
  return isStatefulSet(manifest) ? withoutState(manifest, undefined) : manifest;
}

function newObject(object: LocatedObject, trial: Trial): Prepared {
  return { object, live: undefined, ...trial, action: "created", writes: true };
}

function existing(
  object: LocatedObject,
  live: KubeObject,
  trial: Trial,
  { fieldManager }: ApplyRules,
): Prepared {
  const isSame = sameContent(live, trial.answer);
  const writes = !isSame || !sameFieldsApplied(live, trial.answer, fieldManager);
  return { object, live, ...trial, action: isSame ? "unchanged" : "configured", writes };
}

/**
 * With the partition and the staging in the same write, where a set's template changes or is staged already. Nobody
 * else's field changes by the rest, as has been tried before; the partition is taken over from whoever has set it.
 */
async function staged(cluster: Cluster, prepared: Prepared, rules: ApplyRules): Promise<Prepared> {
  const { object, live, body, answer, conflicts } = prepared;
  if (!rules.staging || !live || conflicts.length > 0) return prepared;
  const set = asAnswered(live, answer);
  const isChanged = !sameJson((live as unknown as StatefulSet).spec.template, set.spec.template);
  const added = addStage(set, body, rules.staging, isChanged);
  if (!added) return prepared;
  if (added.body === body) return { ...prepared, stage: added.stage };
  const { fieldManager } = rules;
  const next = await sendApply(cluster, object, added.body, { fieldManager, force: true, dryRun: true });
  const trial = { body: added.body, force: true, answer: next, conflicts: [] };
  return { ...existing(object, live, trial, rules), stage: added.stage };
}
