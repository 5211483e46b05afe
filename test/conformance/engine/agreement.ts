import { appendFileSync, existsSync, readFileSync } from "node:fs";
import path from "node:path";

interface Outcome {
  name: string;
  agrees: boolean;
  /** A difference in it must stay, and has its reason in docs/sandbox.md. */
  explained: boolean;
}

const fileIn = (directory: string) => path.join(directory, "scenarios.jsonl");

/** Notes what came of a scenario, for the last line of the run. */
export function noteOutcome(directory: string, outcome: Outcome): void {
  appendFileSync(fileIn(directory), `${JSON.stringify(outcome)}\n`);
}

/** `64 of 66 scenarios agree, 2 explained`; undefined where none was played. Of one played again the last time counts. */
export function agreement(directory: string): string | undefined {
  const file = fileIn(directory);
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, "utf8").trim().split("\n");
  const outcomes = new Map(lines.map((line) => JSON.parse(line) as Outcome).map((each) => [each.name, each]));
  const count = (is: (outcome: Outcome) => boolean) => [...outcomes.values()].filter(is).length;
  const agree = count(({ agrees, explained }) => agrees && !explained);
  const explained = count((outcome) => outcome.agrees && outcome.explained);
  return `${agree} of ${outcomes.size} scenarios agree, ${explained} explained`;
}
