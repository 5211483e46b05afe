/** `LabelSelector` of meta/v1, as objects hold it. */
export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

export interface Requirement {
  key: string;
  operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";
  values: string[];
}

/** True when `labels` satisfy a requirement of a selector (apimachinery's labels.Requirement). */
export function meets(
  labels: Readonly<Record<string, string>>,
  { key, operator, values }: Requirement,
): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Gt":
      return value !== undefined && Number(value) > Number(values[0]);
    case "Lt":
      return value !== undefined && Number(value) < Number(values[0]);
  }
}

function requirementsOf({ matchLabels = {}, matchExpressions = [] }: LabelSelector): Requirement[] {
  const labels = Object.entries(matchLabels).map(([key, value]) => ({
    key,
    operator: "In" as const,
    values: [value],
  }));
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => ({
    key,
    operator: operator as Requirement["operator"],
    values,
  }));
  return [...labels, ...expressions];
}

/** True when `labels` satisfy an object's selector; an empty one selects all. */
export function selects(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  return requirementsOf(selector).every((requirement) => meets(labels, requirement));
}

/** A selector as a string of the API, keys in order: `app=web,tier in (a,b)`. */
export function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.entries(matchLabels).map(([key, value]) => ({ key, text: `${key}=${value}` }));
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === "Exists") return { key, text: key };
    if (operator === "DoesNotExist") return { key, text: `!${key}` };
    return { key, text: `${key} ${operator.toLowerCase()} (${[...values].sort().join(",")})` };
  });
  const words = [...labels, ...expressions].sort((one, other) =>
    one.key < other.key ? -1 : Number(one.key > other.key),
  );
  return words.map(({ text }) => text).join(",");
}
