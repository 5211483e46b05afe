import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ClassifiedClaim } from "../../../src/core/claims/classify.js";
import type { ClaimFacts, SetFacts } from "../../../src/core/claims/facts.js";
import { mapClaims, standingAt, standingOf } from "../../../src/core/claims/map.js";
import type { ClaimState } from "../../../src/core/claims/states.js";
import { claimSymbols } from "../../../src/view/claims/symbols.js";
import { textWidth } from "../../../src/view/width.js";
import { claim, set } from "../../core/claims/build.js";
import { at, each, graph } from "./graph-rig.js";

describe("whatever the claims", () => {
  const templates = ["a", "data", "a-template-with-quite-a-long-name"];
  const name = fc.constantFrom("web", "db", "a-set-with-a-name-as-long-as-names-of-sets-can-be-52");
  const ordinal = fc.oneof(fc.nat(40), fc.nat(1_200), fc.constantFrom(97, 100, 2_147_483_647));
  const fields = fc.record({
    deleting: fc.boolean(),
    phase: fc.constantFrom("Bound", "Bound", "Bound", "Pending", "Lost"),
    resize: fc.constantFrom(undefined, undefined, "Resizing", "FileSystemResizePending", "ResizeFailed"),
  }) as fc.Arbitrary<Partial<ClaimFacts>>;
  const state = fc.constantFrom<ClaimState>("in-use", "reserved", "scaled-down", "autoscaled", "ambiguous");
  const single = fc
    .tuple(name, fc.constantFrom(...templates), ordinal, state, fields)
    .map((parts) => [at(...parts)]);
  const row = fc
    .tuple(name, fc.constantFrom(...templates), ordinal, fc.nat(400), state)
    .map(([of, template, first, more, one]) => each(of, template, first, first + more, one));
  const odd = fc
    .nat(5)
    .map((number): ClassifiedClaim[] => [
      { claim: claim(`a-b-c-${number}`), state: "ambiguous", reason: "two", sets: ["c", "b-c"] },
    ]);
  const claims = fc
    .array(
      fc.oneof(
        { weight: 6, arbitrary: single },
        { weight: 2, arbitrary: row },
        { weight: 1, arbitrary: odd },
      ),
      {
        maxLength: 12,
      },
    )
    .map((groups) => [...new Map(groups.flat().map((one) => [one.claim.name, one])).values()]);
  const sets = fc.uniqueArray(
    fc
      .tuple(name, fc.oneof(fc.nat(30), fc.nat(1_500)), fc.constantFrom(0, 0, 7), fc.subarray(templates))
      .map(([called, replicas, start, own]) => set(called, replicas, { start, templates: own })),
    { selector: (one) => one.name },
  );
  const columns = fc.constantFrom(40, 80, 100, 200);

  it("each claim is on the map exactly once, as what it is, and no line is wider than the window", () => {
    let shortened = 0;
    fc.assert(
      fc.property(claims, sets, columns, fc.boolean(), (some, around, width, ascii) => {
        const lines = graph(some, around, { columns: width, ascii });
        const wide = lines.filter((line) => textWidth(line) > width && !line.includes(": sts pvc "));
        expect(wide).toEqual([]);
        expect(countedIn(lines, width)).toEqual(expected(some, around, ascii));
        if (lines.some((line) => /[×x]\d+/.test(line))) shortened += 1;
      }),
      { numRuns: 1_500 },
    );
    expect(shortened).toBeGreaterThan(50);
  });

  /** How often each symbol is on a map, `<symbol>×<times>` counted so often. */
  function countedIn(lines: string[], width: number): Map<string, number> {
    const counts = new Map<string, number>();
    const add = (symbol: string, times: number) => counts.set(symbol, (counts.get(symbol) ?? 0) + times);
    let cells: number | undefined;
    for (const line of lines) {
      const known = templates.find((one) => startsWithTemplate(line, one, width));
      const [, symbol] = /^ {2}(\S) default\/a-b-c-\d+: two$/.exec(line) ?? [];
      if (/^ {5,}\d[\d -]*$/.test(line)) cells = line.search(/\d/);
      else if (symbol !== undefined) add(symbol, 1);
      else if (cells === undefined || known === undefined) cells = undefined;
      else {
        for (const [, sign = "", times] of line.slice(cells).matchAll(/(\S)(?:[×x](\d+))?/g)) {
          add(sign, Number(times ?? 1));
        }
      }
    }
    return counts;
  }

  function startsWithTemplate(line: string, template: string, width: number): boolean {
    const label = line.slice(2).split(/ {2}/)[0]?.trimEnd() ?? "";
    if (!line.startsWith("  ") || label === "") return false;
    const cut = Math.max(8, Math.floor(width / 4)) - 1;
    return label === template || (/[…~]$/.test(label) && label.slice(0, -1) === template.slice(0, cut));
  }

  function expected(some: ClassifiedClaim[], around: SetFacts[], ascii: boolean): Map<string, number> {
    const counts = new Map<string, number>();
    const add = (standing: keyof typeof claimSymbols, times = 1) => {
      const { sign, letter } = claimSymbols[standing];
      const symbol = ascii ? letter : sign;
      if (times > 0) counts.set(symbol, (counts.get(symbol) ?? 0) + times);
    };
    for (const one of some) add(standingOf(one));
    for (const { name: of, start, end, templates: own } of around) {
      for (const template of own) {
        const there = some.filter(
          (one) =>
            one.set === of &&
            one.template === template &&
            (one.ordinal ?? -1) >= start &&
            (one.ordinal ?? -1) < end,
        );
        add("missing", end - start - there.length);
      }
    }
    return counts;
  }

  it("the maps and the rest have each claim exactly once", () => {
    fc.assert(
      fc.property(claims, sets, (some, around) => {
        const { maps, elsewhere } = mapClaims(some, around);
        const placed = maps.flatMap(({ rows }) => rows.flatMap((one) => [...one.claims.values()]));
        expect(new Set([...placed, ...elsewhere])).toEqual(new Set(some));
        expect(placed.length + elsewhere.length).toBe(some.length);
        for (const map of maps) {
          for (const one of map.rows) {
            for (const [place, claimed] of one.claims) {
              expect(standingAt(map, one, place)).toBe(standingOf(claimed));
            }
          }
        }
      }),
    );
  });
});
