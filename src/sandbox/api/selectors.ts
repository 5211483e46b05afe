import type { Requirement } from "../kinds/label-selector.js";
import { labelValue, qualifiedName } from "../kinds/validation/names.js";
import { badRequest } from "../store/status.js";

// What apimachinery's lexer knows: operators, brackets, and words between them.
const tokens = /\s*(!=|==|=|!|\(|\)|,|>|<|[^\s!=(),<>]+)/y;
const binaryOperators = "in, notin, =, ==, !=, gt, lt";

const operators: Readonly<Record<string, Requirement["operator"]>> = {
  "=": "In",
  "==": "In",
  in: "In",
  "!=": "NotIn",
  notin: "NotIn",
  ">": "Gt",
  "<": "Lt",
};

/** Reads a label selector as it is in a URL (`app=web,tier in (a,b),!x`). Throws the API's 400 for a bad one. */
export function parseLabelSelector(text: string): Requirement[] {
  const parser = new LabelSelectorParser(lex(text));
  return parser.parse();
}

function lex(text: string): string[] {
  const found: string[] = [];
  tokens.lastIndex = 0;
  for (let match = tokens.exec(text); match; match = tokens.exec(text)) found.push(match[1] ?? "");
  return found;
}

class LabelSelectorParser {
  #position = 0;
  constructor(private readonly words: readonly string[]) {}

  parse(): Requirement[] {
    const requirements: Requirement[] = [];
    while (this.#peek() !== "") {
      if (!isWord(this.#peek()) && this.#peek() !== "!") {
        throw badRequest(`found '${this.#peek()}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#requirement());
      const separator = this.#next();
      if (separator === "") break;
      if (separator !== ",") throw badRequest(`found '${separator}', expected: ',' or 'end of string'`);
      if (!isWord(this.#peek()) && this.#peek() !== "!") {
        throw badRequest(`found '${this.#peek()}', expected: identifier after ','`);
      }
    }
    return requirements;
  }

  #requirement(): Requirement {
    const absent = this.#peek() === "!" && this.#next() === "!";
    const key = this.#next();
    if (!isWord(key)) throw unparsable(`found '${key}', expected: identifier`);
    checkKey(key);
    if (["", ","].includes(this.#peek())) {
      return { key, operator: absent ? "DoesNotExist" : "Exists", values: [] };
    }
    const word = this.#next();
    const operator = Object.hasOwn(operators, word) ? operators[word] : undefined;
    if (absent || !operator) throw unparsable(`found '${word}', expected: ${binaryOperators}`);
    const values = word === "in" || word === "notin" ? this.#list() : [this.#value()];
    checkValues(key, operator, values);
    return { key, operator, values };
  }

  #value(): string {
    if (["", ","].includes(this.#peek())) return "";
    const value = this.#next();
    if (!isWord(value)) throw unparsable(`found '${value}', expected: identifier`);
    return value;
  }

  #list(): string[] {
    const open = this.#next();
    if (open !== "(") throw unparsable(`found '${open}' expected: '('`);
    const values: string[] = [];
    for (let word = this.#next(), previous = "("; ; previous = word, word = this.#next()) {
      const separates = word === "," || word === ")";
      if (!separates && !isWord(word)) throw unparsable(`found '${word}', expected: ',', or identifier`);
      if (!separates && isWord(previous)) throw unparsable(`found '${word}', expected: ',' or ')'`);
      if (separates && !isWord(previous)) values.push("");
      if (!separates) values.push(word);
      if (word === ")") return [...new Set(values)];
    }
  }

  #peek(): string {
    return this.words[this.#position] ?? "";
  }

  #next(): string {
    return this.words[this.#position++] ?? "";
  }
}

function isWord(token: string): boolean {
  return token !== "" && !/^[!=(),<>]/.test(token);
}

function unparsable(why: string): Error {
  return badRequest(`unable to parse requirement: ${why}`);
}

function checkKey(key: string): void {
  const wrong = qualifiedName(key);
  if (wrong.length > 0) throw unparsable(`<nil>: Invalid value: ${JSON.stringify(key)}: ${wrong.join("; ")}`);
}

function checkValues(key: string, operator: Requirement["operator"], values: string[]): void {
  for (const [index, value] of values.entries()) {
    if (operator === "Gt" || operator === "Lt") {
      if (/^[-+]?\d+$/.test(value)) continue;
      const why = "for 'Gt', 'Lt' operators, the value must be an integer";
      throw unparsable(`values[${index}]: Invalid value: ${JSON.stringify(value)}: ${why}`);
    }
    const wrong = labelValue(value);
    if (wrong.length === 0) continue;
    throw unparsable(
      `values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${wrong.join("; ")}`,
    );
  }
}

/** `metadata.name=web`, `status.phase!=Running`. */
export interface FieldTerm {
  field: string;
  value: string;
  equal: boolean;
}

/** Reads a field selector as it is in a URL. Throws the API's 400 for a bad one. */
export function parseFieldSelector(text: string): FieldTerm[] {
  // A backslash escapes what would end a term.
  const parts = text.match(/(?:\\.|[^,\\])+/g) ?? [];
  return parts.map((part) => {
    const match = /^(.*?)(!=|==|=)((?:\\.|[^\\])*)$/.exec(part);
    if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    const [, field = "", operator, value = ""] = match;
    return { field, value: unescaped(value), equal: operator !== "!=" };
  });
}

/** What ends a term, and the backslash itself, needs a backslash before it; nothing else may have one. */
function unescaped(value: string): string {
  return value.replace(
    /\\(.)|([,=])/gs,
    (sequence, escaped: string | undefined, bare: string | undefined) => {
      if (bare !== undefined)
        throw badRequest(`invalid field selector: unescaped character in value: ${bare.codePointAt(0)}`);
      if (escaped === undefined || !"\\,=".includes(escaped))
        throw badRequest(`invalid field selector: invalid escape sequence: ${sequence}`);
      return escaped;
    },
  );
}
