import {
  CST,
  Lexer,
  parse as parseYaml,
  parseDocument,
  type ParseOptions,
  type ScalarTag,
  type Tags,
} from "yaml";

export { stringify } from "yaml";

// As the API's library reads YAML: 1.1, of a key that is there twice the last, times as text.
const options = {
  version: "1.1",
  uniqueKeys: false,
  customTags: (tags: Tags): Tags =>
    tags.filter((tag) => typeof tag === "string" || (tag as ScalarTag).tag !== "tag:yaml.org,2002:timestamp"),
} as const satisfies ParseOptions & Record<string, unknown>;

// As deep as Go's parser of YAML and its decoder of JSON go, and far less deep than the stack of this one.
const maxDepth = 1_000;

/** Throws when what follows would be parsed too deeply: a parser at the end of its stack cannot be saved any more. */
function checkDepth(text: string): void {
  let flow = 0;
  let block = 0;
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token);
    if (type === "flow-seq-start" || type === "flow-map-start") flow += 1;
    else if (type === "flow-seq-end" || type === "flow-map-end") flow -= 1;
    else if (type === "newline") block = 0;
    // Either one deeper on the same line, or further to the right than so deep a block begins.
    else if (type === "seq-item-ind" || type === "explicit-key-ind") block += 1;
    else if (type === "space") block = Math.max(block, token.length);
    if (flow > maxDepth || block > maxDepth) throw new Error("exceeded max depth of 1000");
  }
}

/** A document as JSON would have it. Throws for what is no YAML. */
export function parse(text: string): unknown {
  checkDepth(text);
  return parseYaml(text, options);
}

/** Go's words for the keys that a mapping has twice: `line 4: key "name" already set in map`. */
export function duplicateKeys(text: string): string[] {
  checkDepth(text);
  const { errors } = parseDocument(text, { ...options, uniqueKeys: true });
  return errors
    .filter(({ code }) => code === "DUPLICATE_KEY")
    .map(({ pos, linePos }) => {
      const key = /^("[^"]*"|'[^']*'|[^\s:]+)/.exec(text.slice(pos[0]))?.[1] ?? "";
      return `line ${linePos?.[0].line ?? 1}: key ${JSON.stringify(key.replaceAll(/^["']|["']$/g, ""))} already set in map`;
    });
}
