import { ApiError } from "../../cluster/errors.js";
import { stepsTo } from "../../core/apply/field-path.js";
import {
  immutableChanges,
  isAllImmutable,
  type ImmutableChange,
  type Way,
} from "../../core/apply/immutable.js";
import { isStatefulSet } from "../../core/manifest/bundle.js";
import { setSpec } from "../../core/manifest/service.js";
import type { StatefulSet } from "../../core/model.js";
import { ownCommand, type Naming, type NamingFor } from "../../core/progress/naming.js";
import { partitionOf } from "../../core/rollout/partition.js";
import { shellWord } from "../../core/words.js";
import { describeError, ExitCode, ExitError, exitCodeOf, gravest } from "../../errors.js";
import { resourceName } from "../../view/output.js";
import { describeRefusal, placesOf } from "../bundle/refusals.js";
import { isRefused, type Checked, type Prepared, type Refused } from "./prepare.js";

/** Ends the command, with all that is wrong, unless every object can be applied. Nothing has been written by then. */
export function refuseUnlessApplicable(checked: readonly Checked[], naming: NamingFor): Prepared[] {
  const refused = checked.filter(isRefused);
  const prepared = checked.filter((one): one is Prepared => !isRefused(one));
  const disputed = prepared.filter(({ conflicts }) => conflicts.length > 0);
  if (refused.length === 0 && disputed.length === 0) return prepared;
  const texts = [...refused.map((one) => describeRefused(one, naming)), ...disputed.map(describeDispute)];
  const codes = [...refused.map(({ error }) => exitCodeOf(error)), ...disputed.map(() => ExitCode.Conflict)];
  throw new ExitError(gravest(codes), [...new Set(texts), "nothing was applied"].join("\n"));
}

/** Why one object cannot be applied, and what to do. */
export function describeRefused({ object, live, error }: Refused, naming: NamingFor): string {
  if (!(error instanceof ApiError)) return describeError(error);
  if (!live || !isStatefulSet(object.manifest)) return describeRefusal(object, error);
  const set = live as unknown as StatefulSet;
  const causes = error.status.details?.causes ?? [];
  const changes = immutableChanges(causes, set.spec, setSpec(object.manifest));
  const way = (["pods", "grow", "orphan"] as const).find((one) =>
    changes.some((change) => change.way === one),
  );
  if (!way) return describeRefusal(object, error);
  const words = changes.flatMap((change) => [
    describeImmutable(change),
    ...placesOf(object, [`spec.${change.field}`]),
  ]);
  return [
    ...(isAllImmutable(causes) ? words : [describeRefusal(object, error)]),
    ...wayOut(way, changes, set, naming(object.manifest.metadata.namespace ?? "")),
  ].join("\n");
}

function describeImmutable({ field, change, reason }: ImmutableChange): string {
  return `error: spec.${field} of a StatefulSet cannot be changed${change && ` (${change})`}: ${reason}`;
}

/** What can be done about it with what there is, and what it leaves alone. */
function wayOut(way: Way, changes: readonly ImmutableChange[], set: StatefulSet, naming: Naming): string[] {
  const { name } = set.metadata;
  const command = (words: string): string => ownCommand(naming, words);
  if (way === "pods") {
    return [
      `  ${command(`delete ${name} --ordered`)}, then apply again: the pods start anew, the claims stay`,
    ];
  }
  const means = changes.map((change) => change.means);
  const [sets, sizes] = (["sets", "sizes"] as const).map((one) =>
    means.flatMap((found) => found?.[one] ?? []),
  );
  if (sets && sizes && means.every((found) => found !== undefined) && sets.length + sizes.length > 0) {
    const settings = sets.map((text) => `--set ${shellWord(text)}`).join(" ");
    return [
      ...(sets.length > 0
        ? [
            `  ${command(`recreate ${name} ${settings}`)}`,
            "    keeps the pods and claims, makes the set anew around them",
          ]
        : []),
      ...(sizes.length > 0
        ? [
            `  ${command(`pvc resize ${name} ${sizes.map(shellWord).join(" ")}`)}`,
            "    grows the claims, and makes the set anew around its pods",
          ]
        : []),
    ];
  }
  const held = `  first ${command(`rollout promote ${name}`)}: pods that a partition holds back would be updated`;
  return [
    ...(partitionOf(set) > 0 ? [held] : []),
    `  ${command(`delete ${name} --cascade=orphan`)}, then apply again: keeps the pods and claims, and makes the set anew`,
    ...(way === "grow" ? ["  claims that exist keep their size"] : []),
  ];
}

/** Which fields belong to whom, and how to go on. */
function describeDispute({ object, conflicts }: Prepared): string {
  const { manifest, locate } = object;
  const one = conflicts.length === 1;
  const lines = conflicts.map(({ field, owner }) => {
    const steps = stepsTo(manifest, field);
    const place = steps ? locate(steps) : "";
    return `  ${place && `${place}: `}${field} is owned by ${owner}`;
  });
  const [fields, them, their] = one
    ? ["a field belongs to another field manager", "it", "its manager"]
    : [`${conflicts.length} fields belong to other field managers`, "them", "their managers"];
  return [
    `error: ${resourceName(manifest)}: ${fields}`,
    ...lines,
    `  to take ${them} over: the same with --force-conflicts`,
    `  to leave ${them} to ${their}: take ${them} out of the manifest`,
  ].join("\n");
}

/** Who owns the fields that an apply would change, a line each. */
export function describeOwners({ object, conflicts }: Prepared): string[] {
  const name = resourceName(object.manifest);
  return conflicts.map(({ field, owner }) => `${name}: ${field} is owned by ${owner}`);
}
