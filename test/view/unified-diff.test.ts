import { describe, expect, it } from "vitest";
import { createTheme } from "../../src/view/theme.js";
import { unifiedDiff } from "../../src/view/unified-diff.js";

const plain = createTheme(false);
const lines = (...words: string[]): string => words.map((word) => `${word}\n`).join("");

describe("a unified diff", () => {
  it("is empty between equal texts", () => {
    expect(unifiedDiff({ label: "a", text: "x\n" }, { label: "b", text: "x\n" }, plain)).toBe("");
  });

  it("shows three lines around a change", () => {
    const before = lines("1", "2", "3", "4", "5", "6", "7", "8", "9");
    const after = lines("1", "2", "3", "4", "five", "6", "7", "8", "9");
    expect(unifiedDiff({ label: "web 1", text: before }, { label: "web 2", text: after }, plain)).toBe(
      lines("--- web 1", "+++ web 2", "@@ -2,7 +2,7 @@", " 2", " 3", " 4", "-5", "+five", " 6", " 7", " 8"),
    );
  });

  it("counts lines as diff -u does where there are none, or one", () => {
    const made = unifiedDiff({ label: "a", text: "" }, { label: "b", text: "x\n" }, plain);
    expect(made).toBe(lines("--- a", "+++ b", "@@ -0,0 +1 @@", "+x"));
    const gone = unifiedDiff({ label: "a", text: "x\ny\n" }, { label: "b", text: "" }, plain);
    expect(gone).toBe(lines("--- a", "+++ b", "@@ -1,2 +0,0 @@", "-x", "-y"));
  });

  it("says where a text does not end with a line", () => {
    const text = unifiedDiff({ label: "a", text: "x" }, { label: "b", text: "y\n" }, plain);
    expect(text).toContain("-x\n\\ No newline at end of file\n+y\n");
  });

  it("has colours only where the theme has them", () => {
    const text = unifiedDiff({ label: "a", text: "x\n" }, { label: "b", text: "y\n" }, createTheme(true));
    expect(text).toContain("\u001b[31m-x\u001b[39m");
    expect(text).toContain("\u001b[32m+y\u001b[39m");
    expect(text).toContain("\u001b[2m--- a\u001b[22m");
  });

  it("lets no escape of the cluster through, in a text or in a label", () => {
    const before = { label: "a\u001b[2J", text: "image: x\u001b]0;owned\u0007\n" };
    const text = unifiedDiff(before, { label: "b", text: "image: y\u001b[1A\n" }, plain);
    expect(text).toBe(lines("--- a", "+++ b", "@@ -1 +1 @@", "-image: x", "+image: y"));
  });
});
