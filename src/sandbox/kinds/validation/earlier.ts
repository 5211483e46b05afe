import type { Json } from "../schema.js";

type Of = (value: unknown) => unknown;

/** The elements of a list, or what each of them has in one place; looked through once, however long the list. */
class Column {
  #firsts: Map<unknown, number> | undefined;
  readonly #made = new Map<unknown, Column>();

  constructor(private readonly values: () => readonly unknown[]) {}

  /** @param what a field, or a function of each value */
  made(what: string | Of): Column {
    const read: Of = typeof what === "string" ? (value) => (value as Json | undefined)?.[what] : what;
    const made = this.#made.get(what) ?? new Column(() => this.values().map(read));
    this.#made.set(what, made);
    return made;
  }

  firstOf(value: unknown): number | undefined {
    if (!this.#firsts) {
      this.#firsts = new Map();
      for (const [at, each] of this.values().entries())
        if (!this.#firsts.has(each)) this.#firsts.set(each, at);
    }
    return this.#firsts.get(value);
  }
}

/** The elements before one in a list, or what they have in the place that a rule is asked of. */
export class Earlier {
  private constructor(
    private readonly column: Column,
    private readonly at: number,
  ) {}

  /** For each element of a list what is before it. */
  static in(list: readonly unknown[]): (at: number) => Earlier {
    const column = new Column(() => list);
    return (at) => new Earlier(column, at);
  }

  /** What they have in a field, or what a function (always the same one) makes of them. */
  of(what: string | Of): Earlier {
    return new Earlier(this.column.made(what), this.at);
  }

  has(value: unknown): boolean {
    return (this.column.firstOf(value) ?? this.at) < this.at;
  }
}
