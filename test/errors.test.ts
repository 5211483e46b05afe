import { describe, expect, it } from "vitest";
import { ApiError, ConnectionError, KubeconfigError } from "../src/cluster/errors.js";
import { UsageError } from "../src/core/errors.js";
import {
  ClosedPipeError,
  ConflictError,
  ExitCode,
  InterruptedError,
  RefusedError,
  describeError,
  exitCodeOf,
  gravest,
} from "../src/errors.js";

const api = (code: number, reason: string, message = "m") => new ApiError({ code, reason, message });

describe("exitCodeOf", () => {
  it.each<[unknown, number]>([
    [new UsageError("x"), ExitCode.Usage],
    [new KubeconfigError("x"), ExitCode.Usage],
    [api(404, "NotFound"), ExitCode.Error],
    [api(422, "Invalid"), ExitCode.Error],
    [api(409, "Conflict"), ExitCode.Conflict],
    [api(409, "AlreadyExists"), ExitCode.Error],
    [new ConnectionError("x"), ExitCode.Error],
    [new ConflictError("x"), ExitCode.Conflict],
    [new RefusedError("x"), ExitCode.Refused],
    [new InterruptedError("SIGINT"), ExitCode.Interrupted],
    [new InterruptedError("SIGTERM"), ExitCode.Terminated],
    [new ClosedPipeError("x"), ExitCode.Done],
    [new TypeError("x"), ExitCode.Error],
    ["thrown text", ExitCode.Error],
  ])("%s → %i", (error, code) => expect(exitCodeOf(error)).toBe(code));
});

describe("describeError is kubectl's text", () => {
  it.each<[unknown, string]>([
    [
      api(404, "NotFound", 'statefulsets.apps "web" not found'),
      'Error from server (NotFound): statefulsets.apps "web" not found',
    ],
    [api(401, "Unauthorized"), "error: You must be logged in to the server (Unauthorized)"],
    [new UsageError("no"), "error: no"],
    ["thrown text", "error: thrown text"],
  ])("%s", (error, text) => expect(describeError(error)).toBe(text));

  it("lists the causes of an invalid object, one a line", () => {
    const causes = [
      { field: "spec.a", message: "Required value" },
      { field: "spec.b", message: "Invalid value" },
    ];
    const invalid = (some: typeof causes) =>
      new ApiError({
        code: 422,
        reason: "Invalid",
        message: "long",
        details: { kind: "StatefulSet", name: "web", causes: some },
      });
    expect(describeError(invalid(causes.slice(1)))).toBe(
      'The StatefulSet "web" is invalid: spec.b: Invalid value',
    );
    expect(describeError(invalid(causes))).toBe(
      'The StatefulSet "web" is invalid: \n* spec.a: Required value\n* spec.b: Invalid value',
    );
  });
});

describe("gravest", () => {
  it.each<[ExitCode[], ExitCode]>([
    [[0, 0], 0],
    [[0, 3], 3],
    [[3, 7, 6], 6],
    [[5, 4, 0], 4],
    [[4, 1], 1],
    [[], 0],
  ])("%j → %i", (codes, code) => expect(gravest(codes)).toBe(code));
});
