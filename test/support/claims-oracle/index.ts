import { formerOwners, leftover } from "./leftover.js";
import { fits, isMounted, lacksLabels } from "./parts.js";
import type { Asked, Meta, RawClaim, RawPod, RawScaler, RawSet, RawWorld } from "./raw.js";

export type * from "./raw.js";

const inNamespaceOf =
  ({ metadata: { namespace = "default" } }: { metadata: Meta }) =>
  (other: { metadata: Meta }) =>
    (other.metadata.namespace ?? "default") === namespace;

const templatesOf = ({ spec }: RawSet) =>
  (spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name);
const replicasOf = ({ spec }: RawSet) => spec.replicas ?? 1;
const startOf = ({ spec }: RawSet) => spec.ordinals?.start ?? 0;

/** The set wants the ordinal, or its pod has not gone. */
function holds(set: RawSet, ordinal: number, pods: readonly RawPod[]): string | undefined {
  if (ordinal >= startOf(set) && ordinal < startOf(set) + replicasOf(set)) return "in range";
  const name = `${set.metadata.name}-${ordinal}`;
  return pods.some(({ metadata }) => metadata.name === name) ? "its pod exists" : undefined;
}

/** Whether somebody needs it now: a pod has it, or an existing set would take it for an ordinal that it wants. */
export function isWanted(claim: RawClaim, world: RawWorld): boolean {
  const here = inNamespaceOf(claim);
  const pods = world.pods.filter(here);
  return (
    isMounted(claim, pods) ||
    world.sets.filter(here).some((set) =>
      templatesOf(set).some((template) => {
        const ordinal = fits(claim.metadata.name, template, set.metadata.name);
        return ordinal !== undefined && holds(set, ordinal, pods) !== undefined;
      }),
    )
  );
}

/**
 * Why clean-up must not delete a claim; undefined where it may. Written down from the rules in the documents and without
 * any of the product's code: no index, no order of rules. It works on objects as the API has them.
 */
export function mustStay(claim: RawClaim, world: RawWorld, asked: Asked): string | undefined {
  const here = inNamespaceOf(claim);
  const [sets, pods, claims] = [world.sets.filter(here), world.pods.filter(here), world.claims.filter(here)];
  if (isMounted(claim, pods)) return "mounted";
  const giving = sets.flatMap((set) =>
    templatesOf(set).flatMap((template) => {
      const ordinal = fits(claim.metadata.name, template, set.metadata.name);
      return ordinal === undefined ? [] : { set, template, ordinal };
    }),
  );
  const isThere = (name: string) => sets.some(({ metadata }) => metadata.name === name);
  const named = (asked.gone ?? []).filter(
    ({ set, template }) => !isThere(set) && fits(claim.metadata.name, template, set) !== undefined,
  );
  const places = new Set(
    [...giving, ...named].map(({ set, template }) => {
      return `${template} of ${typeof set === "string" ? set : set.metadata.name}`;
    }),
  );
  if (places.size > 1) return `could be ${[...places].join(" or ")}`;
  const [only] = giving;
  if (only) {
    const base = claim.metadata.name.slice(0, -`-${only.ordinal}`.length);
    const others = formerOwners(claim, base, sets).filter((called) => called !== only.set.metadata.name);
    if (others.length > 0) return `could be of ${others.join(", ")}, by a template that is gone`;
    return (
      holds(only.set, only.ordinal, pods) ??
      foreign(claim, only.set, only.ordinal) ??
      lacksLabels(claim, only.set) ??
      outOfRange(only.set, only.ordinal, world.scalers?.filter(here), asked)
    );
  }
  return leftover(claim, { sets, pods, claims }, { ...asked, gone: named });
}

/** An owner reference that makes it somebody else's, or that has the garbage collector take it. */
function foreign({ metadata }: RawClaim, set: RawSet, ordinal: number): string | undefined {
  for (const { apiVersion, kind, name, uid, controller } of metadata.ownerReferences ?? []) {
    const isApps = kind === "StatefulSet" && apiVersion === "apps/v1";
    if (isApps && name === set.metadata.name) {
      if (uid !== set.metadata.uid || set.metadata.deletionTimestamp)
        return "the policy takes it with its set";
    } else if (kind === "Pod" && name === `${set.metadata.name}-${ordinal}`)
      return "the policy takes it with its pod";
    else if (controller || isApps || kind === "Pod") return `owned by ${kind} ${name}`;
  }
  return undefined;
}

function outOfRange(
  set: RawSet,
  ordinal: number,
  scalers: readonly RawScaler[] | undefined,
  { included }: Asked,
): string | undefined {
  const start = startOf(set);
  const isZero = replicasOf(set) === 0;
  if (isZero && !included.includes("set-at-zero")) return "the set is at zero";
  if (included.includes("autoscaled")) return undefined;
  if (!scalers) return isZero ? undefined : "autoscalers are not known";
  const its = scalers.filter(
    ({ spec: { scaleTargetRef: target } }) =>
      target.kind === "StatefulSet" &&
      (target.apiVersion ?? "apps/v1").startsWith("apps/") &&
      target.name === set.metadata.name,
  );
  const paused = ["keda", "kube-controller-manager"];
  const scaledLast = set.metadata.managedFields?.some(({ manager = "" }) => paused.includes(manager));
  if (its.length === 0) return scaledLast ? "an autoscaler that is paused may want it" : undefined;
  const reached = its.some(({ spec }) => ordinal >= start && ordinal < start + spec.maxReplicas);
  return reached ? "an autoscaler may want it" : undefined;
}
