import type { ClaimMap, MapRow, Standing } from "./map.js";
import { standingAt } from "./map.js";

/** Ordinals that follow each other, at most to the next ten; a repeated one is longer and alike all through. */
export interface Stretch {
  first: number;
  last: number;
  /** For each row of the map, how all of its places stand; undefined where they are to be looked at one by one. */
  repeated: readonly (Standing | undefined)[] | undefined;
}

const ten = 10;
/** So many tens without a single claim are not drawn one by one, however much a set asks for. */
const mostEmpty = 12;

/**
 * The ordinals of a map, in tens: 0-9, 10-19 …, from the first to the last place of each that says something. What is
 * between them is neither wanted nor there, and left out.
 */
export function stretchesOf(map: ClaimMap): Stretch[] {
  const claimed = new Set(map.rows.flatMap(({ claims }) => [...claims.keys()].map(tensOf)));
  const found = new Map([...claimed].map((tens) => [tens, single(map, tens)]));
  for (const [from, to] of emptyTens(map, claimed)) {
    if (to - from < mostEmpty) {
      for (let tens = from; tens <= to; tens += 1) found.set(tens, single(map, tens));
    } else found.set(from, missingFrom(map, from, to));
  }
  return [...found.entries()].sort(([one], [other]) => one - other).map(([, stretch]) => stretch);
}

/** Joins neighbours in which every row stands the same way all through. */
export function joinAlike(map: ClaimMap, stretches: readonly Stretch[]): Stretch[] {
  const joined: Stretch[] = [];
  for (const stretch of stretches) {
    const previous = joined.at(-1);
    const alike = uniform(map, stretch);
    const before = previous?.last === stretch.first - 1 ? uniform(map, previous) : undefined;
    if (previous && alike && before?.every((standing, row) => standing === alike[row])) {
      joined[joined.length - 1] = { first: previous.first, last: stretch.last, repeated: alike };
    } else joined.push(stretch);
  }
  return joined;
}

const tensOf = (ordinal: number): number => Math.floor(ordinal / ten);

function single({ set, rows }: ClaimMap, tens: number): Stretch {
  const from = tens * ten;
  const wanted = set && rows.some((row) => row.wanted) ? set : { start: 0, end: 0 };
  const ordinals = Array.from({ length: ten }, (_, index) => from + index).filter(
    (ordinal) =>
      (ordinal >= wanted.start && ordinal < wanted.end) || rows.some(({ claims }) => claims.has(ordinal)),
  );
  return { first: ordinals[0] ?? from, last: ordinals.at(-1) ?? from, repeated: undefined };
}

/** Tens in the range of the set that have no claim at all: where they begin and end, without going through them. */
function emptyTens({ set, rows }: ClaimMap, claimed: ReadonlySet<number>): [from: number, to: number][] {
  if (!set || set.end === set.start || !rows.some(({ wanted }) => wanted)) return [];
  const last = tensOf(set.end - 1);
  const spans: [number, number][] = [];
  let from = tensOf(set.start);
  for (const tens of [...claimed].sort((one, other) => one - other)) {
    if (tens < from) continue;
    if (tens > last) break;
    if (tens > from) spans.push([from, tens - 1]);
    from = tens + 1;
  }
  return from <= last ? [...spans, [from, last]] : spans;
}

function missingFrom({ set, rows }: ClaimMap, from: number, to: number): Stretch {
  return {
    first: Math.max(set?.start ?? 0, from * ten),
    last: Math.min((set?.end ?? 0) - 1, to * ten + ten - 1),
    repeated: rows.map(({ wanted }) => (wanted ? "missing" : undefined)),
  };
}

/** How each row stands, where it stands the same way all through; undefined where one does not. */
function uniform(map: ClaimMap, { first, last, repeated }: Stretch): Stretch["repeated"] {
  if (repeated) return repeated;
  const standings = map.rows.map((row) => {
    const standing = standingAt(map, row, first);
    return { standing, same: isSame(map, row, { first, last, standing }) };
  });
  return standings.every(({ same }) => same) ? standings.map(({ standing }) => standing) : undefined;
}

function isSame(
  map: ClaimMap,
  row: MapRow,
  { first, last, standing }: { first: number; last: number; standing: Standing | undefined },
): boolean {
  for (let ordinal = first + 1; ordinal <= last; ordinal += 1) {
    if (standingAt(map, row, ordinal) !== standing) return false;
  }
  return true;
}
