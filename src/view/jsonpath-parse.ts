import { UsageError } from "../core/errors.js";

/** One step of a path; each takes the values found so far to the next ones. */
export type Step =
  | { type: "field"; name: string }
  | { type: "slice"; from: number | undefined; to: number | undefined; by: number; single: boolean }
  | { type: "wildcard" }
  | { type: "recursive" }
  | { type: "union"; branches: Step[][] }
  | { type: "filter"; left: Step[]; operator: string; right: Step[] }
  | { type: "literal"; value: string | number | boolean };

/** A template: text, paths whose results are printed, and ranges with a body for each result. */
export type Part =
  | { type: "text"; text: string }
  | { type: "path"; steps: Step[] }
  | { type: "range"; steps: Step[]; body: Part[] };

/**
 * Parses kubectl's dialect of JSONPath (client-go `util/jsonpath`): `{.items[*].metadata.name}`,
 * `{range .items[*]}{.metadata.name}{"\n"}{end}`, `{.a[?(@.b=="c")]}`, `{..image}`, `{.a[-1:]}`, `{.a['b','c']}`.
 * Throws a UsageError that names what it could not read.
 */
export function parseTemplate(template: string): Part[] {
  const open: Part[][] = [[]];
  for (const piece of splitTemplate(template)) {
    const body = open.at(-1) ?? [];
    const action = piece.action?.trim();
    if (action === undefined) body.push({ type: "text", text: piece.text });
    else if (action === "end") closeRange(open, template);
    else if (/^range(?![\w-])/.test(action)) {
      const range: Part = {
        type: "range",
        steps: parseSteps(action.slice("range".length), template),
        body: [],
      };
      body.push(range);
      open.push(range.body);
    } else body.push({ type: "path", steps: parseSteps(action, template) });
  }
  return open[0] ?? [];
}

function closeRange(open: Part[][], template: string): void {
  if (open.length === 1) fail(template, "not in range, nothing to end");
  open.pop();
}

function fail(template: string, problem: string): never {
  throw new UsageError(`error parsing jsonpath ${template}: ${problem}`);
}

interface Piece {
  text: string;
  /** What stands between braces; undefined for plain text. */
  action?: string;
}

