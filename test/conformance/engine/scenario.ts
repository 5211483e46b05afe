import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";

/** One verb and what it is told, as in `{ scale: 5 }`; the verbs are in `steps.ts`. */
export type Step = string | Record<string, unknown>;

/** What two clusters are to do alike: see `scenarios/README.md`. */
export interface Scenario {
  name: string;
  /** What it shows of Kubernetes, in words. */
  rule: string;
  /** The releases it is about, where it is not about all: `["1.37"]`. */
  versions?: string[];
  /** The scenario is played once for each row, with the row's values for `$name` in any text. */
  rows?: Record<string, string | number | object>[];
  /** Objects that are there before the first step. */
  given?: Record<string, unknown>[];
  steps: Step[];
  /**
   * How much the order of creations and deletions says. `strict`: all of it; `batches`: runs of the same kind are sorted;
   * `each`: only what became of each name. Left out: `strict`, and `batches` for Parallel sets and those being deleted.
   */
  order?: "strict" | "batches" | "each";
  /** It changes what all scenarios have in common (nodes, a default class), and leaves it as it was: no other runs meanwhile. */
  alone?: boolean;
  /** Components whose events are compared too, by object and reason: `default-scheduler`. */
  events?: string[];
  /** Differences that must stay: a path into the trace each (`*` for any one name), and the reason that docs/sandbox.md gives. */
  differs?: { where: string; why: string }[];
}

const fields = ["name", "rule", "versions", "rows", "given", "steps", "order", "events", "differs", "alone"];

/** The scenarios of every YAML file of a folder, by the file's name without its ending. */
export function loadScenarios(folder: string): [theme: string, scenarios: Scenario[]][] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".yaml"));
  return files.sort().map((file) => {
    const written = parse(readFileSync(path.join(folder, file), "utf8"), { merge: true }) as Scenario[];
    const scenarios = written.flatMap(perRow);
    for (const scenario of scenarios) check(file, scenario);
    return [path.basename(file, ".yaml"), scenarios];
  });
}

function check(file: string, scenario: Scenario): void {
  const where = `${file}: ${scenario.name}`;
  if (!scenario.name || !scenario.rule) throw new Error(`${where}: a scenario has a name and a rule`);
  const unknown = Object.keys(scenario).find((field) => !fields.includes(field));
  if (unknown) throw new Error(`${where}: there is no field ${unknown}`);
  for (const step of scenario.steps) verbOf(step);
}

/** Splits a step. Throws where it has not exactly one verb. */
export function verbOf(step: Step): [verb: string, argument: unknown] {
  if (typeof step === "string") return [step, undefined];
  const [entry, ...more] = Object.entries(step);
  if (!entry || more.length > 0) throw new Error(`a step has one verb: ${JSON.stringify(step)}`);
  return entry;
}

/** The scenario with every `$NS` in it replaced by the name of its namespace. */
export function inNamespace(scenario: Scenario, namespace: string): Scenario {
  return JSON.parse(JSON.stringify(scenario).replaceAll("$NS", namespace)) as Scenario;
}

function perRow(scenario: Scenario): Scenario[] {
  const { rows, ...rest } = scenario;
  if (!rows) return [scenario];
  return rows.map((row) => {
    const said = Object.entries(row).map(([name, value]) => `${name} ${plainText(value)}`);
    return { ...(substitute(rest, row) as Scenario), name: `${scenario.name}: ${said.join(", ")}` };
  });
}

/** A text that is nothing but `$name` becomes the value itself, whatever it is. */
function substitute(part: unknown, row: Record<string, string | number | object>): unknown {
  if (typeof part === "string") {
    if (part.startsWith("$") && part.slice(1) in row) return row[part.slice(1)];
    const name = (text: string, key: string) => (key in row ? plainText(row[key]) : text);
    return part.replaceAll(/\$(\w+)/g, name);
  }
  if (Array.isArray(part)) return part.map((each: unknown) => substitute(each, row));
  if (typeof part !== "object" || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [substitute(key, row), substitute(value, row)]),
  );
}

function plainText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
