import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { describe, expect, it } from "vitest";

interface Rule {
  rule: string;
  /** Each names one thing in one place: `{ scaling: ordinals moved up }`. */
  shown: Record<string, string>[];
}

const folder = path.join(import.meta.dirname, "../conformance");

function read(file: string): unknown {
  return parse(readFileSync(path.join(folder, file), "utf8"), { merge: true });
}

function yamlIn(part: string): string[] {
  const files = readdirSync(path.join(folder, part)).filter((file) => file.endsWith(".yaml"));
  return files.map((file) => `${part}/${file}`);
}

/** What a place has by name: scenarios, commands of the tour, or requests that are refused. */
function namesIn(place: string): string[] {
  const [kind] = place.split("/");
  if (kind === "tour") {
    const { lines } = read(`${place}.yaml`) as { lines: (string | { run?: string })[] };
    return lines.map((line) => (typeof line === "string" ? line : (line.run ?? "")));
  }
  if (kind === "refused") return (read(`${place}.yaml`) as [string, string][]).map(([, name]) => name);
  const file = existsSync(path.join(folder, `${place}.yaml`)) ? place : `scenarios/${place}`;
  return (read(`${file}.yaml`) as { name: string }[]).map(({ name }) => name);
}

describe("every rule of StatefulSets is shown on both clusters", () => {
  const pages = yamlIn("rules").map((file) => read(file) as Record<string, Rule[]>);
  for (const [chapter, rules] of pages.flatMap((page) => Object.entries(page))) {
    it.each(rules.map(({ rule, shown }) => [rule, shown] as const))(`${chapter}: %s`, (_rule, shown) => {
      expect(shown).not.toHaveLength(0);
      for (const [place = "", name] of shown.flatMap((each) => Object.entries(each)))
        expect(namesIn(place)).toContain(name);
    });
  }

  it("and the names of scenarios say which one is meant", () => {
    for (const file of yamlIn("scenarios")) {
      const names = namesIn(file.replace(/\.yaml$/, ""));
      expect(new Set(names).size).toBe(names.length);
    }
  });
});
