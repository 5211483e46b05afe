import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { eventually } from "../../support/eventually.js";
import type { Ran, Side } from "../support/side.js";
import { normalize } from "./normalize.js";
import { words, type CommandLine, type Line, type Section } from "./section.js";
import { patience, until } from "./until.js";

/** Where a section runs. */
export interface Place {
  namespace: string;
  /** Files of the section are written into it: the same for both clusters, as kubectl names them in its answers. */
  directory: string;
  /** `1.37` */
  kubernetesVersion: string;
}

/** What came of one line, made comparable. */
export interface Step {
  line: CommandLine;
  ran: Ran;
}

/** Runs a section on one cluster, to its end or to the first wait that is in vain, which is its last step then. */
export async function runSection(side: Side, section: Section, place: Place): Promise<Step[]> {
  const steps: Step[] = [];
  try {
    await runLines(side, section.lines, place, steps);
  } catch (error) {
    const { message, cause } = error as Error;
    const stderr = `${message} (${String(cause)})`;
    steps.push({ line: { run: "(wait)" }, ran: { code: -1, stdout: "", stderr } });
  }
  return steps;
}

/** Writes the files of a section. */
export function writeFiles(section: Section, place: Place): void {
  mkdirSync(place.directory, { recursive: true });
  for (const [name, text] of Object.entries(section.files)) {
    const file = path.join(place.directory, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, inNamespace(text, place));
  }
}

async function runLines(side: Side, lines: Line[], place: Place, steps: Step[]): Promise<void> {
  for (const line of lines) {
    if ("until" in line) {
      await until(side, place.namespace, line.until);
    } else if (!line.versions || line.versions.includes(place.kubernetesVersion)) {
      const ran = line.again ? await untilItSays(side, line, place) : await runLine(side, line, place, steps);
      steps.push({ line, ran: normalize(ran, line) });
    }
  }
}

async function runLine(side: Side, line: CommandLine, place: Place, steps: Step[]): Promise<Ran> {
  const ended = new AbortController();
  let seen = "";
  const { stdin, editor, during } = line;
  const ran = side.kubectl(
    place.namespace,
    words(inNamespace(line.run, place)),
    stdin && inNamespace(stdin, place),
    {
      cwd: place.directory,
      signal: ended.signal,
      onOutput: (piece) => (seen += piece),
      ...(editor !== undefined && { env: { KUBE_EDITOR: editorOf(editor, place) } }),
    },
  );
  if (during) {
    const first = new RegExp("\n");
    await eventually(
      `${side.name}: the first output of ${line.run}`,
      () => first.test(seen) || undefined,
      patience,
    );
    await runLines(side, during, place, steps);
    const last = new RegExp(line.seen ?? "", "m");
    await eventually(
      `${side.name}: ${String(last)} in ${seen}`,
      () => last.test(seen) || undefined,
      patience,
    );
    ended.abort();
  }
  return ran;
}

/** Reads again: there are states of several objects that only kubectl's own view shows at once. */
async function untilItSays(side: Side, line: CommandLine, place: Place): Promise<Ran> {
  let ran: Ran | undefined;
  const wanted = new RegExp(line.again ?? "", "m");
  await eventually(
    `${side.name}: ${line.run} says ${String(wanted)}`,
    async () => {
      ran = await runLine(side, line, place, []);
      if (wanted.test(ran.stdout)) return true;
      throw new Error(`${ran.stdout}${ran.stderr}`);
    },
    { ...patience, interval: 200 },
  );
  if (!ran) throw new Error("it was never run");
  return ran;
}

/** kubectl calls the editor with the file as its last word. */
function editorOf(script: string, { directory }: Place): string {
  const file = path.join(directory, `editor-${Buffer.from(script).toString("hex").slice(0, 60)}.sh`);
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
  return file;
}

function inNamespace(text: string, { namespace }: Place): string {
  return text.replaceAll("$NS", namespace);
}
