import type { Cluster, Scope } from "../../cluster/cluster.js";
import { isApiError } from "../../cluster/errors.js";
import type { Kind } from "../../core/kinds.js";
import type { Context } from "../../context.js";

/**
 * Lists what a command can do without. Where it may not be read (403) or is not served (404), that is said once on
 * stderr, with `without`: what the command does not know then. Returns undefined in that case.
 */
export async function listIfAllowed<T>(
  context: Pick<Context, "err">,
  cluster: Cluster,
  kind: Kind<T>,
  scope: Scope,
  without: string,
): Promise<T[] | undefined> {
  try {
    return (await cluster.list(kind, scope)).items;
  } catch (error) {
    if (!isApiError(error, "Forbidden", "NotFound")) throw error;
    context.err.write(`note: ${kind.resource} may not be read here: ${without}\n`);
    return undefined;
  }
}
