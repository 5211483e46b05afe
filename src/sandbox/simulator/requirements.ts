/** What stands against a node, in the scheduler's words. */
export interface Misfit {
  reasons: string[];
  /** True where removing other pods could help, which decides on what is said of preemption. */
  preemptible: boolean;
}

/** One of a selector's `matchExpressions`. */
export interface Requirement {
  key: string;
  operator: string;
  values?: string[];
}

export function meets(requirements: readonly Requirement[], labels: Record<string, string>): boolean {
  return requirements.every(({ key, operator, values = [] }) => {
    const value = labels[key];
    if (operator === "Exists") return value !== undefined;
    if (operator === "DoesNotExist") return value === undefined;
    if (operator === "Gt") return Number(value) > Number(values[0]);
    if (operator === "Lt") return Number(value) < Number(values[0]);
    const listed = value !== undefined && values.includes(value);
    return operator === "In" ? listed : !listed;
  });
}
