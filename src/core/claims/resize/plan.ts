import { UsageError } from "../../errors.js";
import { claimName, claimTemplateNames, inRange, ordinalRange, parsePodName } from "../../identity.js";
import type { Claim, StatefulSet } from "../../model.js";
import { compareQuantities } from "../../quantity.js";
import { capacityOf, requestOf } from "../size.js";
import { growthOf } from "./growth.js";
import { claimObstacles, type ClassFacts, type VolumeOrigin } from "./obstacles.js";
import type { Sizes } from "./sizes.js";

/** What a resize is decided on. */
export interface Found {
  set: StatefulSet;
  /** By name; others may be among them. */
  claims: ReadonlyMap<string, Claim>;
  /** By name; undefined: they may not be read. */
  classes: ReadonlyMap<string, ClassFacts> | undefined;
  volumes: ReadonlyMap<string, VolumeOrigin> | undefined;
}

export interface ResizeRequest {
  sizes: Sizes;
  /** Only the claims of these; the templates stay as they are. Undefined: the whole set. */
  ordinals: readonly number[] | undefined;
}

/** One claim that does not have its size yet. */
export interface PlannedClaim {
  claim: Claim;
  template: string;
  ordinal: number;
  /** What it asks for now, and what it is to ask for. */
  from: string;
  to: string;
  /** What it has. */
  capacity: string;
  /** It asks for it already, so that there is only to wait. */
  isAsked: boolean;
}

export interface PlannedTemplate {
  name: string;
  from: string;
  to: string;
}

export interface ResizePlan {
  /** By template, then by ordinal. */
  claims: PlannedClaim[];
  /** Templates that ask for less, and change. */
  templates: PlannedTemplate[];
  /** Templates that keep what they ask for though their claims get another size, because of `ordinals`. */
  kept: PlannedTemplate[];
  /** Claims of these templates that no replica is there for: they stay as they are. */
  leftOver: Claim[];
  /** Claims that have more than that already, and keep it. Where `ordinals` names one it is an obstacle. */
  larger: PlannedClaim[];
  /** Why it cannot be done, each in plain words; nothing may be written while there is one. */
  obstacles: string[];
}

/** Counts out what a resize has to do from where things are. Throws a UsageError for a template that the set has not. */
export function planResize(found: Found, { sizes, ordinals }: ResizeRequest): ResizePlan {
  const { set } = found;
  checkTemplates(set, [...sizes.keys()]);
  const plan: ResizePlan = { claims: [], templates: [], kept: [], leftOver: [], larger: [], obstacles: [] };
  if (set.metadata.deletionTimestamp !== undefined)
    plan.obstacles.push(`${set.metadata.name} is being deleted`);
  const { start, end } = ordinalRange(set);
  const chosen = ordinals ?? Array.from({ length: end - start }, (_unused, index) => start + index);
  for (const [template, size] of sizes) {
    planTemplate(plan, set, { name: template, to: size }, ordinals === undefined);
    for (const ordinal of chosen)
      planClaim(plan, found, { template, ordinal, to: size }, ordinals === undefined);
  }
  plan.leftOver = leftOver(found, sizes);
  return plan;
}

/** Nothing is left to do. */
export function isDone({ claims, templates, obstacles }: ResizePlan): boolean {
  return claims.length === 0 && templates.length === 0 && obstacles.length === 0;
}

function checkTemplates(set: StatefulSet, names: readonly string[]): void {
  const { name } = set.metadata;
  const known = claimTemplateNames(set);
  const unknown = names.find((template) => !known.includes(template));
  if (unknown === undefined) return;
  const which =
    known.length === 0
      ? "it has none"
      : `it has ${known.join(", ")}; a template cannot be added, as the pods that are there would lack its volume`;
  throw new UsageError(`${name} has no claim template "${unknown}": ${which}`);
}

function planTemplate(
  plan: ResizePlan,
  set: StatefulSet,
  { name, to }: { name: string; to: string },
  changes: boolean,
): void {
  const template = set.spec.volumeClaimTemplates?.find(({ metadata }) => metadata?.name === name);
  const from = template ? requestOf(template) : "0";
  const difference = compareQuantities(to, from);
  if (difference === 0) return;
  if (!changes) plan.kept.push({ name, from, to });
  else if (difference > 0) plan.templates.push({ name, from, to });
  else plan.obstacles.push(`template ${name} asks for ${from}: ${to} is less, and volumes never shrink`);
}

function planClaim(
  plan: ResizePlan,
  found: Found,
  { template, ordinal, to }: { template: string; ordinal: number; to: string },
  isWhole: boolean,
): void {
  const name = claimName(template, found.set.metadata.name, ordinal);
  const claim = found.claims.get(name);
  if (!claim) {
    plan.obstacles.push(`${name} is not there: the pod of ordinal ${ordinal} has to come up first`);
    return;
  }
  const from = requestOf(claim);
  const capacity = capacityOf(claim) ?? "0";
  const isAsked = compareQuantities(from, to) === 0;
  const planned: PlannedClaim = { claim, template, ordinal, from, to, capacity, isAsked };
  const isLarger = compareQuantities(capacity, to) > 0 && claim.status?.phase === "Bound";
  if (isWhole && isLarger && claim.metadata.deletionTimestamp === undefined) {
    plan.larger.push(planned);
    return;
  }
  const obstacles = claimObstacles(planned, found);
  plan.obstacles.push(...obstacles);
  if (obstacles.length === 0 && (!isAsked || growthOf(claim, to).state !== "Resized"))
    plan.claims.push(planned);
}

function leftOver({ set, claims }: Found, sizes: Sizes): Claim[] {
  const range = ordinalRange(set);
  const bases = [...sizes.keys()].map((template) => `${template}-${set.metadata.name}`);
  return [...claims.values()].filter(({ metadata: { name } }) => {
    const place = parsePodName(name);
    return place !== undefined && bases.includes(place.set) && !inRange(range, place.ordinal);
  });
}

/** A set's manifest with the new sizes in its claim templates; everything else is as it was. */
export function withSizes<Set extends object>(manifest: Set, sizes: Sizes): Set {
  const changed = structuredClone(manifest);
  const { volumeClaimTemplates = [] } = (changed as unknown as StatefulSet).spec;
  for (const { metadata, spec } of volumeClaimTemplates) {
    const size = sizes.get(metadata?.name ?? "");
    if (size === undefined || !spec) continue;
    spec.resources = { ...spec.resources, requests: { ...spec.resources?.requests, storage: size } };
  }
  return changed;
}
