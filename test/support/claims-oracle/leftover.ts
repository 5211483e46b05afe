import { isMounted, lacksLabels } from "./parts.js";
import type { Asked, Owner, RawClaim, RawPod, RawSet, RawWorld } from "./raw.js";

type Here = Pick<RawWorld, "sets" | "pods" | "claims">;

/** Of a claim that no existing set's template gives: what speaks for a set that is gone, or has another template now. */
export function leftover(
  claim: RawClaim,
  { sets, pods, claims }: Here,
  { included, gone = [] }: Asked,
): string | undefined {
  const { name, ownerReferences = [], labels = {} } = claim.metadata;
  const [, base, digits] = /^(.*)-([0-9]+)$/.exec(name) ?? [];
  if (base === undefined || digits === undefined) return "no ordinal";
  if (String(Number(digits)) !== digits || Number(digits) >= 2 ** 31) return "no ordinal of a set";
  const isOfExisting = (owner: Owner) =>
    sets.some(
      ({ metadata }) =>
        owner.kind === "StatefulSet" &&
        owner.apiVersion === "apps/v1" &&
        owner.uid === metadata.uid &&
        owner.name === metadata.name &&
        metadata.deletionTimestamp === undefined &&
        base.endsWith(`-${metadata.name}`),
    );
  const others = ownerReferences.filter((owner) => !isOfExisting(owner));
  if (others.some(({ controller, kind }) => controller || kind === "Pod" || kind === "StatefulSet"))
    return "owned";
  const byHand = isByHand(claim);
  const readings = readingsOf(base);
  const isThere = (called: string) => sets.some(({ metadata }) => metadata.name === called);
  const hadTemplate = formerOwners(claim, base, sets);
  if (gone.length > 0) {
    const [{ set } = { set: "" }] = gone;
    if (hadTemplate.length > 0) return "could be of a removed template";
    const labelled = readings.filter((one) => !isThere(one.set) && Object.values(labels).includes(one.set));
    if (!byHand && labelled.some((one) => one.set !== set)) return "its labels name another set";
    return included.includes("set-deleted") ? undefined : "set-deleted is not included";
  }
  if (hadTemplate.length > 1) return "could be of several removed templates";
  if (hadTemplate.length === 1)
    return included.includes("template-gone") ? undefined : "of a removed template";
  if (!included.includes("set-deleted")) return "set-deleted is not included";
  return notRecognised(
    claim,
    base,
    readings.filter(({ set }) => !isThere(set)),
    { sets, pods, claims },
  );
}

/** Existing sets that may have had a template that gave this name: by the claim's owners, else by its labels. */
export function formerOwners(claim: RawClaim, base: string, sets: readonly RawSet[]): string[] {
  const readings = readingsOf(base);
  const possible = sets.filter(({ metadata }) => readings.some(({ set }) => set === metadata.name));
  const owning = possible.filter(({ metadata: { uid } }) =>
    claim.metadata.ownerReferences?.some((owner) => owner.uid === uid),
  );
  const labelled = possible.filter((set) => {
    const wanted = Object.keys(set.spec.selector?.matchLabels ?? {});
    return !isByHand(claim) && wanted.length > 0 && lacksLabels(claim, set) === undefined;
  });
  return (owning.length > 0 ? owning : labelled).map(({ metadata }) => metadata.name);
}

function readingsOf(base: string): { template: string; set: string }[] {
  const dashes = [...base].flatMap((letter, index) => (letter === "-" ? index : []));
  return dashes
    .map((at) => ({ template: base.slice(0, at), set: base.slice(at + 1) }))
    .filter(({ template, set }) => template !== "" && set !== "");
}

function isByHand({ metadata }: RawClaim): boolean {
  return metadata.managedFields?.some(({ manager }) => manager?.startsWith("kubectl")) ?? false;
}

function notRecognised(
  claim: RawClaim,
  base: string,
  readings: readonly { set: string }[],
  { sets, pods, claims }: Here,
): string | undefined {
  const { labels = {}, managedFields = [] } = claim.metadata;
  if (Object.keys(labels).length === 0) return "nothing but its name speaks for a set";
  if (isByHand(claim)) return "made by hand";
  const alike = (one: RawClaim) => {
    const theirs = one.metadata.labels ?? {};
    const rest = one.metadata.name.slice(base.length);
    return (
      one.metadata.name.startsWith(base) &&
      /^-(0|[1-9][0-9]*)$/.test(rest) &&
      Object.keys({ ...labels, ...theirs }).every((key) => labels[key] === theirs[key])
    );
  };
  const siblings = claims.filter((one) => one.metadata.name !== claim.metadata.name && alike(one));
  const byController = managedFields.some(({ manager }) => manager === "kube-controller-manager");
  if (!byController && siblings.length === 0) return "neither its maker nor siblings speak for a set";
  const named = readings.filter(({ set }) => Object.values(labels).includes(set));
  if (named.length !== 1 && readings.length !== 1) return "its name divides in several ways";
  const exists = (uid: string) => sets.some((set) => set.metadata.uid === uid);
  // Garbage collection is about to take a pod whose set is gone.
  const isTaken = ({ metadata }: RawPod) =>
    (metadata.ownerReferences ?? []).some(
      ({ kind, controller, uid }) => controller && kind === "StatefulSet" && !exists(uid),
    );
  const used = siblings.some((one) =>
    isMounted(
      one,
      pods.filter((pod) => !isTaken(pod)),
    ),
  );
  return used ? "pods use claims like it" : undefined;
}
