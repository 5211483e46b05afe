import { describe, expect, it } from "vitest";
import { chooseSaved, readClaimName } from "../../../../src/core/claims/restore/names.js";
import type { SavedFile } from "../../../../src/core/claims/restore/decide.js";
import { UsageError } from "../../../../src/core/errors.js";

const saved = ["default/a", "default/b", "prod/a"].map((key) => {
  const [namespace, name] = key.split("/");
  return { file: key, claim: { metadata: { namespace, name } } } as unknown as SavedFile;
});
const chosen = (namespace: string | undefined, ...names: string[]) =>
  chooseSaved(saved, names.map(readClaimName), namespace).map(({ file }) => file);

describe("chooseSaved", () => {
  it.each([
    [undefined, [], ["default/a", "default/b", "prod/a"]],
    ["prod", [], ["prod/a"]],
    [undefined, ["a"], ["default/a", "prod/a"]],
    [undefined, ["pvc/a", "persistentvolumeclaim/b"], ["default/a", "default/b", "prod/a"]],
    [undefined, ["prod/a"], ["prod/a"]],
    ["default", ["a"], ["default/a"]],
  ])("of namespace %s those named %j", (namespace, names, expected) => {
    expect(chosen(namespace, ...names)).toEqual(expected);
  });

  it.each([
    ["other", [], "the backup holds no claims of namespace other"],
    [undefined, ["a", "c", "prod/b"], "the backup holds no claim c, prod/b"],
    ["prod", ["b"], "the backup holds no claim b of namespace prod"],
    [undefined, ["a/b/c"], '"a/b/c" is not CLAIM or NAMESPACE/CLAIM'],
    [undefined, ["a/"], '"a/" is not CLAIM or NAMESPACE/CLAIM'],
    [undefined, [""], '"" is not CLAIM or NAMESPACE/CLAIM'],
  ])("is a usage error for what is not there: %s %j", (namespace, names, message) => {
    expect(() => chosen(namespace, ...names)).toThrow(new UsageError(message));
  });
});
