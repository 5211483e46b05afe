import { UsageError } from "../errors.js";
import { envNameProblem } from "../manifest/names.js";
import type { StatefulSet } from "../model.js";
import { sameJson } from "../equal.js";
import { containersPatch, selectContainers, type Container, type TemplateContainer } from "./containers.js";

export type EnvVar = NonNullable<Container["env"]>[number];
type EnvSource = NonNullable<EnvVar["valueFrom"]>;

/** Variables to set, by a value or by where it comes from, and names of those to remove. */
export interface EnvChange {
  variables: readonly EnvVar[];
  removed: readonly string[];
}

/** Reads `KEY=VALUE` and `KEY-`, as `kubectl set env` takes them. Throws a UsageError. */
export function parseEnvChange(words: readonly string[]): EnvChange {
  const variables: EnvVar[] = [];
  const removed: string[] = [];
  for (const word of words) {
    const split = word.indexOf("=");
    const name = split < 0 ? word.slice(0, -1) : word.slice(0, split);
    if (split < 0 && !word.endsWith("-")) {
      throw new UsageError(`"${word}" is not KEY=VALUE, nor KEY- to remove it`);
    }
    const problem = name === "" ? "is empty" : envNameProblem(name);
    if (problem) throw new UsageError(`"${name}" as the name of a variable ${problem}`);
    if (split < 0) removed.push(name);
    else variables.push({ name, value: word.slice(split + 1) });
  }
  const names = [...variables.map(({ name }) => name), ...removed];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new UsageError(`${twice} is given twice`);
  return { variables, removed };
}

/**
 * What a strategic merge patch has to say below `spec.template`: the variables that change, in the containers that
 * `pattern` means. Undefined when none does. Throws a UsageError where it means none.
 */
export function envPatch(set: StatefulSet, pattern: string, change: EnvChange): object | undefined {
  const selected = selectContainers(set, pattern).map(({ container }) => container.name);
  return containersPatch(set, ({ container }) =>
    selected.includes(container.name) ? listPatch(container.env ?? [], change) : undefined,
  );
}

/** The variables as the change leaves them: those that stay where they were, then the new ones (`updateEnv`). */
function changedEnv(before: readonly EnvVar[], { variables, removed }: EnvChange): EnvVar[] {
  const wanted = new Map(variables.map((variable) => [variable.name, variable]));
  const kept = before.filter(({ name }) => !removed.includes(name));
  const known = new Set(kept.map(({ name }) => name));
  return [
    ...kept.map((variable) => wanted.get(variable.name) ?? variable),
    ...variables.filter(({ name }) => !known.has(name)),
  ];
}

/**
 * The order is sent with it: a variable may refer to one above it (`$(NAME)`), and without it new ones would come first.
 * A name that is there twice cannot be merged by name, so such a list is replaced as a whole.
 */
function listPatch(before: readonly EnvVar[], change: EnvChange): object | undefined {
  const after = changedEnv(before, change);
  const names = after.map(({ name }) => name);
  const isSame = after.length === before.length && after.every((one, index) => isEqual(one, before[index]));
  if (isSame) return undefined;
  const unique = new Map(after.map((variable) => [variable.name, variable]));
  if (new Set(before.map(({ name }) => name)).size < before.length) {
    return { env: [...unique.values(), { $patch: "replace" }] };
  }
  const gone = before.filter(({ name }) => !names.includes(name));
  const changed = after.flatMap((variable) => {
    const old = before.find(({ name }) => name === variable.name);
    return isEqual(variable, old) ? [] : [variablePatch(variable, old)];
  });
  return {
    env: [...gone.map(({ name }) => ({ name, $patch: "delete" })), ...changed],
    "$setElementOrder/env": names.map((name) => ({ name })),
  };
}

/** The API leaves an empty value out. */
function isEqual(left: EnvVar, right: EnvVar | undefined): boolean {
  if (right === undefined || left.name !== right.name) return false;
  return (left.value ?? "") === (right.value ?? "") && sameJson(left.valueFrom, right.valueFrom);
}

/** A value takes the place of a source and the other way round: the API refuses both at once. */
function variablePatch({ name, value, valueFrom }: EnvVar, old: EnvVar | undefined): object {
  if (!valueFrom) return { name, value, ...(old?.valueFrom && { valueFrom: null }) };
  const replaced = old?.valueFrom ? { ...valueFrom, $patch: "replace" } : valueFrom;
  return { name, ...(old?.value && { value: null }), valueFrom: replaced };
}

/** `LOG_LEVEL set, OLD removed`: the names only, as a value may be nobody's business. */
export function describeEnvChange({ variables, removed }: EnvChange): string {
  const names = variables.map(({ name }) => name).join(", ");
  return [names && `${names} set`, removed.length > 0 && `${removed.join(", ")} removed`]
    .filter(Boolean)
    .join("; ");
}

/** The variables of a container as `kubectl set env --list` prints them; sources are comments. */
export function envLines(set: string, { container }: TemplateContainer, change: EnvChange): string[] {
  return [
    `# StatefulSet ${set}, container ${container.name}`,
    ...changedEnv(container.env ?? [], change).map(({ name, value = "", valueFrom }) =>
      valueFrom ? `# ${name} from ${describeSource(valueFrom)}` : `${name}=${value}`,
    ),
  ];
}

function describeSource(source: EnvSource): string {
  const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef } = source;
  if (configMapKeyRef) return `configmap ${configMapKeyRef.name ?? ""}, key ${configMapKeyRef.key}`;
  if (secretKeyRef) return `secret ${secretKeyRef.name ?? ""}, key ${secretKeyRef.key}`;
  if (fieldRef) return `field path ${fieldRef.fieldPath}`;
  if (resourceFieldRef) {
    const { containerName, resource } = resourceFieldRef;
    return `resource field ${containerName ? `${containerName}/` : ""}${resource}`;
  }
  const [kind] = Object.keys(source);
  return kind ?? "nowhere";
}
