import type { Cluster, MirrorChange } from "../../cluster/cluster.js";
import type { Context } from "../../context.js";
import { kinds } from "../../core/kinds.js";
import type { StatefulSet } from "../../core/model.js";
import { sanitizeLine } from "../../view/sanitize.js";
import { columnWidths, formatRow } from "../../view/table.js";
import { setHeaders, setRow } from "../../view/table-sets.js";
import { formatSets, type GetOptions } from "./documents.js";

/** Prints what is there and then a row for every change that can be seen in it. Ends with the signal's reason. */
export async function watchSets(cluster: Cluster, context: Context, options: GetOptions): Promise<number> {
  if (options.names.length > 0) {
    await Promise.all(options.names.map((name) => cluster.get(kinds.statefulSet, { name })));
  }
  const printer = new ChangePrinter(context, options);
  const mirror = cluster.mirror(kinds.statefulSet, scopeOf(options), {
    signal: context.signal,
    onChange: (change) => {
      if (change.type === "synced") printer.begin([...mirror.items.values()]);
      else printer.change(change);
    },
  });
  try {
    await mirror.ready;
    return await untilAborted(context.signal);
  } finally {
    mirror.stop();
  }
}

function scopeOf({ names, scope }: GetOptions): GetOptions["scope"] {
  return names.length === 1 ? { ...scope, fieldSelector: `metadata.name=${names[0]}` } : scope;
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

class ChangePrinter {
  private widths: number[] = [];
  private readonly shown = new Map<string, string>();

  constructor(
    private readonly context: Context,
    private readonly options: GetOptions,
  ) {}

  /** Prints what the first list has, as one table. */
  begin(found: readonly StatefulSet[]): void {
    const sets = found.filter((set) => this.wanted(set)).toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
    for (const set of sets) this.shown.set(set.metadata.uid, this.contentOf(set));
    if (this.options.watch === "only") return;
    if (!this.inTable()) sets.forEach((set) => this.print(set));
    else if (sets.length > 0) this.write(sets.map((set) => this.row(set)));
  }

  change({ type, object }: MirrorChange<StatefulSet>): void {
    if (this.wanted(object)) this.printChanged(object, type === "deleted");
  }

  private wanted({ metadata }: StatefulSet): boolean {
    return this.options.names.length === 0 || this.options.names.includes(metadata.name);
  }

  private printChanged(set: StatefulSet, gone: boolean): void {
    const content = this.contentOf(set);
    if (!gone && this.shown.get(set.metadata.uid) === content) return;
    if (gone) this.shown.delete(set.metadata.uid);
    else this.shown.set(set.metadata.uid, content);
    if (this.inTable()) this.write([this.row(set)]);
    else this.print(set);
  }

  private inTable(): boolean {
    return this.options.output.type === "table" || this.options.output.type === "wide";
  }

  private row(set: StatefulSet): string[] {
    return setRow(set, this.options.columns, this.context.clock.now()).map(sanitizeLine);
  }

  /** What a reader sees of a set, its age aside: only a change of this is worth a row. */
  private contentOf(set: StatefulSet): string {
    if (!this.inTable()) return set.metadata.resourceVersion;
    const { creationTimestamp } = set.metadata;
    return setRow(set, this.options.columns, Date.parse(creationTimestamp)).join("\t");
  }

  private print(set: StatefulSet): void {
    this.context.out.write(formatSets(this.options, [set], false));
  }

  /** Columns keep the width they had, and only grow. */
  private write(rows: string[][]): void {
    const headers =
      this.options.headers && this.widths.length === 0 ? [setHeaders(this.options.columns)] : [];
    const needed = columnWidths([...headers, ...rows]);
    this.widths = needed.map((width, column) => Math.max(width, this.widths[column] ?? 0));
    this.context.out.write([...headers, ...rows].map((row) => `${formatRow(row, this.widths)}\n`).join(""));
  }
}

function idOf({ metadata }: StatefulSet): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}
