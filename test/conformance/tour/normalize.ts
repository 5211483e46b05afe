import type { Ran } from "../support/side.js";
import type { CommandLine } from "./section.js";

/** What is different by chance on any two clusters: in order, each makes the next simpler. */
const chance: readonly [RegExp, string][] = [
  [/(containerd:\/\/)[0-9a-f]{64}/g, "$1<id>"],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uid>"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "<time>"],
  [/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d{4}/g, "<time>"],
  [/\b\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, "<time>"],
  [/\b[EWI]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ (\w+\.go:\d+\])/g, "<log> $1"],
  [/https?:\/\/127\.0\.0\.1:\d+/g, "<server>"],
  [/127\.0\.0\.1:\d+/g, "<address>"],
  [/\b(?:10|192)\.\d+\.\d+\.\d+\b/g, "<ip>"],
  [/\bkubectl-edit-\d+/g, "kubectl-edit-<n>"],
  [/\b(LIVE|MERGED)-\d+/g, "$1-<n>"],
  // `web-0.18a2f0c1d2e3f4a5`, an event.
  [/\.[0-9a-f]{15,16}\b/g, ".<event>"],
  [/("?resource ?Version"?: *)"?\d+"?/gi, "$1<version>"],
  [/(resource version to be \d+, was )\d+/g, "$1<version>"],
  [/(ResourceVersion in object meta: )\d+/g, "$1<version>"],
  // How often something was said again is a matter of time.
  [/ \(x\d+ over <age>\)/g, ""],
  [/\b3[0-2]\d{3}(?=\/(TCP|UDP))/g, "<node port>"],
  [/(nodePort"?: )\d+/g, "$1<node port>"],
  [/(NodePort:.*\s)3[0-2]\d{3}/g, "$1<node port>"],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, "<token>"],
];

const ages = ["AGE", "LAST SEEN", "FIRST SEEN", "Age"];

/** The answer of one command as it is compared. */
export function normalize({ code, stdout, stderr }: Ran, line: CommandLine): Ran {
  const only = new RegExp(line.only ?? "");
  const kept = rowsOf(stdout, line).filter((row) => row === "" || only.test(row));
  return { code, stdout: kept.join("\n"), stderr: rowsOf(stderr, line).join("\n") };
}

function rowsOf(raw: string, line: CommandLine): string[] {
  const told = [...chance, ...hidden(line)].reduce(
    (so, [what, name]) => so.replace(what, name),
    hideAges(raw),
  );
  // Columns are as wide as what was in them.
  const narrow = told
    .replace(/(\S) {2,}/g, "$1  ")
    .replace(/ +$/gm, "")
    .replace(/-{2,}/g, "---");
  const rows = narrow.split("\n").filter((row) => !line.except || !new RegExp(line.except).test(row));
  if (line.unordered) rows.sort();
  return line.distinct ? [...new Set(rows)] : rows;
}

function hidden({ hide = [], run }: CommandLine): [RegExp, string][] {
  const ageless = / (--no-headers|-w)\b/.test(run) ? [String.raw`(<age>|(\d+[smh])+)$`] : [];
  return [...hide, ...ageless].map((pattern) => [new RegExp(pattern, "gm"), "<hidden>"]);
}

/** Ages are told by the head of their column: a `5s` anywhere else is compared. */
function hideAges(text: string): string {
  let at = -1;
  let end = -1;
  const lines = text.split("\n").map((line) => {
    const heads = ages.map((age) => new RegExp(`(?:^|\\s)${age}(?=\\s|$)`).exec(line));
    const head = heads.find((found) => found !== null);
    if (head) {
      at = head.index + (/^\s/.test(head[0]) ? 1 : 0);
      const rest = line.slice(at + head[0].trim().length);
      end = rest.trim() === "" ? Number.MAX_SAFE_INTEGER : at + head[0].trim().length + rest.search(/\S/);
      return line;
    }
    if (at >= 0 && /^\s*$/.test(line)) at = -1;
    if (at < 0 || line.length <= at || (at > 0 && !/\s/.test(line.charAt(at - 1)))) return line;
    const cell = line.slice(at, end);
    const age = cell
      .replace(/^(<invalid>|(\d+[smhdy])+)/, "<age>")
      .replace(/over (\d+[smhdy])+/, "over <age>");
    return line.slice(0, at) + age + line.slice(end);
  });
  return lines.join("\n");
}
