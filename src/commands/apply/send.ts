import type { Cluster } from "../../cluster/cluster.js";
import type { KubeObject, Manifest, StatefulSet } from "../../core/model.js";
import { isStatefulSet } from "../../core/manifest/bundle.js";
import { ConflictError, describeError, exitCodeOf, ExitError } from "../../errors.js";
import { resourceName } from "../../view/output.js";
import { revise } from "../shared/revise.js";
import { describeOwners } from "./refuse.js";
import { sendApply, type ApplyRules } from "./attempt.js";
import { prepareObject, type Prepared } from "./prepare.js";

/** An object as the server has it now, and how it was before. */
export interface Applied {
  prepared: Prepared;
  answer: KubeObject;
}

/**
 * Applies what there is to apply, one object after the other. When one fails, or the signal aborts, the error says what
 * was applied before it; running the same again goes on from there.
 */
export async function applyObjects(
  cluster: Cluster,
  objects: readonly Prepared[],
  rules: ApplyRules,
  signal: AbortSignal,
  onApplied: (applied: Applied) => void,
): Promise<Applied[]> {
  const done: Applied[] = [];
  for (const prepared of objects) {
    const answer = await applyNext(cluster, prepared, rules, signal).catch((error: unknown) => {
      throw halfWay(error, prepared, done);
    });
    const applied = { prepared, answer };
    done.push(applied);
    onApplied(applied);
  }
  return done;
}

async function applyNext(
  cluster: Cluster,
  prepared: Prepared,
  rules: ApplyRules,
  signal: AbortSignal,
): Promise<KubeObject> {
  const { object, live, writes } = prepared;
  if (live && !writes) return live;
  signal.throwIfAborted();
  const send = ({ body, force }: Prepared, on: KubeObject | undefined): Promise<KubeObject> =>
    sendApply(cluster, object, on ? onVersion(body, on) : body, { ...rules, force, dryRun: false });
  if (!live || !isStatefulSet(object.manifest)) return send(prepared, live);
  // The dry runs have decided for this version of the set. Status writes move it: then they are made again.
  const answer = await revise(cluster, live as unknown as StatefulSet, async (current) => {
    const now = current as unknown as KubeObject;
    const again = now === live ? prepared : await prepareObject(cluster, object, now, rules);
    if (again.conflicts.length > 0) throw new ConflictError(describeOwners(again).join("\n"));
    return (again.writes ? await send(again, now) : now) as unknown as StatefulSet;
  });
  return answer as unknown as KubeObject;
}

/** The resourceVersion is a precondition; the uid keeps a set made meanwhile under the same name apart. */
function onVersion(body: Manifest, { metadata: { resourceVersion, uid } }: KubeObject): Manifest {
  return { ...body, metadata: { ...body.metadata, resourceVersion, uid } };
}

function halfWay(error: unknown, failed: Prepared, done: readonly Applied[]): unknown {
  const written = done.filter(({ prepared }) => prepared.writes);
  if (written.length === 0) return error;
  const names = written.map(({ prepared }) => resourceName(prepared.object.manifest)).join(", ");
  return new ExitError(
    exitCodeOf(error),
    [
      describeError(error),
      `  ${resourceName(failed.object.manifest)} was not applied; applied before it, and there to stay: ${names}`,
      "  once the cause is gone, run the same command again: it goes on with what is missing",
    ].join("\n"),
  );
}
