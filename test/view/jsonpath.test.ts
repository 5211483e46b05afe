import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/core/errors.js";
import { parseTemplate } from "../../src/view/jsonpath-parse.js";
import { fillTemplate, JsonPathError } from "../../src/view/jsonpath.js";

interface Case {
  template: string;
  /** What kubectl printed. */
  output?: string;
  /** Its error, where it had one. */
  error?: string;
}

const fixture = (name: string) => JSON.parse(readFileSync(`test/fixtures/jsonpath/${name}`, "utf8"));
const object: unknown = fixture("object.json");
const cases: Case[] = fixture("kubectl-1.37.json");

/** Go visits the keys of a mapping in no order: where a template takes all of them, only what is found counts. */
function comparable(template: string, output: string): string {
  return /\.\.|\.\*/.test(template) ? output.split(" ").sort().join(" ") : output;
}

describe("JSONPath as kubectl 1.37 answered it", () => {
  it.each(cases.filter(({ output }) => output !== undefined))("$template", ({ template, output = "" }) => {
    const filled = fillTemplate(parseTemplate(template), object);
    expect(comparable(template, filled)).toBe(comparable(template, output));
  });

  it.each(cases.filter(({ error, template }) => error !== undefined && template !== ""))(
    "$template is refused",
    ({ template, error = "" }) => {
      const reason = error.split(/Error executing template: |error parsing jsonpath /).at(-1) ?? "";
      const fill = () => fillTemplate(parseTemplate(template), object);
      expect(fill).toThrow(/error executing/.test(error) ? /./ : UsageError);
      const words = reason.replace(`${template}, `, "").replace(/: U\+.*/, "");
      expect(fill).toThrow(words);
    },
  );

  it("ends a range that nobody closed with the template", () => {
    expect(fillTemplate(parseTemplate("{range .a[*]}[{@}]"), { a: [1, 2] })).toBe("[1][2]");
  });

  it("throws nothing but its own errors, whatever is typed", () => {
    const alphabet = fc.constantFrom(..."{}[]().*@$?<>=!'\"\\,:-0a \n", "range ", "end", "..", "[?(");
    const template = fc.array(alphabet, { maxLength: 14 }).map((words) => words.join(""));
    fc.assert(
      fc.property(template, (text) => {
        try {
          fillTemplate(parseTemplate(text), object);
        } catch (error) {
          expect(error instanceof UsageError || error instanceof JsonPathError).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
