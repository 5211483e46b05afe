import { describe, expect, it } from "vitest";
import { fieldsAppliedBy, sameContent, sameFieldsApplied } from "../../../src/core/apply/content.js";
import { comparable } from "../../../src/core/apply/masked.js";
import type { KubeObject } from "../../../src/core/model.js";

function object(more: object = {}, metadata: object = {}): KubeObject {
  const stored = { name: "web", uid: "u", resourceVersion: "1", creationTimestamp: "t", ...metadata };
  return { apiVersion: "v1", kind: "Secret", metadata: stored, ...more };
}
const owned = (manager: string, fieldsV1: object, more: object = {}) => ({
  managedFields: [{ manager, operation: "Apply", apiVersion: "v1", time: "now", fieldsV1, ...more }],
});

describe("sameContent", () => {
  it("looks past what the server keeps account of", () => {
    const other = object({ status: { a: 1 } }, { resourceVersion: "2", generation: 5, ...owned("sts", {}) });
    expect(sameContent(object(), other)).toBe(true);
    expect(sameContent(object(), object({}, { labels: { a: "b" } }))).toBe(false);
    expect(sameContent(object({ data: {} }), object({ data: { a: "b" } }))).toBe(false);
  });
});

describe("sameFieldsApplied", () => {
  it("compares the manager's own apply, whenever that was", () => {
    const before = object({}, owned("sts", { "f:data": {} }));
    expect(
      sameFieldsApplied(before, object({}, owned("sts", { "f:data": {} }, { time: "later" })), "sts"),
    ).toBe(true);
    expect(sameFieldsApplied(before, object({}, owned("sts", { "f:type": {} })), "sts")).toBe(false);
    expect(sameFieldsApplied(before, object(), "sts")).toBe(false);
    expect(fieldsAppliedBy(before, "other")).toBeUndefined();
    const update = object({}, owned("sts", { "f:data": {} }, { operation: "Update" }));
    expect(fieldsAppliedBy(update, "sts")).toBeUndefined();
  });
});

describe("comparable", () => {
  it("masks values of a Secret, and tells which of them change", () => {
    const [before, after] = comparable(
      object({ data: { same: "c2FtZQ==", other: "YQ==", old: "b2xk" } }),
      object({ data: { same: "c2FtZQ==", other: "Yg==", more: "bW9yZQ==" } }),
    );
    expect(before).toMatchObject({ data: { same: "***", other: "*** (before)", old: "***" } });
    expect(after).toMatchObject({ data: { same: "***", other: "*** (after)", more: "***" } });
    expect(JSON.stringify([before, after])).not.toMatch(
      /c2FtZQ|YQ==|Yg==|b2xk|bW9yZQ|"uid"|creationTimestamp/,
    );
  });

  it("masks the copy that kubectl keeps of a Secret", () => {
    const annotations = {
      "kubectl.kubernetes.io/last-applied-configuration": '{"data":{"a":"geheim"}}',
      team: "a",
    };
    const secret = object({}, { annotations });
    const [before, after] = comparable(secret, secret);
    expect(JSON.stringify([before, after])).not.toContain("geheim");
    expect(after).toMatchObject({ metadata: { annotations: { team: "a" } } });
  });

  it("masks what is new as well, and no other kind", () => {
    const [before, after] = comparable(undefined, object({ stringData: { a: "geheim" } }));
    expect(before).toBeUndefined();
    expect(after).toMatchObject({ stringData: { a: "***" } });
    expect(comparable(undefined, { ...object({ data: { a: "b" } }), kind: "ConfigMap" })[1]).toMatchObject({
      data: { a: "b" },
    });
  });
});
