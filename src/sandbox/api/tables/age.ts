const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

type Unit = [size: number, letter: string];

/** Below which time an age is given in which unit, and in which smaller one what is left over. */
const precision: readonly [below: number, unit: Unit, rest?: Unit][] = [
  [2 * minute, [second, "s"]],
  [10 * minute, [minute, "m"], [second, "s"]],
  [3 * hour, [minute, "m"]],
  [8 * hour, [hour, "h"], [minute, "m"]],
  [2 * day, [hour, "h"]],
  [8 * day, [day, "d"], [hour, "h"]],
  [2 * year, [day, "d"]],
  [8 * year, [year, "y"], [day, "d"]],
  [Infinity, [year, "y"]],
];

/** Milliseconds as the API prints them for people (apimachinery's HumanDuration): `45s`, `3h20m`, `12d`. */
export function ageText(milliseconds: number): string {
  // Clocks may differ by a little.
  if (milliseconds <= -2 * second) return "<invalid>";
  const age = Math.max(milliseconds, 0);
  const [, unit, rest] = precision.find(([below]) => age < below) ?? [0, [second, "s"] as Unit];
  const left = rest ? Math.floor((age % unit[0]) / rest[0]) : 0;
  return `${Math.floor(age / unit[0])}${unit[1]}${rest && left > 0 ? `${left}${rest[1]}` : ""}`;
}
