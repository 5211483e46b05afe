/** What JSON.parse does not tell: Go's text for what is wrong with a document, and fields given twice. */
export interface Scan {
  /** As encoding/json says it: `invalid character 'b' looking for beginning of value`. */
  error: string | undefined;
  /** Paths of fields that an object has more than once: `spec.template.spec.containers[0].image`. */
  duplicates: string[];
}

/** Reads a JSON document for its mistakes alone. `visit` is told of every field, in the document's order. */
export function scanJson(text: string, visit?: (path: string, again: boolean) => void): Scan {
  const scanner = new Scanner(text, visit);
  try {
    scanner.document();
    return { error: undefined, duplicates: scanner.duplicates };
  } catch (error) {
    if (error instanceof ScanError) return { error: error.message, duplicates: scanner.duplicates };
    throw error;
  }
}

class ScanError extends Error {}

// Go stops at 10,000; what is handled here by recursion must fit the stack.
const maxDepth = 1000;
const number = /-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y;

class Scanner {
  readonly duplicates: string[] = [];
  #position = 0;
  #depth = 0;

  constructor(
    private readonly text: string,
    private readonly visit: ((path: string, again: boolean) => void) | undefined,
  ) {}

  document(): void {
    this.#value("");
    this.#space();
    if (this.#position < this.text.length) throw this.#unexpected("after top-level value");
  }

  #value(path: string): void {
    this.#space();
    const letter = this.text[this.#position];
    if (letter === "{") this.#nested(() => this.#object(path));
    else if (letter === "[") this.#nested(() => this.#array(path));
    else if (letter === '"') this.#string();
    else if (letter === "t") this.#literal("true");
    else if (letter === "f") this.#literal("false");
    else if (letter === "n") this.#literal("null");
    else this.#number();
  }

  #nested(read: () => void): void {
    if (++this.#depth > maxDepth) throw this.#unexpected("exceeded max depth");
    this.#position++;
    read();
    this.#depth--;
  }

  #object(path: string): void {
    const seen = new Set<string>();
    if (this.#take("}")) return;
    do {
      this.#space();
      if (this.text[this.#position] !== '"')
        throw this.#unexpected("looking for beginning of object key string");
      const field = this.#string();
      const inner = path ? `${path}.${field}` : field;
      if (seen.has(field) && !this.duplicates.includes(inner)) this.duplicates.push(inner);
      this.visit?.(inner, seen.has(field));
      seen.add(field);
      if (!this.#take(":")) throw this.#unexpected("after object key");
      this.#value(inner);
    } while (this.#take(","));
    if (!this.#take("}")) throw this.#unexpected("after object key:value pair");
  }

  #array(path: string): void {
    if (this.#take("]")) return;
    let index = 0;
    do this.#value(`${path}[${index++}]`);
    while (this.#take(","));
    if (!this.#take("]")) throw this.#unexpected("after array element");
  }

  #string(): string {
    const start = this.#position++;
    for (; ; this.#position++) {
      const letter = this.text[this.#position];
      if (letter === undefined || letter < " ") throw this.#unexpected("in string literal");
      if (letter === '"') break;
      if (letter === "\\") this.#escape();
    }
    this.#position++;
    return String(JSON.parse(this.text.slice(start, this.#position)));
  }

  #escape(): void {
    const letter = this.text[++this.#position];
    if (letter === undefined || !'"\\/bfnrtu'.includes(letter))
      throw this.#unexpected("in string escape code");
    for (let digits = letter === "u" ? 4 : 0; digits > 0; digits--) {
      if (!/[0-9a-fA-F]/.test(this.text[++this.#position] ?? "")) {
        throw this.#unexpected("in \\u hexadecimal character escape");
      }
    }
  }

  #literal(word: string): void {
    for (const letter of word) {
      if (this.text[this.#position] !== letter) {
        throw this.#unexpected(`in literal ${word} (expecting '${letter}')`);
      }
      this.#position++;
    }
  }

  #number(): void {
    number.lastIndex = this.#position;
    const match = number.exec(this.text);
    if (!match) throw this.#unexpected("looking for beginning of value");
    this.#position += match[0].length;
  }

  /** Goes past `letter` when it comes next. */
  #take(letter: string): boolean {
    this.#space();
    if (this.text[this.#position] !== letter) return false;
    this.#position++;
    return true;
  }

  #space(): void {
    while (" \t\r\n".includes(this.text[this.#position] ?? "x")) this.#position++;
  }

  #unexpected(where: string): ScanError {
    const letter = this.text[this.#position];
    if (letter === undefined) return new ScanError("unexpected end of JSON input");
    return new ScanError(`invalid character ${shown(letter)} ${where}`);
  }
}

/** A character as Go quotes the first byte of it. */
function shown(letter: string): string {
  if (letter === "'") return `'\\''`;
  if (letter === '"') return `'"'`;
  const [byte = 0] = Buffer.from(letter);
  const named = "\b\f\n\r\t\\".includes(letter);
  if (named) return `'${JSON.stringify(letter).slice(1, -1)}'`;
  return byte < 0x20 ? `'\\x${byte.toString(16).padStart(2, "0")}'` : `'${String.fromCharCode(byte)}'`;
}
