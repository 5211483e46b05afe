import { UsageError } from "./errors.js";
import { labelKeyProblem, labelValueProblem } from "./manifest/names.js";

/** One condition on labels; a selector is met when all of its conditions are. */
export interface Requirement {
  key: string;
  operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";
  values: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;

/** The form that selectors have inside objects (`spec.selector` of a StatefulSet). */
export interface LabelSelector {
  matchLabels?: Labels;
  matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
}

/** The forms of one condition; group 1 is the key, group 2 the value or values. */
const forms: readonly (readonly [Requirement["operator"], RegExp])[] = [
  ["DoesNotExist", /^!\s*([^\s=!<>(),]+)$/],
  ["In", /^([^\s=!<>(),]+)\s+in\s*\(([^()]*)\)$/],
  ["NotIn", /^([^\s=!<>(),]+)\s+notin\s*\(([^()]*)\)$/],
  ["NotIn", /^([^\s=!<>(),]+)\s*!=\s*([^\s=!<>(),]*)$/],
  ["In", /^([^\s=!<>(),]+)\s*==?\s*([^\s=!<>(),]*)$/],
  ["Gt", /^([^\s=!<>(),]+)\s*>\s*(-?\d+)$/],
  ["Lt", /^([^\s=!<>(),]+)\s*<\s*(-?\d+)$/],
  ["Exists", /^([^\s=!<>(),]+)$/],
];

/**
 * Reads a label selector as `-l` takes it: `app=web,tier!=test,env in (a,b),!legacy`. Throws a UsageError that
 * names the part it could not read.
 */
export function parseSelector(text: string): Requirement[] {
  const parts = text.split(/,(?![^()]*\))/).map((part) => part.trim());
  if (parts.length === 1 && parts[0] === "") return [];
  return parts.map((part) => parseRequirement(part, text));
}

function parseRequirement(part: string, whole: string): Requirement {
  for (const [operator, form] of forms) {
    const [, key, values] = form.exec(part) ?? [];
    if (key === undefined) continue;
    return checked({ key, operator, values: values?.split(",").map((value) => value.trim()) ?? [] }, whole);
  }
  throw new UsageError(
    `"${whole}" is not a label selector: cannot read "${part}"; write for example app=web,tier!=test,env in (a,b),!old`,
  );
}

function checked(requirement: Requirement, whole: string): Requirement {
  const problem = labelKeyProblem(requirement.key);
  if (problem)
    throw new UsageError(`"${whole}" is not a label selector: key "${requirement.key}" ${problem}`);
  for (const value of requirement.values) {
    const wrong = ["Gt", "Lt"].includes(requirement.operator) ? undefined : labelValueProblem(value);
    if (wrong) throw new UsageError(`"${whole}" is not a label selector: value "${value}" ${wrong}`);
  }
  return requirement;
}

/** The conditions of a selector that stands in an object. No selector at all matches nothing: see `selects`. */
export function requirementsOf(selector: LabelSelector): Requirement[] {
  const labels = Object.entries(selector.matchLabels ?? {});
  return [
    ...labels.map(([key, value]): Requirement => ({ key, operator: "In", values: [value] })),
    ...(selector.matchExpressions ?? []).map(({ key, operator, values }) => ({
      key,
      operator: operator as Requirement["operator"],
      values: values ?? [],
    })),
  ];
}

/** The text that `parseSelector` reads, for `-l` and for a URL. */
export function formatSelector(requirements: readonly Requirement[]): string {
  return requirements.map(formatRequirement).join(",");
}

function formatRequirement({ key, operator, values }: Requirement): string {
  const [first = ""] = values;
  if (operator === "Exists") return key;
  if (operator === "DoesNotExist") return `!${key}`;
  if (operator === "Gt") return `${key}>${first}`;
  if (operator === "Lt") return `${key}<${first}`;
  if (operator === "In") return values.length === 1 ? `${key}=${first}` : `${key} in (${values.join(",")})`;
  return values.length === 1 ? `${key}!=${first}` : `${key} notin (${values.join(",")})`;
}

/** Whether labels meet every condition (`labels.Selector.Matches`: `!=` and `notin` are met by an absent label). */
export function matches(requirements: readonly Requirement[], labels: Labels | undefined): boolean {
  return requirements.every((requirement) => meets(requirement, labels?.[requirement.key]));
}

function meets({ operator, values }: Requirement, label: string | undefined): boolean {
  if (operator === "Exists") return label !== undefined;
  if (operator === "DoesNotExist") return label === undefined;
  if (operator === "NotIn") return label === undefined || !values.includes(label);
  if (label === undefined) return false;
  if (operator === "In") return values.includes(label);
  const [left, right] = [Number(label), Number(values[0])];
  return /^-?\d+$/.test(label) && (operator === "Gt" ? left > right : left < right);
}

/** Whether the selector in an object selects something with these labels; an absent one selects nothing. */
export function selects(selector: LabelSelector | undefined, labels: Labels | undefined): boolean {
  return selector !== undefined && matches(requirementsOf(selector), labels);
}
