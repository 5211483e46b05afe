import type { StatefulSet } from "../model.js";
import { sameJson } from "../equal.js";
import { ownersOf } from "../progress/managers.js";
import { enumerate } from "../words.js";

/** A field as managedFields names it: `["f:spec", "f:containers", "k:{\"name\":\"nginx\"}", "f:image"]`. */
type FieldSteps = readonly string[];

/** Lists whose items managedFields tell apart by name; any other is taken as a whole. */
const namedLists = ["containers", "initContainers", "env", "volumes"];

/**
 * Who else applies the fields that a patch of the set changes, and so puts them back with the next apply: a sentence for
 * each. What merely once wrote a field (`kubectl edit`, `kubectl set`) does not come back and is not named.
 */
export function applierNotes(set: StatefulSet, patch: object): string[] {
  const { spec = {} } = patch as { spec?: unknown };
  const byApplier = new Map<string, string[]>();
  for (const path of touched(spec, set.spec, ["f:spec"])) {
    for (const { manager = "", operation } of ownersOf(path, set)) {
      if (manager === "sts" || !(operation === "Apply" || applies(manager))) continue;
      byApplier.set(manager, [...(byApplier.get(manager) ?? []), describe(path)]);
    }
  }
  return [...byApplier].map(([manager, found]) => {
    const fields = [...new Set(found)];
    const [are, them] = fields.length > 1 ? ["are", "them"] : ["is", "it"];
    return `${enumerate(fields)} ${are} applied by ${manager}: its next apply puts ${them} back`;
  });
}

/** For a patch whose partition is still to be counted out: it changes, to whatever. */
export const anyPartition = { updateStrategy: { rollingUpdate: { partition: null } } };

/** Tools that write by other means than server-side apply, and write again. */
function applies(manager: string): boolean {
  return /^(kubectl-client-side-apply|helm|helm-controller|kustomize-controller|argocd-.*|Terraform|HashiCorp|pulumi.*|kapp.*)$/i.test(
    manager,
  );
}

/** The fields in which what a patch says differs from what is there. `whole`: what is not said goes. */
function touched(patch: unknown, live: unknown, path: FieldSteps, whole = false): FieldSteps[] {
  if (Array.isArray(patch) && isNamed(path)) return touchedItems(patch, live, path, whole);
  if (!isMapping(patch)) return sameJson(patch ?? undefined, live ?? undefined) ? [] : [path];
  if (patch["$patch"] === "delete") return [path];
  const replaces = whole || patch["$patch"] === "replace";
  const there = isMapping(live) ? live : {};
  const names = new Set([...Object.keys(patch), ...(replaces ? Object.keys(there) : [])]);
  return [...names]
    .filter((name) => !name.startsWith("$"))
    .flatMap((name) => touched(patch[name], there[name], [...path, `f:${name}`], replaces));
}

function touchedItems(patch: unknown[], live: unknown, path: FieldSteps, whole: boolean): FieldSteps[] {
  const there = byName(live);
  const replaces =
    whole || patch.some((item) => isMapping(item) && item["$patch"] === "replace" && !item["name"]);
  const said = byName(patch);
  const names = new Set([...said.keys(), ...(replaces ? there.keys() : [])]);
  return [...names].flatMap((name) =>
    touched(said.get(name), there.get(name), [...path, `k:${JSON.stringify({ name })}`], replaces),
  );
}

function isNamed(path: FieldSteps): boolean {
  return namedLists.includes(path.at(-1)?.slice(2) ?? "");
}

function byName(list: unknown): Map<string, Record<string, unknown>> {
  const items = Array.isArray(list) ? list.filter(isMapping) : [];
  return new Map(items.flatMap((item) => (typeof item["name"] === "string" ? [[item["name"], item]] : [])));
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `the image of nginx`, `the cpu limit of nginx`, `LOG_LEVEL of nginx`, `the partition`. */
function describe(path: FieldSteps): string {
  const steps = path.map((step) =>
    step.startsWith("k:") ? (JSON.parse(step.slice(2)) as { name: string }).name : step.slice(2),
  );
  if (steps.join(".") === "spec.updateStrategy.rollingUpdate.partition") return "the partition";
  const [, , , list = "", container, field, ...below] = steps;
  if (!/^(init)?containers$/i.test(list) || container === undefined) return steps.join(".");
  if (field === undefined) return `container ${container}`;
  const [kind, resource] = below;
  if (field === "env" && kind !== undefined) return `${kind} of ${container}`;
  if (field === "resources" && resource !== undefined) {
    return `the ${resource} ${kind === "limits" ? "limit" : "request"} of ${container}`;
  }
  return `the ${field} of ${container}`;
}
