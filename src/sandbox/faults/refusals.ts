import type { Answer } from "../api/answer.js";
import { statusOf } from "../api/answer.js";
import type { RequestInfo } from "../api/request.js";
import type { SandboxKind } from "../kinds/kind.js";
import { modified, StatusError } from "../store/status.js";
import type { RequestFaultSpec } from "./rules.js";

/** What a failing server answers, by code: texts of apimachinery's `NewInternalError`, `NewServiceUnavailable` … */
const failures: Readonly<Record<number, () => StatusError>> = {
  500: () => {
    const message = "etcdserver: request timed out";
    const details = { causes: [{ message }] };
    return new StatusError(500, "InternalError", `Internal error occurred: ${message}`, details);
  },
  503: () => {
    const message = "the server is currently unable to handle the request";
    return new StatusError(503, "ServiceUnavailable", message);
  },
  504: () => {
    const message = "Timeout: request did not complete within the allotted timeout";
    return new StatusError(504, "Timeout", message, {});
  },
};

/** What is answered in the server's place; undefined for a fault that answers nothing. */
export function refusalOf(
  fault: RequestFaultSpec,
  { resource: path }: Pick<RequestInfo, "resource">,
  kinds: readonly SandboxKind[],
): Answer | undefined {
  if (fault.type === "throttle") return throttled(fault.retryAfterSeconds);
  if (fault.type === "error") return answerOf(failures[fault.code ?? 500]?.());
  if (fault.type !== "conflict" || !path) return undefined;
  const kind = kinds.find(({ group, resource }) => group === path.group && resource === path.resource);
  return answerOf(
    modified({ group: path.group, resource: path.resource, kind: kind?.kind ?? "" }, path.name),
  );
}

/** As apiserver's filter of priority and fairness has it: text, and no Status. */
function throttled(seconds = 1): Answer {
  const headers = { "Retry-After": String(seconds), "X-Content-Type-Options": "nosniff" };
  return { code: 429, body: "Too many requests, please try again later.\n", headers };
}

function answerOf(error: StatusError | undefined): Answer | undefined {
  return error && { code: error.code, body: statusOf(error) };
}
