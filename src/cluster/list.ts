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
 * Lists a collection in pages, each dropped once it is projected. The next page is asked for as soon as one begins to
 * come, so that the server works on it meanwhile; never more than one ahead. When the continue token expires under it,
 * the list begins again, in one piece so that it ends (client-go, `tools/pager`).
 */
export async function list<T, P>(client: Client, request: ListRequest<T, P>): Promise<ListResult<P>> {
  const ended = new AbortController();
  const signals = request.signal ? [request.signal, ended.signal] : [ended.signal];
  try {
    return await readPages(client, { ...request, signal: AbortSignal.any(signals) });
  } finally {
    // A page that was asked for ahead and is not wanted after all must not be waited for, nor tried again.
    ended.abort(new Error("the list is over"));
  }
}

async function readPages<T, P>(client: Client, request: ListRequest<T, P>): Promise<ListResult<P>> {
  let kept: P[] = [];
  let { columns } = request;
  for (let asked = new Asked(client, request, columns); ;) {
    asked.askAhead();
    const answer = await unlessExpired(asked);
    if (!answer) {
      kept = [];
      asked = new Asked(client, request, columns, { whole: true });
      continue;
    }
    asked.readHead(answer.body);
    const page = client.parse(asked.call, answer) as Page<T>;
    const projected = projectPage(page, request, columns);
    if (!projected) {
      [kept, columns] = [[], undefined];
      asked = new Asked(client, request, columns);
      continue;
    }
    for (const item of projected) kept.push(item);
    const { continue: next, resourceVersion } = page.metadata;
    if (!next) return { items: kept, resourceVersion };
    asked = asked.after(next);
  }
}

/** A page that was asked for: the first, the one `from` a token, or the `whole` collection. */
class Asked {
  readonly call: Call;
  readonly answer: Promise<Answer>;
  /** Where the page after it begins; undefined until its answer does, and where it is the last. */
  #token: string | undefined;
  #isNext = false;
  #ahead: { token: string; asked: Asked } | undefined;

  constructor(
    private readonly client: Client,
    private readonly request: Pick<ListRequest<never, never>, "collection" | "query" | "signal">,
    private readonly columns: Columns<unknown> | undefined,
    private readonly which: { from?: string; whole?: boolean } = {},
  ) {
    this.call = callFor(request, columns, which);
    this.answer = client.answer(this.call, (head) => this.readHead(head));
    // Nobody waits for it where the page before it turns out not to be JSON.
    this.answer.catch(() => undefined);
  }

  /** It goes on after another page. */
  get follows(): boolean {
    return this.which.from !== undefined;
  }

  /** Finds the token in how the answer begins; one that is compressed is known only when it is all there. */
  readHead(text: string): void {
    this.#token = tokenIn(text);
    if (this.#isNext) this.askAhead();
  }

  /** This page is the one to be read next: the one after it is asked for once its token is known. */
  askAhead(): void {
    this.#isNext = true;
    const token = this.#token;
    if (token === undefined || this.#ahead?.token === token) return;
    this.#ahead = { token, asked: new Asked(this.client, this.request, this.columns, { from: token }) };
  }

  /** The page after this one. An answer that broke off may have begun with another token than the one that came in the end. */
  after(token: string): Asked {
    if (this.#ahead?.token === token) return this.#ahead.asked;
    return new Asked(this.client, this.request, this.columns, { from: token });
  }
}

function callFor(
  { collection, query, signal }: Pick<ListRequest<never, never>, "collection" | "query" | "signal">,
  columns: Columns<unknown> | undefined,
  { from, whole = false }: { from?: string; whole?: boolean },
): Call {
  const limit = columns ? PAGE_OF_ROWS : PAGE;
  const paging = { limit: whole ? undefined : limit, continue: from };
  const path = withQuery(collection, { ...query, ...(columns && tableQuery), ...paging });
  const accept = columns && tableAccept;
  return { method: "GET", path, large: true, ...(accept && { accept }), ...(signal && { signal }) };
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

/** The continue token in how a list begins: it stands ahead of the items. Undefined where it cannot be told without parsing. */
function tokenIn(head: string): string | undefined {
  const [, token] =
    /^\{[^{}[\]]*"metadata":\{[^{}]*"continue":"([\w+/=-]+)"/.exec(head.slice(0, AHEAD)) ?? [];
  return token;
}

/** The items of a list come without kind and apiVersion; with them they are equal to what GET and watch give. */
function named<T>(kind: Kind<T>, item: T): T {
  return { kind: kind.kind, apiVersion: apiVersionOf(kind), ...item };
}
