/** What the API server says in a `Status` body. */
export interface Status {
  code: number;
  reason: string;
  message: string;
  details?: {
    name?: string;
    group?: string;
    kind?: string;
    uid?: string;
    retryAfterSeconds?: number;
    causes?: { reason?: string; message?: string; field?: string }[];
  };
}

/** An answer of the API server that is not a success. Its text is what kubectl prints for it. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(readonly status: Status) {
    super(describe(status));
  }
  get code(): number {
    return this.status.code;
  }
  get reason(): string {
    return this.status.reason;
  }
}

/** There was no answer: refused, unresolved, timed out, or TLS failed. `message` is what kubectl prints for it. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
}

/** No usable kubeconfig, or one that names what is not in it. `message` is what kubectl prints for it, and what to do. */
export class KubeconfigError extends Error {
  override readonly name = "KubeconfigError";
}

/** kubectl's text (`cmdutil.StandardErrorMessage` and `checkErr`) for a status. */
function describe(status: Status): string {
  if (status.code === 401) return "error: You must be logged in to the server (Unauthorized)";
  if (status.reason === "Invalid") return describeInvalid(status);
  return `Error from server${status.reason ? ` (${status.reason})` : ""}: ${status.message}`;
}

function describeInvalid({ details, message }: Status): string {
  const told = (details?.causes ?? []).map(({ field, message: text }) =>
    field ? `${field}: ${text}` : `${text}`,
  );
  const causes = [...new Set(told)];
  const subject = details?.kind
    ? `The ${details.kind} "${details.name ?? ""}" is invalid`
    : "The request is invalid";
  if (causes.length === 0) return `${subject}: ${message}`;
  if (causes.length === 1) return `${subject}: ${causes[0]}`;
  return [`${subject}: `, ...causes.map((cause) => `* ${cause}`)].join("\n");
}

export function isApiError(error: unknown, ...reasons: string[]): error is ApiError {
  return error instanceof ApiError && (reasons.length === 0 || reasons.includes(error.reason));
}
