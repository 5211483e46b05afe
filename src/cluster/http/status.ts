import { ApiError, type Status } from "../errors.js";

/** Reason and text for an answer without a `Status` body (apimachinery, `errors.NewGenericServerResponse`). */
const generic: Record<number, [reason: string, message: string]> = {
  400: ["BadRequest", "the server rejected our request for an unknown reason"],
  401: ["Unauthorized", "the server has asked for the client to provide credentials"],
  403: ["Forbidden", "the server does not allow access to the requested resource"],
  404: ["NotFound", "the server could not find the requested resource"],
  405: ["MethodNotAllowed", "the server does not allow this method on the requested resource"],
  406: ["NotAcceptable", "the server was unable to respond with a content type that the client supports"],
  409: ["Conflict", "the server reported a conflict"],
  410: ["Gone", "the requested resource is no longer there"],
  415: ["UnsupportedMediaType", "the body of the request was in an unknown format"],
  422: ["Invalid", "the server rejected our request due to an error in our request"],
  429: ["TooManyRequests", "the server has received too many requests and has asked us to try again later"],
  500: ["InternalError", "an error on the server has prevented the request from succeeding"],
  503: ["ServiceUnavailable", "the server is currently unable to handle the request"],
  504: [
    "Timeout",
    "the server was unable to return a response in the time allotted, but may still be processing the request",
  ],
};

/** What an answer that is no success says, whether its body is a `Status` or not. */
export function apiError(code: number, body: string): ApiError {
  const said = statusOf(body);
  const [reason, message] = generic[code] ?? ["", `the server responded with the status code ${code}`];
  if (!said) return new ApiError({ code, reason, message: withDetail(message, body) });
  return new ApiError({
    code: said.code || code,
    reason: said.reason ?? "",
    message: said.message || message,
    ...(said.details && { details: said.details }),
  });
}

/** The `Status` object that a text or an event holds, if it is one. */
export function statusOf(body: unknown): Partial<Status> | undefined {
  const value = typeof body === "string" ? parse(body) : body;
  const isStatus = typeof value === "object" && value !== null && "kind" in value && value.kind === "Status";
  return isStatus ? (value as Partial<Status>) : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A proxy's plain words help; its HTML page does not. */
function withDetail(message: string, body: string): string {
  const line = body.trim().split("\n", 1)[0] ?? "";
  return line === "" || /^[<{[]/.test(line) ? message : `${message}: ${line.slice(0, 200)}`;
}
