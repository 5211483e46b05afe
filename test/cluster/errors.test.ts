import { describe, expect, test } from "vitest";
import { ApiError, type Status, isApiError } from "../../src/cluster/index.js";

const textOf = (status: Partial<Status>): string =>
  new ApiError({ code: 422, reason: "Invalid", message: "no", ...status }).message;

describe("errors have kubectl's text", () => {
  const web = { kind: "StatefulSet", name: "web" };
  const cause = (field: string, message: string) => ({ reason: "FieldValueInvalid", field, message });

  test.each<[string, Partial<Status>, string]>([
    ["a reason", { code: 404, reason: "NotFound" }, "Error from server (NotFound): no"],
    ["no reason", { code: 500, reason: "" }, "Error from server: no"],
    [
      "who is not logged in",
      { code: 401, reason: "Unauthorized" },
      "error: You must be logged in to the server (Unauthorized)",
    ],
    [
      "one cause",
      { details: { ...web, causes: [cause("spec.a", "bad")] } },
      'The StatefulSet "web" is invalid: spec.a: bad',
    ],
    [
      "several causes, each once",
      { details: { ...web, causes: [cause("a", "1"), cause("b", "2"), cause("a", "1")] } },
      'The StatefulSet "web" is invalid: \n* a: 1\n* b: 2',
    ],
    ["no causes", { details: web }, 'The StatefulSet "web" is invalid: no'],
    ["no details", {}, "The request is invalid: no"],
  ])("%s", (_, status, text) => {
    expect(textOf(status)).toBe(text);
  });

  test("errors are told apart by their reason", () => {
    const error = new ApiError({ code: 409, reason: "Conflict", message: "" });
    expect(isApiError(error)).toBe(true);
    expect(isApiError(error, "NotFound", "Conflict")).toBe(true);
    expect(isApiError(error, "NotFound")).toBe(false);
    expect(isApiError(new Error("Conflict"))).toBe(false);
  });
});
