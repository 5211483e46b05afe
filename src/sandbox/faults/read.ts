import type { SandboxKind } from "../kinds/kind.js";
import { badRequest, qualifiedResource } from "../store/status.js";
import {
  errorCodes,
  faultBounds,
  faultNames,
  faultTypes,
  faultVerbs,
  type FaultName,
  type FaultOption,
  type FaultSpec,
} from "./types.js";

/** The option of the command that each field comes from. */
const fields = {
  verbs: "verb",
  resources: "resource",
  every: "every",
  count: "count",
  forMilliseconds: "for",
  retryAfterSeconds: "retry-after",
  code: "code",
} as const satisfies Partial<Record<keyof FaultSpec, FaultOption>>;

/** Reads a fault that somebody asks for over HTTP. Throws the API's 400 for anything that is none. */
export function readFault(text: string, kinds: readonly SandboxKind[]): FaultSpec {
  const given = parse(text);
  const type = faultNames.find((name) => name === given["type"]);
  if (!type) throw badRequest(`type: one of ${faultNames.join(", ")} is needed`);
  const spec: FaultSpec = { type, ...readValue(type, given) };
  const { options } = faultTypes[type];
  for (const field of Object.keys(given)) {
    const option = (fields as Record<string, FaultOption | undefined>)[field];
    const known = option ? options.includes(option) : field in spec;
    if (!known) throw badRequest(`${field}: ${type} has no such field`);
  }
  return {
    ...spec,
    verbs: words(given, "verbs", (verb) => checkVerb(type, verb)),
    resources: words(given, "resources", (name) => findResource(name, kinds)),
    every: whole(given, "every", faultBounds.every),
    count: whole(given, "count", faultBounds.count),
    forMilliseconds: whole(given, "forMilliseconds", faultBounds.for),
    retryAfterSeconds: whole(given, "retryAfterSeconds", faultBounds.retryAfterSeconds),
    code: oneOf(given, "code", errorCodes),
  };
}

type Given = Readonly<Record<string, unknown>>;

function parse(text: string): Given {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Given;
  } catch {
    // No JSON: the same answer.
  }
  throw badRequest("the body must be an object of JSON");
}

function readValue(type: FaultName, given: Given): Pick<FaultSpec, "milliseconds" | "node"> {
  if (type === "latency" || type === "away") {
    const milliseconds = whole(given, "milliseconds", faultBounds[type]);
    if (milliseconds === undefined) throw badRequest(`milliseconds: ${type} needs it`);
    return { milliseconds };
  }
  if (!faultTypes[type].value) return {};
  const { node } = given;
  if (typeof node !== "string" || node === "") throw badRequest(`node: ${type} needs the name of one`);
  return { node };
}

function whole(given: Given, field: string, { min, max }: { min: number; max: number }): number | undefined {
  const value = given[field];
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
  throw badRequest(`${field}: a whole number from ${min} to ${max} is needed`);
}

function oneOf(given: Given, field: string, choices: readonly number[]): number | undefined {
  const value = given[field];
  if (value === undefined) return undefined;
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw badRequest(`${field}: one of ${choices.join(", ")} is needed`);
  return found;
}

function words(given: Given, field: string, check: (word: string) => string): string[] | undefined {
  const value = given[field];
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every((word) => typeof word === "string"))
    throw badRequest(`${field}: a list of words is needed`);
  return value.length === 0 ? undefined : value.map(check);
}

function checkVerb(type: FaultName, verb: string): string {
  const known: readonly string[] = type === "conflict" ? ["update", "patch"] : faultVerbs;
  if (known.includes(verb)) return verb;
  throw badRequest(`"${verb}" is no verb that ${type} can fall upon: ${known.join(", ")}`);
}

/** `sts`, `statefulset`, `statefulsets.apps` and the like as the API's paths have it, with its subresource if any. */
function findResource(word: string, kinds: readonly SandboxKind[]): string {
  const [name = "", subresource] = word.toLowerCase().split("/");
  const kind = kinds.find((one) =>
    [one.resource, one.singular, qualifiedResource(one), ...one.shortNames].includes(name),
  );
  if (!kind) throw badRequest(`the server doesn't have a resource type "${word}"`);
  if (subresource === undefined) return qualifiedResource(kind);
  if (kind.subresources.includes(subresource)) return `${qualifiedResource(kind)}/${subresource}`;
  const known = kind.subresources.join(", ") || "none";
  throw badRequest(`${kind.resource} have no subresource "${subresource}": they have ${known}`);
}
