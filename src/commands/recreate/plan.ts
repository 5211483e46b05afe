import { sameJson } from "../../core/equal.js";
import { owners } from "../../core/ownership.js";
import { serviceProblems } from "../../core/manifest/service.js";
import type { Pod, Service, StatefulSet } from "../../core/model.js";
import { parsePodName } from "../../core/identity.js";
import { nameOrdinals, ownCommand, type Naming } from "../../core/progress/naming.js";
import type { FieldChange } from "../../core/recreate/fields.js";
import { manifestOf } from "../../core/recreate/manifest.js";
import { recordName, type Interrupted } from "../../core/recreate/record.js";
import { podsToKeep } from "../../core/recreate/refusal.js";
import { sanitizeLine } from "../../view/sanitize.js";

interface Plan {
  set: StatefulSet;
  wanted: StatefulSet;
  pods: readonly Pod[];
  changes: readonly FieldChange[];
  /** The Service that `wanted` names, where that is another one than before and could be looked for. */
  services: { found: Service | undefined } | undefined;
  /** Where the set is saved. */
  file: string;
  naming: Naming;
}

/** All that will be done, before any of it; and what a person should know. */
export function planWords(plan: Plan): string {
  const { set, changes, file } = plan;
  const { namespace, name } = set.metadata;
  const kept = nameKept(plan);
  const stay = kept ? `${kept} and the claims stay as they are` : "it has no pods, and the claims stay";
  return [
    `${namespace}/${name}: ${sanitizeLine(changes.map(({ words }) => words).join(", "))}, by a set made anew`,
    `  1  save the set in ConfigMap ${recordName(name)}, and in`,
    `     ${file}`,
    `  2  delete the set alone: ${stay}`,
    `  3  create the set with the change`,
    `  4  check that it took everything over, and remove the ConfigMap`,
    ...notes(plan).map((note) => `  ${note}`),
    ...ownerWarnings(set),
    "",
  ].join("\n");
}

function nameKept({ set, pods }: Plan): string {
  return namePodsOf(set, Object.keys(podsToKeep(set, pods)));
}

function namePodsOf({ metadata: { name } }: StatefulSet, pods: readonly string[]): string {
  return nameOrdinals(
    name,
    pods.flatMap((pod) => parsePodName(pod)?.ordinal ?? []),
  );
}

function notes(plan: Plan): string[] {
  const { set, wanted } = plan;
  const kept = nameKept(plan);
  const templates = !sameJson(set.spec.volumeClaimTemplates, wanted.spec.volumeClaimTemplates);
  return [
    ...(kept ? ["in between, for some seconds, a pod that dies is not replaced"] : []),
    ...(set.spec.serviceName === wanted.spec.serviceName ? [] : serviceNotes(plan)),
    ...(templates ? ["claims that are there stay as they are: only new ones follow the template"] : []),
    ...(set.metadata.annotations?.["kubectl.kubernetes.io/last-applied-configuration"] || isApplied(set)
      ? ["change it in your manifest, too: one that still says otherwise will be refused"]
      : []),
  ];
}

function isApplied({ metadata }: StatefulSet): boolean {
  return metadata.managedFields?.some(({ operation }) => operation === "Apply") ?? false;
}

function serviceNotes({ set, wanted, pods, services, naming }: Plan): string[] {
  const { name } = set.metadata;
  const after = wanted.spec.serviceName ?? "";
  const restart = ownCommand(naming, `rollout restart ${name}`);
  const kept = podsToKeep(set, pods);
  const bySubdomain = new Map<string, string[]>();
  for (const { metadata, spec } of pods) {
    const { subdomain = "" } = spec;
    if (!(metadata.name in kept) || subdomain === after) continue;
    bySubdomain.set(subdomain, [...(bySubdomain.get(subdomain) ?? []), metadata.name]);
  }
  const problems = services?.found ? serviceProblems(manifestOf(wanted), services.found) : [];
  return [
    ...[...bySubdomain].map(
      ([subdomain, names]) =>
        `DNS names stay below ${subdomain || "no Service"} for ${namePodsOf(set, names)} until restarted:\n    ${restart}`,
    ),
    ...(services && !services.found
      ? [`warning: Service ${after} does not exist: pods get no DNS names of their own by it`]
      : []),
    ...problems.map((problem) => `warning: ${problem}`),
  ];
}

function ownerWarnings(set: StatefulSet): string[] {
  const found = owners(set);
  if (found.length === 0) return [];
  const { namespace, name } = set.metadata;
  return [
    `warning: ${namespace}/${name} is managed by ${found.join(" and ")}, which may revert this change,`,
    "  or make the set itself while it is away: that is seen, and ends with exit code 6",
  ];
}

/** What was left by an earlier run, and where it stands. */
export function interruptedWords(
  { saved, purpose, holder }: Interrupted,
  live: StatefulSet | undefined,
): string {
  const { namespace, name, uid } = saved.metadata;
  const images = (saved.spec.template.spec?.containers ?? []).map(({ image }) => image).join(", ");
  const stands = !live
    ? "the set is gone, and is created"
    : live.metadata.uid === uid
      ? "the set is deleted alone, and created"
      : "the set was made anew, and is checked";
  return sanitizedLines([
    `${namespace}/${name}: ${holder.who} began to make it anew at ${holder.since}, and did not finish: ${purpose}`,
    `  what is left to do: ${stands} (${saved.spec.replicas ?? 1} replicas of ${images})`,
  ]);
}

/** Of a set that is gone, or not verified yet, in the middle of it. */
export function leftWords({ saved, purpose, again, pods }: Interrupted): string {
  const { namespace, name } = saved.metadata;
  const kept = namePodsOf(saved, Object.keys(pods)) || "no pod";
  return sanitizedLines([
    `${namespace}/${name}: making it anew around ${kept} was begun and not finished: ${purpose}`,
    `  go on     ${again}`,
  ]);
}

function sanitizedLines(lines: readonly string[]): string {
  return lines.map((line) => `${sanitizeLine(line)}\n`).join("");
}
