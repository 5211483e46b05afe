import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";

/** One kubectl command, and what of its answer is not compared. */
export interface CommandLine {
  /** As typed after `kubectl`; words are split as by a shell. `$NS` is the section's namespace, here and in files. */
  run: string;
  stdin?: string;
  /** For `edit`: a script of sh that changes the file in `$1`. */
  editor?: string;
  /** The order of its lines is not the server's: that of goroutines of kubectl, or of events of one second. */
  unordered?: boolean;
  /** Lines that say the same several times count once: how often a controller writes a status is its own affair. */
  distinct?: boolean;
  /** It never ends by itself (`-w`): these lines run beside it, and it is ended when its stdout matches `seen`. */
  during?: Line[];
  seen?: string;
  /** Tried again until its stdout matches: for what kubectl shows of several objects at once. */
  again?: string;
  /** A regular expression of the lines of stdout that are compared: the rows of what both clusters have. */
  only?: string;
  /** One of the lines, of either stream, that are not compared. */
  except?: string;
  /** Regular expressions of what differs by chance, besides what `normalize.ts` knows. */
  hide?: string[];
  /** The releases it is for; all when left out. */
  versions?: string[];
  /** Why the outputs have to differ; then only the exit codes are compared. When they agree that is a failure. */
  differs?: string;
}

/** Waits for a state, without a word of kubectl. */
interface WaitLine {
  until: Wait;
}

/** All that is given has to be so. */
export interface Wait {
  /** A StatefulSet whose status says that it is what its spec asks for. */
  settled?: string;
  /** `pods/web-0`, with `is`. */
  get?: string;
  /** Values by path (`status.phase`), or `gone`. */
  is?: "gone" | Record<string, unknown>;
  /** How many objects have events of a reason, in the section's namespace: `{SuccessfulCreate: 2}`. */
  events?: Record<string, number>;
}

export type Line = CommandLine | WaitLine;

/** A part of the tour: lines in order, in a namespace of their own. */
export interface Section {
  name: string;
  about: string;
  /** By name; they lie where the commands run. */
  files: Record<string, string>;
  lines: Line[];
}

const known = new Set([
  ...["run", "stdin", "editor", "unordered", "distinct", "during", "seen", "again"],
  ...["only", "except", "hide", "versions", "differs", "until"],
]);

/** Reads every section beside this file. Throws for what is no line. */
export function readSections(): Section[] {
  const directory = import.meta.dirname;
  const names = readdirSync(directory).filter((file) => file.endsWith(".yaml"));
  return names.sort().map((file) => {
    const { about, files, lines } = parse(readFileSync(path.join(directory, file), "utf8")) as Section;
    return { name: path.basename(file, ".yaml"), about, files: files ?? {}, lines: lines.map(toLine) };
  });
}

/** A bare string is a command. */
function toLine(line: string | Line): Line {
  if (typeof line === "string") return { run: line };
  const [stranger] = Object.keys(line).filter((key) => !known.has(key));
  if (stranger !== undefined)
    throw new Error(`a line of the tour has no ${stranger}: ${JSON.stringify(line)}`);
  return "during" in line && line.during ? { ...line, during: line.during.map(toLine) } : line;
}

/** The words of a command line: quotes keep words together, a backslash takes what follows as it is. */
export function words(text: string): string[] {
  const found: string[] = [];
  for (const [word] of text.matchAll(/(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+/gs)) {
    found.push(
      word.replace(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/gs, (_, single, double, escaped) =>
        String(single ?? double?.replace(/\\(["\\])/g, "$1") ?? escaped),
      ),
    );
  }
  return found;
}
