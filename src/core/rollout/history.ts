import { UsageError } from "../errors.js";
import type { ControllerRevision, Pod, StatefulSet } from "../model.js";
import { podsSnapshot } from "../progress/snapshot.js";
import { podRevision } from "../revision.js";
import { listWords } from "../words.js";
import { templateOf, withoutNulls } from "./revisions.js";

/** What a set was or is made of, and who runs it. Null: not known. */
export interface HistoryEntry {
  /** Its number; null for one that pods still run and the history has lost. */
  revision: number | null;
  /** Of the ControllerRevision: `web-6d9f8`; null for pods without the label. */
  name: string | null;
  /** Annotation `kubernetes.io/change-cause`, which the controller copies from the set. */
  changeCause: string | null;
  /** RFC 3339. A template that came back keeps the time at which it was first there. */
  createdAt: string | null;
  images: string[];
  /** Ordinals whose pods run it; null when pods may not be read. */
  ordinals: number[] | null;
  /** Pods below a partition are made at this one. */
  current: boolean;
  /** The newest, which a rollout brings. */
  update: boolean;
  /** The pod template, without what the server left empty; undefined where the history has lost it. */
  template: object | undefined;
}

/** The annotation that says why a template was changed (`kubectl rollout history` shows it). */
const changeCauseAnnotation = "kubernetes.io/change-cause";

/**
 * The set's history, oldest first, as the API numbers it. Before it comes what pods run and the history has lost
 * (`revisionHistoryLimit`, or a deleted revision).
 * @param revisions the set's own, lowest number first.
 */
export function historyOf(
  set: StatefulSet,
  revisions: readonly ControllerRevision[],
  pods: readonly Pod[] | undefined,
): HistoryEntry[] {
  const running = pods && podsByRevision(set, pods);
  const { currentRevision, updateRevision } = set.status ?? {};
  const roles = (name: string | undefined) => ({
    current: name !== undefined && name === currentRevision,
    update: name !== undefined && name === updateRevision,
  });
  const known = new Set<string | undefined>(revisions.map(({ metadata }) => metadata.name));
  const lost = [...(running ?? [])].filter(([name]) => !known.has(name));
  return [
    ...lost.map(([name, [first, ...others]]): HistoryEntry => {
      const unknown = { revision: null, changeCause: null, createdAt: null, template: undefined };
      const ordinals = [first, ...others].flatMap((pod) => pod?.ordinal ?? []);
      return { ...unknown, name: name ?? null, images: first?.images ?? [], ordinals, ...roles(name) };
    }),
    ...revisions.map((revision): HistoryEntry => {
      const { name, annotations, creationTimestamp } = revision.metadata;
      return {
        revision: revision.revision,
        name,
        changeCause: annotations?.[changeCauseAnnotation] || null,
        createdAt: creationTimestamp,
        images: imagesOf(templateOf(revision)),
        ordinals: running ? (running.get(name) ?? []).map(({ ordinal }) => ordinal) : null,
        ...roles(name),
        template: withoutNulls(templateOf(revision)) as object | undefined,
      };
    }),
  ];
}

interface RunningPod {
  ordinal: number;
  images: string[];
}

/** The set's own pods, lowest ordinal first, by the revision they were made from. */
function podsByRevision(set: StatefulSet, pods: readonly Pod[]): Map<string | undefined, RunningPod[]> {
  const found = new Map<string | undefined, RunningPod[]>();
  for (const [ordinal, pod] of podsSnapshot(set, pods).pods) {
    const revision = podRevision(pod);
    found.set(revision, [...(found.get(revision) ?? []), { ordinal, images: imagesOf(pod) }]);
  }
  return found;
}

function imagesOf(template: { spec?: { containers?: { image?: string }[] } } | undefined): string[] {
  return (template?.spec?.containers ?? []).flatMap(({ image }) => image ?? []);
}

/** Two revisions to compare, by number; one that is left out is found by `resolveRange`. */
export interface RevisionRange {
  from: number | undefined;
  to: number | undefined;
}

/** Reads `A..B`, `A..`, `..B` and `A`. Throws a UsageError for anything else. */
export function parseRange(text: string): RevisionRange {
  const [, from, , to] = /^(\d*)(\.\.(\d*))?$/.exec(text.trim()) ?? [];
  if (from === undefined || text.trim() === "") {
    throw new UsageError(
      `"${text}" is not a pair of revisions: write 1..3, 1.. (to the newest) or ..3 (what 3 changed)`,
    );
  }
  return { from: from ? Number(from) : undefined, to: to ? Number(to) : undefined };
}

/**
 * The two entries of a range: without an end, up to the newest; without a start, from the one before the end. Throws
 * where the history has no such revision.
 */
export function resolveRange(
  set: string,
  history: readonly HistoryEntry[],
  { from, to }: RevisionRange,
): [before: HistoryEntry, after: HistoryEntry] {
  const numbered = history.filter(({ revision }) => revision !== null);
  const after = to === undefined ? numbered.at(-1) : findRevision(set, history, to);
  if (!after) throw new Error(`${set} has no revisions yet`);
  if (from !== undefined) return [findRevision(set, history, from), after];
  const before = numbered[numbered.indexOf(after) - 1];
  if (!before) throw new Error(`revision ${after.revision} of ${set} is the oldest: there is none before it`);
  return [before, after];
}

/** The entry with a number. Throws an Error that names those there are. */
export function findRevision(set: string, history: readonly HistoryEntry[], revision: number): HistoryEntry {
  const found = history.find((entry) => entry.revision === revision);
  if (found) return found;
  const there = listWords(
    history.flatMap((entry) => (entry.revision === null ? [] : String(entry.revision))),
  );
  throw new Error(`unable to find revision ${revision} of ${set}; it has ${there || "none yet"}`);
}