function splitTemplate(template: string): Piece[] {
  const pieces: Piece[] = [];
  let rest = template;
  while (rest !== "") {
    const start = rest.indexOf("{");
    const text = start < 0 ? rest : rest.slice(0, start);
    if (text) pieces.push({ text });
    if (start < 0) break;
    const length = scan(rest.slice(start + 1), "}");
    if (length < 0)
      fail(template, /["']/.test(rest) ? "unclosed action or unterminated quoted string" : "unclosed action");
    pieces.push({ text: "", action: rest.slice(start + 1, start + 1 + length) });
    rest = rest.slice(start + 2 + length);
  }
  return pieces;
}

/** The index of the first `end` outside quotes; negative where there is none. */
function scan(text: string, end: string): number {
  let quote: string | undefined;
  for (let index = 0; index < text.length; index += 1) {
    const letter = text[index] ?? "";
    if (letter === "\\") index += 1;
    else if (quote) quote = letter === quote ? undefined : quote;
    else if (text.startsWith(end, index)) return index;
    else if (letter === '"' || letter === "'") quote = letter;
  }
  return -1;
}

/** The steps of one path, such as `.items[*].metadata.name`. */
export function parseSteps(path: string, template: string): Step[] {
  const steps: Step[] = [];
  let rest = path;
  while (rest !== "") {
    const [step, length] = readStep(rest, template);
    if (step?.type === "recursive" && steps.at(-1)?.type === "recursive") {
      fail(template, "invalid multiple recursive descent");
    }
    if (step) steps.push(step);
    rest = rest.slice(length);
  }
  return steps.flatMap((step) =>
    step.type === "union" && step.branches.length === 1 ? (step.branches[0] ?? []) : [step],
  );
}

const fieldForm = /^(?:\\.|[^\s.,[\]$@{}\\])*/;

/** One step from the start of a text, and how many characters it takes. */
function readStep(text: string, template: string): [step: Step | undefined, length: number] {
  const [first = ""] = text;
  if (first === " " || first === "@" || first === "$") return [undefined, 1];
  if (text.startsWith("[?(")) return readFilter(text, template);
  if (first === "[") return readBrackets(text, template);
  if (text.startsWith("..")) return [{ type: "recursive" }, /^\.\.[\w]/.test(text) ? 1 : 2];
  if (first === ".") {
    const name = fieldForm.exec(text.slice(1))?.[0] ?? "";
    return [fieldOrWildcard(name), name.length + 1];
  }
  if (first === '"' || first === "'") {
    const [quoted] = quotedForm.exec(text) ?? fail(template, "unterminated quoted string");
    return [{ type: "literal", value: unquote(quoted, template) }, quoted.length];
  }
  const number = /^[+-]?[\d.]+/.exec(text)?.[0];
  if (number !== undefined) {
    const value = Number(number);
    return Number.isNaN(value)
      ? fail(template, `cannot parse number ${number}`)
      : [{ type: "literal", value }, number.length];
  }
  const word = fieldForm.exec(text)?.[0] ?? "";
  if (word === "true" || word === "false") return [{ type: "literal", value: word === "true" }, word.length];
  return fail(
    template,
    /^\w/.test(word) ? `unrecognized identifier ${word}` : `unrecognized character in action: "${first}"`,
  );
}

const quotedForm = /^(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')/s;
const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "\\": "\\",
  '"': '"',
  "'": "'",
};

function unquote(quoted: string, template: string): string {
  return quoted.slice(1, -1).replace(/\\(u[\da-fA-F]{4}|.)/gs, (_all, escape: string) => {
    if (escape.length === 5) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return escapes[escape] ?? fail(template, `unquote string ${quoted} error invalid syntax`);
  });
}

function fieldOrWildcard(name: string): Step {
  return name === "*" ? { type: "wildcard" } : { type: "field", name: name.replaceAll("\\", "") };
}

/** `[0]`, `[1:3]`, `[*]`, `['a.b']`, `['a','b']`, `[0,2]`. */
function readBrackets(text: string, template: string): [Step, number] {
  const end = scan(text, "]");
  if (end < 0) fail(template, "unterminated array");
  const inside = text.slice(1, end);
  const branches = inside.split(",").map((part) => bracketStep(part.trim(), template));
  return [{ type: "union", branches }, end + 1];
}

function bracketStep(inside: string, template: string): Step[] {
  const [, key] = /^'([^']*)'$/.exec(inside) ?? [];
  if (key !== undefined) return parseSteps(`.${key}`, template);
  const [match, from = "", to, by] =
    /^(-?\d*)(?::(-?\d*))?(?::(-?\d*))?$/.exec(inside === "*" ? ":" : inside) ?? [];
  if (match === undefined) fail(template, `invalid array index ${inside}`);
  const number = (digits: string | undefined) => (digits ? Number(digits) : undefined);
  return [
    { type: "slice", from: number(from), to: number(to), by: number(by) ?? 1, single: to === undefined },
  ];
}

/** `[?(@.type=="Ready")]`, `[?(@.name)]`. */
function readFilter(text: string, template: string): [Step, number] {
  const end = scan(text, ")]");
  if (end < 0) fail(template, "unterminated filter");
  const inside = text.slice("[?(".length, end);
  const [, left, operator = "exists", right = ""] = /^([^!<>=]+)([!<>=]+)(.+)$/s.exec(inside) ?? [];
  const known = ["exists", "==", "!=", "<", ">", "<=", ">="];
  if (!known.includes(operator)) fail(template, `unrecognized filter operator ${operator}`);
  const steps = (path: string) => parseSteps(path.trim(), template);
  return [{ type: "filter", left: steps(left ?? inside), operator, right: steps(right) }, end + 2];
}
