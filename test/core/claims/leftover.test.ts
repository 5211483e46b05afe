import { describe, expect, it } from "vitest";
import { classifier } from "../../../src/core/claims/classify.js";
import type { ClaimFacts } from "../../../src/core/claims/facts.js";
import { around, claim, owner, pod, set } from "./build.js";

const web = set("web", 3);

describe("a template that its set no longer has", () => {
  const judge = classifier(around({ sets: [web], pods: [pod("web-1", ["old-web-1"])] }), []);
  it.each<[string, ClaimFacts, string]>([
    ["in range, labelled", claim("old-web-0"), "template-gone: web has no claim template old any more"],
    ["still mounted", claim("old-web-1"), "in-use: mounted by pod web-1"],
    ["without labels", claim("old-web-0", { labels: {} }), "not-ours: no set could own it"],
    ["by hand", claim("old-web-0", { creator: "kubectl-create" }), "not-ours: no set could own it"],
    [
      "owned by the set",
      claim("old-web-0", { labels: {}, owners: [owner("StatefulSet", "web", { uid: "set-web" })] }),
      "template-gone: web has no claim template old any more",
    ],
    [
      "owned by an operator",
      claim("old-web-0", { owners: [owner("Database", "main")] }),
      "ambiguous: its controller is Database main",
    ],
  ])("%s", (_, one, expected) => {
    const { state, reason } = judge(one);
    expect(`${state}: ${reason}`).toBe(expected);
  });

  it("is ambiguous where two sets could have had it", () => {
    const both = [set("c", 1, { labels: { app: "x" } }), set("b-c", 1, { labels: { app: "x" } })];
    const { state, reason } = classifier(
      around({ sets: both }),
      [],
    )(claim("a-b-c-0", { labels: { app: "x" } }));
    expect(`${state}: ${reason}`).toBe("ambiguous: its name fits template a of b-c and template a-b of c");
  });
});

describe("a set that is gone", () => {
  const labels = { app: "db" };
  function recognised(one: ClaimFacts, siblings: ClaimFacts[] = []) {
    const { state, set: name } = classifier(around({ sets: [web] }), [one, ...siblings])(one);
    return [state, name];
  }

  it("is recognised by labels and who made the claim", () => {
    expect(recognised(claim("data-db-0", { labels }))).toEqual(["set-deleted", "db"]);
    expect(recognised(claim("data-db-0", { labels: {} }))).toEqual(["not-ours", undefined]);
  });

  it("is recognised by labels and siblings where the maker is not known", () => {
    const one = claim("data-db-0", { labels, creator: undefined });
    expect(recognised(one)).toEqual(["not-ours", undefined]);
    expect(recognised(one, [claim("data-db-1", { labels })])).toEqual(["set-deleted", "db"]);
    expect(recognised(one, [claim("data-db-1", { labels: { app: "other" } })])).toEqual([
      "not-ours",
      undefined,
    ]);
    expect(recognised(one, [claim("data-db-1", { labels, namespace: "other" })])).toEqual([
      "not-ours",
      undefined,
    ]);
  });

  it("is never guessed for claims that a person made for a Deployment", () => {
    const hand = { labels, creator: "kubectl-client-side-apply" };
    expect(recognised(claim("cache-api-0", hand), [claim("cache-api-1", hand)])).toEqual([
      "not-ours",
      undefined,
    ]);
  });

  it("needs a label to tell how a name divides", () => {
    expect(recognised(claim("a-b-c-0", { labels: { app: "b-c" } }))).toEqual(["set-deleted", "b-c"]);
    expect(recognised(claim("a-b-c-0", { labels: { app: "x" } }))).toEqual(["ambiguous", undefined]);
  });

  it("still has the claim deleted by its policy when the claim says so", () => {
    const owned = claim("data-db-0", { labels: {}, owners: [owner("StatefulSet", "db")] });
    expect(recognised(owned)).toEqual(["policy", "db"]);
  });

  it("may be named, but not while it exists", () => {
    const one = claim("x-y-z-3", { labels: {} });
    const named = (name: string, template: string, sets = [web]) =>
      classifier(around({ sets }), [], [{ set: name, template }])(one).state;
    expect(named("z", "x-y")).toBe("set-deleted");
    expect(named("y-z", "x")).toBe("set-deleted");
    expect(named("y", "x")).toBe("not-ours");
    expect(named("z", "x-y", [set("z", 1)])).toBe("not-ours");
    expect(named("z", "x-y", [set("y-z", 1, { templates: ["x"] })])).toBe("ambiguous");
  });

  it("is not taken for gone while somebody's pods use claims like it", () => {
    const one = claim("data-db-1", { labels });
    const used = claim("data-db-0", { labels });
    const user = pod("db-0", ["data-db-0"]);
    const seen = (surroundings: object) =>
      classifier(around({ sets: [web], ...surroundings }), [one, used])(one);
    expect(seen({ pods: [user] })).toMatchObject({
      state: "ambiguous",
      reason: "it is like data-db-0, which pod db-0 uses without such a set",
    });
    // Garbage collection takes the pods of a set that is gone.
    expect(seen({ pods: [{ ...user, setUid: "gone" }] }).state).toBe("set-deleted");
    expect(seen({ pods: [{ ...user, setUid: web.uid }] }).state).toBe("ambiguous");
    expect(seen({ pods: [pod("db-0", ["other-db-0"])] }).state).toBe("set-deleted");
    const named = classifier(around({ pods: [user] }), [one, used], [{ set: "db", template: "data" }]);
    expect(named(one).state).toBe("set-deleted");
  });

  it("is not the one that was named where labels name another, or an existing one's do", () => {
    const named = [{ set: "z", template: "x-y" }];
    const seen = (values: Record<string, string>, sets = [web]) =>
      classifier(around({ sets }), [], named)(claim("x-y-z-3", { labels: values }));
    expect(seen({ app: "y-z" })).toMatchObject({
      state: "ambiguous",
      reason: "its name fits template x-y of z and template x of y-z",
    });
    expect(seen({ app: "z" }).state).toBe("set-deleted");
    expect(seen({ app: "y-z" }, [set("y-z", 1)]).state).toBe("ambiguous");
    expect(seen({ app: "z" }, [set("y-z", 1)]).state).toBe("set-deleted");
  });

  it("may be named twice", () => {
    const place = { set: "db", template: "data" };
    expect(classifier(around({}), [], [place, { ...place }])(claim("data-db-0")).state).toBe("set-deleted");
  });

  it("named, leaves alone what another controller owns", () => {
    const one = claim("data-db-0", { owners: [owner("Database", "main")] });
    expect(classifier(around({}), [], [{ set: "db", template: "data" }])(one).state).toBe("ambiguous");
  });
});
