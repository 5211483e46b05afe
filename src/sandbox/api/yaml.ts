import { parse as parseYaml, parseDocument, type ParseOptions, type ScalarTag, type Tags } from "yaml";

export { stringify } from "yaml";

// As the API's library reads YAML: 1.1, of a key that is there twice the last, times as text.
const options = {
  version: "1.1",
  uniqueKeys: false,
  customTags: (tags: Tags): Tags =>
    tags.filter((tag) => typeof tag === "string" || (tag as ScalarTag).tag !== "tag:yaml.org,2002:timestamp"),
} as const satisfies ParseOptions & Record<string, unknown>;

/** A document as JSON would have it. Throws for what is no YAML. */
export function parse(text: string): unknown {
  return parseYaml(text, options);
}

/** Go's words for the keys that a mapping has twice: `line 4: key "name" already set in map`. */
export function duplicateKeys(text: string): string[] {
  const { errors } = parseDocument(text, { ...options, uniqueKeys: true });
  return errors
    .filter(({ code }) => code === "DUPLICATE_KEY")
    .map(({ pos, linePos }) => {
      const key = /^("[^"]*"|'[^']*'|[^\s:]+)/.exec(text.slice(pos[0]))?.[1] ?? "";
      return `line ${linePos?.[0].line ?? 1}: key ${JSON.stringify(key.replaceAll(/^["']|["']$/g, ""))} already set in map`;
    });
}
