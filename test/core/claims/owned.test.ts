import { describe, expect, it } from "vitest";
import type { ClaimFacts } from "../../../src/core/claims/facts.js";
import {
  destructionUnder,
  lacksOwner,
  ownedClaims,
  ownerOf,
  ownerUnder,
  unwantedReferences,
} from "../../../src/core/claims/owned.js";
import { makeSet } from "../../support/objects.js";
import { claim, owner } from "./build.js";

const web = makeSet({ replicas: 2, claims: ["www"] });
const bySet = owner("StatefulSet", "web");
const byPod = (ordinal: number) => owner("Pod", `web-${ordinal}`);
const pods = new Set(["web-0", "web-2"]);

function one(ordinal: number, owners: ClaimFacts["owners"] = [], fields: Partial<ClaimFacts> = {}) {
  const [found] = ownedClaims(web, [claim(`www-web-${ordinal}`, { owners, ...fields })], (pod) =>
    pods.has(pod),
  );
  if (!found) throw new Error("no claim of web");
  return found;
}

const policy = (text: string) => {
  const [whenScaled = "", whenDeleted = ""] = text.split("/");
  return { whenScaled, whenDeleted };
};

describe("ownedClaims", () => {
  it("are those of the exact names and those that refer to the set or its pods, by ordinal", () => {
    const claims = [
      claim("www-web-10"),
      claim("www-web-9"),
      claim("www-web-web-0"),
      claim("www-web-01"),
      claim("old-web-3", { owners: [bySet] }),
      claim("old-web-4"),
      claim("www-web-1", { namespace: "other" }),
    ];
    const found = ownedClaims(web, claims, () => false);
    expect(found.map(({ claim: { name } }) => name)).toEqual(["old-web-3", "www-web-9", "www-web-10"]);
  });

  it("stand where their ordinal does", () => {
    const places = [0, 1, 2, 3].map((ordinal) => one(ordinal).place);
    expect(places).toEqual(["running", "awaited", "condemned", "left-over"]);
  });
});

// The table of semantics.md, "Claims and retention", and what it says nothing of: ordinals without a pod.
describe("whose a claim is", () => {
  it.each<[string, string, string, string]>([
    ["Retain/Retain", "none", "none", "none"],
    ["Retain/Delete", "set", "set", "set"],
    ["Delete/Retain", "none", "pod", "none"],
    ["Delete/Delete", "set", "pod", "set"],
  ])("%s: in range %s, condemned %s, awaited %s", (text, running, condemned, awaited) => {
    expect(ownerUnder(policy(text), one(0))).toBe(running);
    expect(ownerUnder(policy(text), one(2))).toBe(condemned);
    expect(ownerUnder(policy(text), one(1))).toBe(awaited);
    expect(ownerUnder(policy(text), one(3))).toBe("none");
  });

  it.each<[string, "set" | "pod", string]>([
    ["Retain/Retain", "set", "none"],
    ["Retain/Delete", "set", "set"],
    ["Delete/Retain", "set", "none"],
    ["Delete/Delete", "set", "set"],
    ["Retain/Retain", "pod", "none"],
    ["Retain/Delete", "pod", "none"],
    ["Delete/Retain", "pod", "pod"],
    ["Delete/Delete", "pod", "pod"],
  ])("%s: a left-over one of the %s becomes one of %s", (text, before, after) => {
    const owned = one(3, [before === "set" ? bySet : byPod(3)]);
    expect(ownerOf(owned)).toBe(before);
    expect(ownerUnder(policy(text), owned)).toBe(after);
    expect(unwantedReferences(policy(text), owned)).toHaveLength(before === after ? 0 : 1);
    expect(lacksOwner(policy(text), owned)).toBe(false);
  });

  it("is to be given by the controller only where there is a pod", () => {
    expect(lacksOwner(policy("Retain/Delete"), one(0))).toBe(true);
    expect(lacksOwner(policy("Retain/Delete"), one(0, [bySet]))).toBe(false);
    expect(lacksOwner(policy("Retain/Delete"), one(1))).toBe(false);
    expect(lacksOwner(policy("Delete/Retain"), one(2))).toBe(true);
    expect(lacksOwner(policy("Delete/Retain"), one(0))).toBe(false);
  });

  it("is nobody's that has another controller, an earlier set as its owner, or is being deleted", () => {
    const foreign = one(0, [owner("Backup", "nightly"), bySet]);
    expect(foreign.beyond).toBe("its controller is Backup nightly");
    expect(unwantedReferences(policy("Delete/Delete"), foreign)).toEqual([bySet]);
    const earlier = one(0, [owner("StatefulSet", "web", { uid: "earlier" })]);
    expect(earlier.beyond).toBe("its owner is an earlier web");
    const going = one(0, [bySet], { deleting: true });
    for (const owned of [foreign, earlier, going])
      expect(lacksOwner(policy("Delete/Delete"), owned)).toBe(false);
    expect(unwantedReferences(policy("Retain/Retain"), going)).toEqual([]);
  });
});

describe("what destroys a claim", () => {
  it.each<[string, string[], string[]]>([
    ["Retain/Retain", ["kept", "kept", "kept"], ["kept", "kept", "kept"]],
    ["Retain/Delete", ["kept", "kept", "kept"], ["deleted", "deleted", "kept"]],
    ["Delete/Retain", ["deleted", "going", "kept"], ["kept", "deleted", "kept"]],
    ["Delete/Delete", ["deleted", "going", "kept"], ["deleted", "deleted", "kept"]],
  ])("%s: scaling %j, deletion %j of one in range, condemned, left over", (text, scaling, deletion) => {
    const found = [0, 2, 3].map((ordinal) => destructionUnder(policy(text), one(ordinal)));
    expect(found.map((destruction) => destruction.scaling)).toEqual(scaling);
    expect(found.map((destruction) => destruction.deletion)).toEqual(deletion);
  });
});
