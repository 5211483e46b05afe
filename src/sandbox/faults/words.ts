import type { FaultSpec } from "./types.js";

/** A fault as the command line that puts it on: `throttle --every=3 --retry-after=2s --for=1m30s`. */
export function faultWords(spec: FaultSpec): string {
  const { type, milliseconds, node, verbs, resources, every, count, forMilliseconds } = spec;
  const { retryAfterSeconds, code } = spec;
  const flag = (name: string, value: string | number | undefined) =>
    value === undefined ? [] : [`--${name}=${value}`];
  return [
    type,
    ...(milliseconds === undefined ? [] : [durationWord(milliseconds)]),
    ...(node === undefined ? [] : [node]),
    ...flag("verb", verbs?.join(",")),
    ...flag("resource", resources?.join(",")),
    ...flag("every", every),
    ...flag("count", count),
    ...flag("for", forMilliseconds === undefined ? undefined : durationWord(forMilliseconds)),
    ...flag(
      "retry-after",
      retryAfterSeconds === undefined ? undefined : durationWord(retryAfterSeconds * 1_000),
    ),
    ...flag("code", code),
  ].join(" ");
}

const units = [
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
] as const;

/** A duration as flags take it: `1m30s`, `500ms`. */
function durationWord(milliseconds: number): string {
  let left = milliseconds;
  const parts = units.map(([unit, size]) => {
    const amount = Math.floor(left / size);
    left -= amount * size;
    return amount > 0 ? `${amount}${unit}` : "";
  });
  return parts.join("") || "0s";
}
