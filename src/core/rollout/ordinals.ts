import { UsageError } from "../errors.js";
import { ordinalRange } from "../identity.js";
import type { StatefulSet } from "../model.js";

/** Ordinals from one to another, both included. */
export interface OrdinalSpan {
  first: number;
  last: number;
}

/** Reads `0,2-4`. Throws a UsageError that names what it could not read; whose ordinals they are is checked later. */
export function parseOrdinals(text: string): OrdinalSpan[] {
  return text.split(",").map((word) => {
    const [, from, to = from] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(word) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (from === undefined || !Number.isSafeInteger(first) || !Number.isSafeInteger(last) || first > last) {
      throw new UsageError(
        `--ordinals=${text}: "${word}" is not an ordinal or a range of them; write for example 0,2-4`,
      );
    }
    return { first, last };
  });
}

/** The ordinals of a set that spans name, each once, lowest first. Throws a UsageError for one that the set has not. */
export function ordinalsOf(set: StatefulSet, spans: readonly OrdinalSpan[]): number[] {
  const { name } = set.metadata;
  const { start, end } = ordinalRange(set);
  for (const { first, last } of spans) {
    const outside = first < start ? first : last >= end ? Math.max(first, end) : undefined;
    if (outside === undefined) continue;
    const has =
      start === end
        ? "it has 0 replicas"
        : `its ordinals are ${end - start === 1 ? start : `${start} to ${end - 1}`}`;
    throw new UsageError(`${name} has no ordinal ${outside}: ${has}`);
  }
  const all = spans.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_unused, index) => first + index),
  );
  return [...new Set(all)].sort((left, right) => left - right);
}

/** As `--ordinals` takes them: `0,2-4`. */
export function formatOrdinals(ordinals: readonly number[]): string {
  const spans: OrdinalSpan[] = [];
  for (const ordinal of [...ordinals].sort((left, right) => left - right)) {
    const span = spans.at(-1);
    if (span && span.last === ordinal - 1) span.last = ordinal;
    else spans.push({ first: ordinal, last: ordinal });
  }
  return spans.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(",");
}
