/** Lines around a change that a diff shows. */
const context = 3;

/** The difference of two values as the API prints it below some of its texts: a unified diff of their JSON, one space deep. */
export function specDiff(before: unknown, after: unknown): string {
  const [a, b] = [before, after].map((value) => JSON.stringify(value, null, 1).split("\n")) as [
    string[],
    string[],
  ];
  const lines = align(a, b);
  const changed = lines.flatMap(({ sign }, at) => (sign === " " ? [] : [at]));
  let text = "";
  for (let first = 0; first < changed.length;) {
    let last = first;
    while ((changed[last + 1] ?? Infinity) - (changed[last] ?? 0) <= 2 * context) last++;
    text += hunk(lines, Math.max(0, (changed[first] ?? 0) - context), (changed[last] ?? 0) + context + 1);
    first = last + 1;
  }
  return text;
}

interface Line {
  sign: " " | "-" | "+";
  text: string;
}

function hunk(lines: Line[], from: number, to: number): string {
  const shown = lines.slice(from, to);
  const range = (sign: "-" | "+"): string => {
    const mine = ({ sign: one }: Line): boolean => one === " " || one === sign;
    return `${sign}${lines.slice(0, from).filter(mine).length + 1},${shown.filter(mine).length}`;
  };
  return `@@ ${range("-")} ${range("+")} @@\n${shown.map(({ sign, text }) => `${sign}${text}\n`).join("")}`;
}

/** Both lists in one, by their longest common subsequence; what is gone comes before what is new. */
function align(a: string[], b: string[]): Line[] {
  const common = commonLengths(a, b);
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && left === right) {
      lines.push({ sign: " ", text: left });
      i++;
      j++;
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ sign: "-", text: left });
      i++;
    } else {
      lines.push({ sign: "+", text: right ?? "" });
      j++;
    }
  }
  return lines;
}

/** How many lines the rests of `a` from i and of `b` from j have in common. */
function commonLengths(a: string[], b: string[]): number[][] {
  const lengths = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0));
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) {
      const row = lengths[i];
      if (row) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  return lengths;
}
