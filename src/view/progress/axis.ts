import { cellAt, type Scale } from "./bars.js";

/** Distances between labels that people count in, in seconds. */
const steps = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800],
];
/** Cells between the beginnings of two labels, at least. */
const apart = 8;

/** The labels of a time axis, each beginning at its moment: `0 s            30 s`. */
export function axisLine(scale: Scale): string {
  const perSecond = scale.seconds > 0 ? (scale.width - 1) / scale.seconds : 0;
  const step = steps.find((seconds) => seconds * perSecond >= apart) ?? 86_400;
  let line = "";
  for (let index = 0; index * step <= scale.seconds; index += 1) {
    const label = labelOf(index * step, step, scale.seconds);
    const at = cellAt(index * step, scale);
    if (at + label.length > scale.width && index > 0) break;
    line = line.padEnd(at) + label;
    if (perSecond === 0) break;
  }
  return line;
}

function labelOf(moment: number, step: number, whole: number): string {
  if (moment > 0 && whole >= 7_200 && moment % 3_600 === 0) return `${moment / 3_600} h`;
  if (moment > 0 && whole >= 120 && moment % 60 === 0) return `${moment / 60} min`;
  return `${step < 1 && moment > 0 ? moment.toFixed(1) : moment} s`;
}
