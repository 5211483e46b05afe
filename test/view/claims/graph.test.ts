import { describe, expect, it } from "vitest";
import type { ClassifiedClaim } from "../../../src/core/claims/classify.js";
import { claimSymbols } from "../../../src/view/claims/symbols.js";
import { claim, set } from "../../core/claims/build.js";
import { at, each, graph } from "./graph-rig.js";

describe("the map of a set", () => {
  const db = set("db", 3, { start: 5, templates: ["data", "wal"] });

  it("shows every kind of place, names what is missing, and explains only the symbols in it", () => {
    const claims = [
      ...each("db", "data", 5, 6, "in-use"),
      ...each("db", "data", 8, 9, "scaled-down"),
      at("db", "data", 97, "scaled-down"),
      ...each("db", "wal", 5, 7, "in-use"),
      at("db", "wal", 8, "scaled-down", { deleting: true }),
      at("db", "old", 5, "template-gone"),
    ];
    expect(graph(claims, [db])).toEqual([
      "default/db   3 replicas, db-5 to db-7 · 10 claims, 10Gi",
      "        5-9    97",
      "  data  ●●_▒▒  ▒",
      "  wal   ●●●†",
      "  old   t",
      "  missing: data-db-7",
      "  Terminating: wal-db-8",
      "  4 left over, 4Gi: sts pvc cleanup db",
      "  1 template-gone, 1Gi: sts pvc cleanup db template-gone",
      "",
      "● in use  ▒ left over  t template-gone  _ missing  † Terminating",
    ]);
  });

  it("shows what is on the way: not bound yet, growing, waiting for a pod, given up, lost", () => {
    const claims = [
      at("db", "data", 5, "in-use", { resize: "Resizing" }),
      at("db", "data", 6, "in-use", { resize: "FileSystemResizePending" }),
      at("db", "data", 7, "reserved", { resize: "ResizeFailed" }),
      at("db", "wal", 5, "in-use", { phase: "Lost" }),
      at("db", "wal", 6, "reserved", { phase: "Pending" }),
      at("db", "wal", 7, "reserved"),
      at("db", "wal", 8, "scaled-down", { phase: "Pending" }),
    ];
    expect(graph(claims, [db]).slice(1, 9)).toEqual([
      "        5-8",
      "  data  ↑⇡!",
      "  wal   L◌○▒",
      "  Pending: wal-db-6",
      "  resizing: data-db-5",
      "  FileSystemResizePending: data-db-6",
      "  resize failed: data-db-7",
      "  Lost: wal-db-5",
    ]);
    expect(graph(claims, [db], { ascii: true }).slice(2, 4)).toEqual(["  data  ^f!", "  wal   L~o%"]);
  });

  it("groups ordinals by ten, and wraps at the width", () => {
    const claims = each("db", "data", 5, 31, "in-use");
    const wide = set("db", 27, { start: 5, templates: ["data"] });
    expect(graph(claims, [wide], { columns: 40 }).slice(2, 6)).toEqual([
      "  27 claims, 27Gi",
      "        5-9    10-19       20-29",
      "  data  ●●●●●  ●●●●●●●●●●  ●●●●●●●●●●",
      "        30-31",
    ]);
  });

  it("shortens what is alike where there are hundreds of ordinals", () => {
    const big = set("db", 990, { templates: ["data", "wal"] });
    const claims = [
      ...each("db", "data", 0, 951, "in-use"),
      ...each("db", "wal", 0, 951, "in-use"),
      ...each("db", "data", 952, 989, "reserved"),
      ...each("db", "wal", 990, 1011, "scaled-down"),
    ];
    expect(graph(claims, [big]).slice(1, 5)).toEqual([
      "        0-949  950-959     960-989  990-1011",
      "  data  ●×950  ●●○○○○○○○○  ○×30",
      "  wal   ●×950  ●●________  _×30     ▒×22",
      "  missing: wal-db-952 to wal-db-989",
    ]);
    expect(graph(claims, [big], { ascii: true })[2]).toBe("  data  #x950  ##oooooooo  ox30");
  });

  it("does not go through the ordinals of an absurd number of replicas", () => {
    const claims = [at("db", "data", 1_000_000, "reserved"), at("db", "data", 2_147_483_647, "scaled-down")];
    expect(graph(claims, [set("db", 2_000_000_000, { templates: ["data"] })]).slice(1, 3)).toEqual([
      "        0-999999   1000000-1000009  1000010-1999999999  2147483647",
      "  data  _×1000000  ○_________       _×1998999990        ▒",
    ]);
  });
});

it("has a map of each set by name, of sets that are gone too, and none of a set without claims", () => {
  const sets = [set("web", 1), set("none", 2, { templates: [] }), set("zero", 0), set("a", 0)];
  const claims = [
    at("web", "www", 0, "in-use"),
    at("a", "www", 0, "set-at-zero"),
    at("gone", "x", 3, "set-deleted"),
  ];
  expect(graph(claims, sets).filter((line) => line.startsWith("default/"))).toEqual([
    "default/a   0 replicas · 1 claim, 1Gi",
    "default/gone   is gone · 1 claim, 1Gi",
    "default/web   1 replica, web-0 · 1 claim, 1Gi",
  ]);
});

it("expects no claims of a set that is being deleted", () => {
  const lines = graph([at("web", "www", 0, "in-use")], [set("web", 3, { deleting: true })]);
  expect(lines[0]).toBe("default/web   3 replicas, web-0 to web-2 · is being deleted · 1 claim, 1Gi");
  expect(lines[2]).toBe("  www  ●");
});

it("names the claims that several sets could own", () => {
  const odd: ClassifiedClaim = {
    claim: claim("a-b-c-0"),
    state: "ambiguous",
    reason: "its name fits two",
    sets: ["c", "b-c"],
  };
  expect(graph([odd], [])).toEqual([
    "On no map, because more than one set could own them:",
    "  ? default/a-b-c-0: its name fits two",
    "",
    "? ambiguous",
  ]);
});

it("colours repeat what the symbols say", () => {
  const coloured = graph([at("web", "www", 0, "in-use")], [set("web", 2)], { colours: true });
  expect(coloured[2]).toBe("  www  \u001b[32m●\u001b[39m\u001b[31m_\u001b[39m");
});

it("has a sign and a letter for each standing that no other has", () => {
  const all = Object.values(claimSymbols);
  for (const key of ["sign", "letter"] as const) {
    expect(new Set(all.map((symbol) => symbol[key])).size).toBe(all.length);
  }
  expect(all.every(({ letter }) => /^[!-~]$/.test(letter))).toBe(true);
});
