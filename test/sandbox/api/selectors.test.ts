import { expect, it } from "vitest";
import { parseFieldSelector, parseLabelSelector } from "../../../src/sandbox/api/selectors.js";

it("reads the terms of a field selector", () => {
  expect(parseFieldSelector("metadata.name=web,status.phase!=Running,a==x\\,y")).toEqual([
    { field: "metadata.name", value: "web", equal: true },
    { field: "status.phase", value: "Running", equal: false },
    { field: "a", value: "x,y", equal: true },
  ]);
});

it.each([
  ["a", "invalid selector: 'a'; can't understand 'a'"],
  ["a=b=c", "invalid field selector: unescaped character in value: 61"],
  ["a=b\\c", "invalid field selector: invalid escape sequence: \\c"],
])("refuses %s in the API's words", (text, message) => {
  expect(() => parseFieldSelector(text)).toThrow(message);
});

it("takes no word that all objects have for an operator", () => {
  expect(() => parseLabelSelector("a constructor b")).toThrow("found 'constructor'");
});
