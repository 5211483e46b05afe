import { describe, expect, it } from "vitest";
import { classifier } from "../../../src/core/claims/classify.js";
import type { ClaimFacts, Surroundings } from "../../../src/core/claims/facts.js";
import { isWanted } from "../../../src/core/claims/plan.js";
import { around, claim, pod, set } from "./build.js";

function stateOf(one: ClaimFacts, surroundings: Partial<Surroundings>, all: ClaimFacts[] = [one]) {
  const { state, reason } = classifier(around(surroundings), all)(one);
  return `${state}: ${reason}`;
}

const web = set("web", 3);

describe("hostile names", () => {
  const sets = [
    set("web", 1),
    set("web-web", 2),
    set("web-1", 1, { templates: ["www", "www-web"] }),
    set("c", 1, { templates: ["a-b", "x"] }),
    set("b-c", 1, { templates: ["a"] }),
    set("db", 10, { templates: ["data", "data-9"] }),
    set("2", 1, { templates: ["1"] }),
  ];
  it.each([
    ["www-web-0", "reserved", "web"],
    ["www-web-1", "scaled-down", "web"],
    ["www-web-web-1", "reserved", "web-web"],
    ["www-web-web-2", "scaled-down", "web-web"],
    ["www-web-1-0", "reserved", "web-1"],
    ["www-web-1-1", "scaled-down", "web-1"],
    ["www-web-web-1-0", "reserved", "web-1"],
    ["www-web-10", "scaled-down", "web"],
    ["a-b-c-0", "ambiguous", undefined],
    ["a-b-c-5", "ambiguous", undefined],
    ["x-c-5", "scaled-down", "c"],
    ["data-db-9", "reserved", "db"],
    ["data-db-10", "scaled-down", "db"],
    ["data-db-11", "scaled-down", "db"],
    ["data-db-100", "scaled-down", "db"],
    ["data-9-db-9", "reserved", "db"],
    ["data-9-db-10", "scaled-down", "db"],
    ["1-2-0", "reserved", "2"],
    ["1-2-3", "scaled-down", "2"],
    ["ww-web-1", "not-ours", undefined],
    ["www-we-1", "not-ours", undefined],
    ["www-webb-1", "not-ours", undefined],
    ["www.web-1", "not-ours", undefined],
  ])("%s is %s of %s", (name, state, owning) => {
    const labels = { app: owning ?? "none" };
    const result = classifier(around({ sets }), [])(claim(name, { labels, creator: undefined }));
    expect([result.state, result.set]).toEqual([state, owning]);
  });

  it("does not choose between a template and one that another set had once", () => {
    const both = [set("db", 1, { templates: ["data-web"], labels: {} }), set("web-db", 1)];
    const seen = (labels: Record<string, string>) =>
      stateOf(claim("data-web-db-5", { labels }), { sets: both });
    expect(seen({ app: "web-db" })).toBe(
      "ambiguous: its name fits template data-web of db and template data of web-db",
    );
    expect(seen({ app: "db" })).toMatch(/^scaled-down/);
  });

  it("knows who wants a claim that is nobody's, or of more than one", () => {
    const seen = (name: string, surroundings: Partial<Surroundings>) =>
      classifier(around(surroundings), [])(claim(name, { labels: {} }));
    const mounted = seen("some-claim-3", { pods: [pod("job", ["some-claim-3"])] });
    expect(mounted).toMatchObject({ state: "not-ours", wanted: "mounted by pod job" });
    const two = [set("db", 6, { templates: ["data-web"] }), set("web-db", 1, { templates: ["data"] })];
    expect(seen("data-web-db-5", { sets: two })).toMatchObject({
      state: "ambiguous",
      wanted: "kept for db-5: db runs ordinals 0 to 5",
    });
    expect([isWanted(mounted), isWanted(seen("data-web-db-6", { sets: two }))]).toEqual([true, false]);
  });

  it("keeps namespaces apart", () => {
    const other = set("web", 9, { namespace: "other" });
    expect(stateOf(claim("www-web-5"), { sets: [web, other] })).toMatch(/^scaled-down/);
    expect(stateOf(claim("www-web-5", { namespace: "other" }), { sets: [web, other] })).toMatch(/^reserved/);
    expect(
      stateOf(claim("www-web-5", { namespace: "third", creator: "kubectl" }), { sets: [web, other] }),
    ).toMatch(/^not-ours/);
  });
});
