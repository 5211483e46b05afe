export type Labels = Readonly<Record<string, string>>;

/** What labels, or the fields of a node, have to be (`LabelSelectorRequirement` and `NodeSelectorRequirement`). */
export interface Requirement {
  key: string;
  /** `In`, `NotIn`, `Exists`, `DoesNotExist`; of nodes and in URLs `Gt` and `Lt`, too. */
  operator: string;
  values?: readonly string[];
}

/** `LabelSelector` of meta/v1, as objects hold it. */
export interface LabelSelector {
  matchLabels?: Labels;
  matchExpressions?: readonly Requirement[];
}

/** Whether a selector of an object selects these labels; an empty one selects all, a missing one nothing. */
export function selects(selector: LabelSelector | undefined, labels: Labels = {}): boolean {
  if (!selector) return false;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    meets(labels, matchExpressions)
  );
}

/** Whether labels meet all of the requirements, as apimachinery's labels.Requirement reads each of them. */
export function meets(labels: Labels, requirements: readonly Requirement[]): boolean {
  return requirements.every((requirement) => {
    const { key } = requirement;
    return isMet(requirement, Object.hasOwn(labels, key) ? labels[key] : undefined);
  });
}

function isMet({ operator, values = [] }: Requirement, value: string | undefined): boolean {
  if (operator === "DoesNotExist") return value === undefined;
  if (operator === "NotIn") return value === undefined || !values.includes(value);
  if (value === undefined) return false;
  if (operator === "Gt") return Number(value) > Number(values[0]);
  if (operator === "Lt") return Number(value) < Number(values[0]);
  return operator === "Exists" || values.includes(value);
}

/** A selector as a string of the API, keys in order: `app=web,tier in (a,b)`. */
export function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.entries(matchLabels).map(([key, value]) => ({ key, text: `${key}=${value}` }));
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === "Exists") return { key, text: key };
    if (operator === "DoesNotExist") return { key, text: `!${key}` };
    return { key, text: `${key} ${operator.toLowerCase()} (${values.toSorted().join(",")})` };
  });
  const words = [...labels, ...expressions].sort((one, other) =>
    one.key < other.key ? -1 : Number(one.key > other.key),
  );
  return words.map(({ text }) => text).join(",");
}
