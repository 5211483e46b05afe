import { describe, expect, it } from "vitest";
import { losesData } from "../../../src/core/claims/volumes.js";

const bound = { claim: { volume: "pv-1" } };

describe("losesData", () => {
  it("is told by the reclaim policies of the volumes", () => {
    expect(losesData([bound], new Map([["pv-1", "Delete"]]))).toBe(true);
    expect(losesData([bound], new Map([["pv-1", "Recycle"]]))).toBe(true);
    expect(losesData([bound], new Map([["pv-1", "Retain"]]))).toBe(false);
    expect(losesData([{ claim: { volume: undefined } }], new Map())).toBe(false);
  });

  it("is assumed where a policy is not known", () => {
    expect(losesData([bound], undefined)).toBe(true);
    expect(losesData([bound], new Map())).toBe(true);
  });
});
