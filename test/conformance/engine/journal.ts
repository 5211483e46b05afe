import type { AnyObject } from "../../../src/sandbox/port.js";
import type { Scenario } from "./scenario.js";

interface Entry {
  sign: "+" | "-";
  name: string;
  /** Of a pod that was made: the name of its ControllerRevision. */
  revision: string | undefined;
  /** Nothing is known of its order among its like. */
  loose: boolean;
}

/** In which order pods and claims were made and deleted, and which revision each pod was made at. */
export class Journal {
  readonly #entries = new Map<string, Entry[]>();
  /** Names of revisions in the order in which they were first seen. */
  readonly #revisions: string[] = [];

  constructor(private readonly order: Scenario["order"]) {}

  /** Notes a change of a pod or a claim: `loose` where its order is left to chance. */
  note(object: AnyObject, old: AnyObject | undefined, deleted: boolean, loose: boolean): void {
    const { name, labels, deletionTimestamp } = object.metadata;
    const revision = labels?.["controller-revision-hash"];
    const wasGoing = old?.metadata.deletionTimestamp !== undefined;
    if (!old && !deleted) this.#add({ sign: "+", name, revision, loose });
    if (!wasGoing && (deleted || deletionTimestamp))
      this.#add({ sign: "-", name, revision: undefined, loose });
  }

  noteRevision(name: string): void {
    if (!this.#revisions.includes(name)) this.#revisions.push(name);
  }

  #add(entry: Entry): void {
    const group = groupOf(entry.name);
    this.#entries.set(group, [...(this.#entries.get(group) ?? []), entry]);
  }

  /** How often a pod or claim of that name was made. */
  made(name: string): number {
    return (this.#entries.get(groupOf(name)) ?? []).filter((each) => each.name === name && each.sign === "+")
      .length;
  }

  deleted(name: string): number {
    return (this.#entries.get(groupOf(name)) ?? []).filter((each) => each.name === name && each.sign === "-")
      .length;
  }

  /** `@2` for the second revision of the set; the name itself where it was never seen. */
  revisionMark(name: string | undefined): string {
    if (name === undefined || name === "") return "";
    const own = this.#revisions.filter((each) => groupOf(each) === groupOf(name));
    return own.includes(name) ? `@${own.indexOf(name) + 1}` : `@${name}`;
  }

  /** The name that `web@2` stands for. */
  revisionName(mark: string): string {
    const [set = "", number] = mark.split("@");
    const own = this.#revisions.filter((each) => groupOf(each) === set);
    return number === undefined ? mark : (own[Number(number) - 1] ?? mark);
  }

  /** `web: +web-0@1 +web-1@1 -web-1`: one line for each set's pods, and for each of its claim templates. */
  lines(): Record<string, string> {
    const groups = [...this.#entries].sort(([a], [b]) => a.localeCompare(b));
    return Object.fromEntries(groups.map(([group, entries]) => [group, this.#line(entries)]));
  }

  #line(entries: Entry[]): string {
    const text = ({ sign, name, revision }: Entry) => `${sign}${name}${this.revisionMark(revision)}`;
    if (this.order === "each")
      return entries
        .toSorted((a, b) => compare(a.name, b.name))
        .map(text)
        .join(" ");
    const isLoose = (entry: Entry) => (this.order ? this.order === "batches" : entry.loose);
    const runs: Entry[][] = [];
    for (const entry of entries) {
      const run = runs.at(-1);
      if (run?.[0] && isLoose(entry) && isLoose(run[0]) && run[0].sign === entry.sign) run.push(entry);
      else runs.push([entry]);
    }
    return runs.flatMap((run) => run.map(text).sort()).join(" ");
  }
}

/** The name without its ordinal or hash: pods of one set, claims of one template. */
export function groupOf(name: string): string {
  return name.replace(/-[^-]*$/, "");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
