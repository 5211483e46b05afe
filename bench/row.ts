import type { Sample } from "./measure.js";

/** One figure, and what it must not pass. */
interface Check {
  value: number;
  goal: number;
  /** `× the time`. */
  unit: string;
}

/** A line of the report. */
export interface Row {
  work: string;
  /** What was measured, in absolute figures: they say little elsewhere. Empty where the checks tell it. */
  measured: string;
  checks: Check[];
}

export interface Goals {
  /** Of the other's time, and of its memory. */
  time: number;
  memory?: number;
}

/** Ours held against another's, which took turns with it on this machine. */
export function ratios(
  work: string,
  ours: Sample,
  name: string,
  other: Sample | undefined,
  goals: Goals,
): Row {
  if (!other) return { work, measured: `${amount(ours)} (no ${name} to compare with)`, checks: [] };
  const checks = [{ value: ours.ms / other.ms, goal: goals.time, unit: "× the time" }];
  if (goals.memory !== undefined && ours.mb !== undefined && other.mb !== undefined) {
    checks.push({ value: ours.mb / other.mb, goal: goals.memory, unit: "× the memory" });
  }
  return { work, measured: `${amount(ours)}; ${name} ${amount(other)}`, checks };
}

/** How often the time of a bare loop of requests a row may take: what it adds to them is ours. */
const bareGoal = 2;

/** The row, held against a bare loop in Node as well: what a machine and a server let a client do at all. */
export function against(bare: Sample, ours: Sample, row: Row): Row {
  return {
    ...row,
    measured: `${row.measured}; a bare loop ${amount(bare)}`,
    checks: [...row.checks, { value: ours.ms / bare.ms, goal: bareGoal, unit: "× a bare loop" }],
  };
}

export function amount({ ms, mb, cpu }: Sample): string {
  const processor = cpu === undefined ? "" : ` (processor ${cpu.toFixed(0)} ms)`;
  return `${ms.toFixed(0)} ms${processor}${mb === undefined ? "" : `, ${mb.toFixed(0)} MB`}`;
}

export function holds({ checks }: Row): boolean {
  return checks.every(({ value, goal }) => value <= goal);
}

export function describe(row: Row): string {
  const checks = row.checks.map(({ value, goal, unit }) => `${short(value)}${unit} (goal ${short(goal)})`);
  const figures = [row.measured, ...checks].filter((figure) => figure !== "");
  return `${holds(row) ? "✓" : "✗"} ${row.work}: ${figures.join("; ")}`;
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(value < 100 ? 2 : 0);
}
