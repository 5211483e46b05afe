import type { FieldError } from "../kinds/kind.js";
import { forbidden, notSupported } from "../kinds/validation/errors.js";
import { badRequest, invalid } from "../store/status.js";
import { integer } from "./request.js";

const numbers = ["limit", "timeoutSeconds"];
const field = "resourceVersionMatch";

/** Throws the API's 400 or 422 for options of a list or a watch that are none, or do not go together. */
export function checkListOptions(query: URLSearchParams, watch: boolean): void {
  for (const name of numbers) {
    // Given, and empty, it is no number either.
    if (query.get(name) === "") throw badRequest('strconv.ParseInt: parsing "": invalid syntax');
    if (!Number.isSafeInteger(integer(query, name) ?? 0))
      throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(query.get(name))}: value out of range`);
  }
  const errors = watch ? watchErrors(query) : listErrors(query);
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", errors);
}

function listErrors(query: URLSearchParams): FieldError[] {
  const match = query.get(field) ?? "";
  const version = query.get("resourceVersion") ?? "";
  const known = ["Exact", "NotOlderThan", ""];
  const exact = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"';
  return [
    ...(match && !version
      ? [forbidden(field, "resourceVersionMatch is forbidden unless resourceVersion is provided")]
      : []),
    ...(match && query.get("continue")
      ? [forbidden(field, "resourceVersionMatch is forbidden when continue is provided")]
      : []),
    ...(known.includes(match) ? [] : [notSupported(field, match, known)]),
    ...(match === "Exact" && version === "0" ? [forbidden(field, exact)] : []),
    ...(query.get("sendInitialEvents")
      ? [forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list")]
      : []),
  ];
}

function watchErrors(query: URLSearchParams): FieldError[] {
  const match = query.get(field) ?? "";
  const initial = query.get("sendInitialEvents");
  if (initial === null)
    return match
      ? [forbidden(field, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")]
      : [];
  const newer = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
  return [
    ...(match === "NotOlderThan" ? [] : [forbidden(field, newer)]),
    ...(match && match !== "NotOlderThan" ? [notSupported(field, match, ["NotOlderThan"])] : []),
    ...(query.get("continue")
      ? [forbidden(field, "resourceVersionMatch is forbidden when continue is provided")]
      : []),
  ];
}
