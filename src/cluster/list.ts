import { type Kind, apiVersionOf } from "../core/kinds.js";
import type { ListResult } from "./cluster.js";
import { isApiError } from "./errors.js";
import { withQuery } from "./http/call.js";
import type { Client } from "./http/client.js";

const PAGE = 500;

interface Page<T> {
  metadata: { resourceVersion: string; continue?: string };
  items: T[] | null;
}

/**
 * Lists a collection in pages, each dropped once it is projected. When the continue token expires under it, the list
 * begins again, in one piece so that it ends (client-go, `tools/pager`).
 */
export async function list<T, P>(
  client: Client,
  kind: Kind<T>,
  collection: string,
  query: Readonly<Record<string, string | undefined>>,
  project: (object: T) => P,
  signal?: AbortSignal,
): Promise<ListResult<P>> {
  const items: P[] = [];
  const read = async (paging: { limit?: number; continue?: string }): Promise<Page<T>["metadata"]> => {
    const path = withQuery(collection, { ...query, ...paging });
    const page = await client.json<Page<T>>({ method: "GET", path, large: true, ...(signal && { signal }) });
    for (const item of page.items ?? []) items.push(project(named(kind, item)));
    return page.metadata;
  };
  let metadata = await read({ limit: PAGE });
  while (metadata.continue) {
    try {
      metadata = await read({ limit: PAGE, continue: metadata.continue });
    } catch (error) {
      if (!isApiError(error, "Expired")) throw error;
      items.length = 0;
      metadata = await read({});
    }
  }
  return { items, resourceVersion: metadata.resourceVersion };
}

/** The items of a list come without kind and apiVersion; with them they are equal to what GET and watch give. */
function named<T>(kind: Kind<T>, item: T): T {
  return { kind: kind.kind, apiVersion: apiVersionOf(kind), ...item };
}
