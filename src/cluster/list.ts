import { type Kind, apiVersionOf } from "../core/kinds.js";
import type { Columns, ListResult } from "./cluster.js";
import { isTable, projectRows, tableAccept, tableQuery } from "./columns.js";
import { isApiError } from "./errors.js";
import { type Call, withQuery } from "./http/call.js";
import type { Answer, Client } from "./http/client.js";

/** How many objects a page has, and how many rows where only columns are read. */
const PAGE = 500;
const PAGE_OF_ROWS = 5000;
/** Characters within which a list's own metadata ends: a token holds little more than the last object's name. */
const AHEAD = 4096;

interface Page<T> {
  metadata: { resourceVersion: string; continue?: string };
  items?: T[] | null;
}

export interface ListRequest<T, P> {
  kind: Kind<T>;
  collection: string;
  query: Readonly<Record<string, string | undefined>>;
  project: (object: T) => P;
  columns?: Columns<P> | undefined;
  signal?: AbortSignal;
}

/**
 * Lists a collection in pages, each dropped once it is projected. The next page is asked for before one is parsed, so
 * that the server works on it meanwhile. When the continue token expires under it, the list begins again, in one piece
 * so that it ends (client-go, `tools/pager`).
 */
export async function list<T, P>(client: Client, request: ListRequest<T, P>): Promise<ListResult<P>> {
  let kept: P[] = [];
  let { columns } = request;
  for (let asked = ask(client, request, columns); ;) {
    const answer = await unlessExpired(asked);
    if (!answer) {
      kept = [];
      asked = ask(client, request, columns, { whole: true });
      continue;
    }
    const token = tokenAhead(answer);
    const more = (from: string) => ask(client, request, columns, { from });
    const ahead = token === undefined ? undefined : more(token);
    const page = client.parse(asked.call, answer) as Page<T>;
    const projected = projectPage(page, request, columns);
    if (!projected) {
      [kept, columns] = [[], undefined];
      asked = ask(client, request, columns);
      continue;
    }
    for (const item of projected) kept.push(item);
    const { continue: next, resourceVersion } = page.metadata;
    if (!next) return { items: kept, resourceVersion };
    asked = ahead ?? more(next);
  }
}

/** A page that was asked for. */
interface Asked {
  call: Call;
  answer: Promise<Answer>;
  /** It goes on after another page. */
  follows: boolean;
}

/** Asks for the first page; for the next one `from` its token; or for the `whole` collection. */
function ask(
  client: Client,
  { collection, query, signal }: Pick<ListRequest<never, never>, "collection" | "query" | "signal">,
  columns: Columns<unknown> | undefined,
  { from, whole = false }: { from?: string; whole?: boolean } = {},
): Asked {
  const limit = columns ? PAGE_OF_ROWS : PAGE;
  const paging = { limit: whole ? undefined : limit, continue: from };
  const path = withQuery(collection, { ...query, ...(columns && tableQuery), ...paging });
  const accept = columns && tableAccept;
  const call: Call = {
    method: "GET",
    path,
    large: true,
    ...(accept && { accept }),
    ...(signal && { signal }),
  };
  const answer = client.answer(call);
  // Nobody waits for it where the page before it turns out not to be JSON.
  answer.catch(() => undefined);
  return { call, answer, follows: from !== undefined };
}

/** Undefined when the server has forgotten what the page before was a part of. */
async function unlessExpired({ answer, follows }: Asked): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (follows && isApiError(error, "Expired")) return undefined;
    throw error;
  }
}

/** Undefined where it is a table without the columns. */
function projectPage<T, P>(
  page: Page<T>,
  { kind, project }: ListRequest<T, P>,
  columns: Columns<P> | undefined,
): P[] | undefined {
  if (columns && isTable(page)) return projectRows(page, columns);
  return (page.items ?? []).map((item) => project(named(kind, item)));
}

/** The continue token, which stands ahead of the items; undefined where it cannot be told without parsing. */
function tokenAhead({ body }: Answer): string | undefined {
  const [, token] =
    /^\{[^{}[\]]*"metadata":\{[^{}]*"continue":"([\w+/=-]+)"/.exec(body.slice(0, AHEAD)) ?? [];
  return token;
}

/** The items of a list come without kind and apiVersion; with them they are equal to what GET and watch give. */
function named<T>(kind: Kind<T>, item: T): T {
  return { kind: kind.kind, apiVersion: apiVersionOf(kind), ...item };
}
