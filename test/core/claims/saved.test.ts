import { describe, expect, it } from "vitest";
import { fromList, savedPath, saysAsMuch, toList, type SavedClaim } from "../../../src/core/claims/saved.js";
import type { Claim, Volume } from "../../../src/core/model.js";
import { UsageError } from "../../../src/core/errors.js";

const claim = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { namespace: "default", name: "www-web-3", uid: "1a2b3c4d-0000" },
  spec: { volumeName: "pv-1", unknownField: 1 },
} as unknown as Claim;
const volume = {
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name: "pv-1", uid: "2" },
  spec: {},
} as unknown as Volume;

describe("a saved claim", () => {
  it.each([[{ claim, volume }], [{ claim }]])(
    "is read as it was written, unknown fields included",
    (saved) => {
      expect(fromList(JSON.parse(JSON.stringify(toList(saved))), "f")).toEqual(saved);
    },
  );

  it("is kept under its namespace, name and UID", () => {
    expect(savedPath(claim.metadata)).toBe("default/www-web-3.1a2b3c4d.json");
  });

  it.each([
    [null],
    [[]],
    [{ kind: "List", items: [null] }],
    [{ kind: "List", items: [{ kind: "PersistentVolumeClaim" }] }],
    [{ kind: "List", items: [claim, { kind: "PersistentVolume" }] }],
    [claim],
  ])("is refused with the name of its file when it is something else: %j", (value) => {
    expect(() => fromList(value, "b/x.json")).toThrow(UsageError);
    expect(() => fromList(value, "b/x.json")).toThrow(/^b\/x\.json: /);
  });
});

describe("an earlier backup of the same claim", () => {
  const retained = { ...volume, spec: { persistentVolumeReclaimPolicy: "Retain" } } as Volume;
  const destroyed = { ...volume, spec: { persistentVolumeReclaimPolicy: "Delete" } } as Volume;
  const later = { ...claim, status: { phase: "Bound" } } as Claim;

  it.each<[string, SavedClaim, SavedClaim, boolean]>([
    ["versions and status count for nothing", { claim, volume }, { claim: later, volume }, true],
    [
      "its policy of before --keep-data is the one to keep",
      { claim, volume: destroyed },
      { claim, volume: retained },
      true,
    ],
    [
      "a policy that turned against the data is news",
      { claim, volume: retained },
      { claim, volume: destroyed },
      false,
    ],
    ["a volume that is gone is kept in it", { claim, volume }, { claim }, true],
    ["a volume that came is news", { claim }, { claim, volume }, false],
    [
      "another volume is news",
      { claim, volume },
      { claim, volume: { ...volume, metadata: claim.metadata } },
      false,
    ],
    ["another spec is news", { claim, volume }, { claim: { ...claim, spec: {} }, volume }, false],
  ])("%s", (_, earlier, now, expected) => {
    expect(saysAsMuch(earlier, now)).toBe(expected);
  });
});

it.each(["../../x", "a/b", "", ".", "a\nb"])("a claim named %j by a server gets no file", (name) => {
  expect(() => savedPath({ ...claim.metadata, name })).toThrow(UsageError);
  expect(() => savedPath({ ...claim.metadata, namespace: name })).toThrow(UsageError);
});
