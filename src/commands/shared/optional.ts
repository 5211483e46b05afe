import type { Cluster, Columns, Ref, Scope } from "../../cluster/cluster.js";
import { isApiError } from "../../cluster/errors.js";
import type { Kind } from "../../core/kinds.js";
import type { Context } from "../../context.js";

/** The object of this name; undefined where there is none. All other errors are thrown. */
export async function getIfThere<T>(cluster: Cluster, kind: Kind<T>, ref: Ref): Promise<T | undefined> {
  try {
    return await cluster.get(kind, ref);
  } catch (error) {
    if (isApiError(error, "NotFound")) return undefined;
    throw error;
  }
}

/**
 * Lists what a command can do without. Where it may not be read (403) or is not served (404), that is said once on
 * stderr, with `without`: what the command does not know then. Returns undefined in that case.
 */
export function listIfAllowed<T>(
  context: Pick<Context, "err">,
  cluster: Cluster,
  kind: Kind<T>,
  scope: Scope,
  without: string,
): Promise<T[] | undefined> {
  return projectIfAllowed(context, cluster, kind, scope, without, (object) => object);
}

/** The same, keeping of each object what `project` makes of it. */
export async function projectIfAllowed<T, P>(
  context: Pick<Context, "err">,
  cluster: Cluster,
  kind: Kind<T>,
  scope: Scope,
  without: string,
  project: (object: T) => P,
  columns?: Columns<P>,
): Promise<P[] | undefined> {
  try {
    return (await cluster.list(kind, scope, project, columns)).items;
  } catch (error) {
    if (!isApiError(error, "Forbidden", "NotFound")) throw error;
    context.err.write(`note: ${kind.resource} may not be read here: ${without}\n`);
    return undefined;
  }
}
