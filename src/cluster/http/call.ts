/** One request, in the gateway's terms. */
export interface Call {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query, below the server's URL: `/api/v1/pods?limit=500`. */
  path: string;
  body?: string;
  contentType?: string;
  /** What the answer may be; JSON unless told. */
  accept?: string;
  /** The answer may be large: compression is welcome where it pays. */
  large?: boolean;
  signal?: AbortSignal;
}

/** Path and query with what is set in `query`. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const set = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") set.set(name, String(value));
  }
  return set.size === 0 ? path : `${path}?${set.toString()}`;
}
