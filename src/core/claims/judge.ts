import { inRange, podName } from "../identity.js";
import type { AutoscalerFacts, ClaimFacts, SetFacts } from "./facts.js";
import { condemnedByPolicy, foreignOwner } from "./owner.js";
import type { StateOfClaim } from "./states.js";

/** A set and a template that give a claim's name. */
export interface Source {
  set: SetFacts;
  template: string;
  ordinal: number;
}

export interface Judgement extends StateOfClaim {
  /** Why, in plain words. */
  reason: string;
}

/** What a rule looks at: one claim, the one set whose template gives its name, and what is around. */
export interface Case {
  claim: ClaimFacts;
  source: Source;
  /** The set's pod of that ordinal exists. */
  podExists: boolean;
  /** Those of the set; undefined: they could not be read. */
  autoscalers: readonly AutoscalerFacts[] | undefined;
}

/** Each rule answers or passes; the first answer counts. The last one always answers. */
const rules: readonly ((seen: Case) => Judgement | undefined)[] = [
  reserved,
  ({ claim, source }) => foreignOwner(claim, source.set.name, source.ordinal),
  ({ claim, source: { set, ordinal } }) => condemnedByPolicy(claim, { set: set.name, ordinal }, set),
  notMadeByTheSet,
  autoscaled,
  setAtZero,
];

/** The state of a claim whose name exactly one existing set gives, which no pod mounts. */
export function judge(seen: Case): Judgement {
  for (const rule of rules) {
    const judgement = rule(seen);
    if (judgement) return judgement;
  }
  const { set, ordinal } = seen.source;
  return { state: "scaled-down", reason: `${runs(set)}; nothing uses ordinal ${ordinal}` };
}

function runs({ name, start, end }: SetFacts): string {
  if (end - start < 2) return end === start ? `${name} has no replicas` : `${name} runs ordinal ${start}`;
  return `${name} runs ordinals ${start} to ${end - 1}`;
}

function reserved({ source: { set, ordinal }, podExists }: Case): Judgement | undefined {
  const pod = podName(set.name, ordinal);
  if (inRange(set, ordinal)) return { state: "reserved", reason: `kept for ${pod}: ${runs(set)}` };
  if (podExists) return { state: "reserved", reason: `${pod} is out of range but has not gone yet` };
  return undefined;
}

/** The controller puts `matchLabels` on all it makes: without them the name is a coincidence, or a person's work. */
function notMadeByTheSet({ claim, source: { set } }: Case): Judgement | undefined {
  const missing = Object.entries(set.labels).filter(([key, value]) => claim.labels[key] !== value);
  if (missing.length === 0) return undefined;
  const labels = missing.map(([key, value]) => `${key}=${value}`).join(",");
  return {
    state: "ambiguous",
    reason: `named like a claim of ${set.name}, but without its labels (${labels})`,
  };
}

function autoscaled(seen: Case): Judgement | undefined {
  const { set, ordinal } = seen.source;
  const { autoscalers } = seen;
  if (!autoscalers) {
    if (setAtZero(seen)) return undefined;
    return {
      state: "autoscaled",
      reason: `autoscalers may not be read: one might scale ${set.name} up again`,
    };
  }
  const able = autoscalers.find(({ maxReplicas }) =>
    inRange({ start: set.start, end: set.start + maxReplicas }, ordinal),
  );
  if (!able) return autoscalers.length === 0 ? onceAutoscaled(seen) : undefined;
  const maker = able.scaledObject === undefined ? "" : ` (of the KEDA ScaledObject ${able.scaledObject})`;
  const may = `HorizontalPodAutoscaler ${able.name}${maker} may scale ${set.name} up to ${able.maxReplicas} replicas`;
  const zero = setAtZero(seen);
  if (zero) return { state: "autoscaled", also: zero.state, reason: `${zero.reason}, and ${may}` };
  return { state: "autoscaled", reason: may };
}

/** A KEDA ScaledObject that is paused has no HorizontalPodAutoscaler; without the pause it is back, with its maximum. */
function onceAutoscaled(seen: Case): Judgement | undefined {
  const { name, autoscaledLast } = seen.source.set;
  if (!autoscaledLast) return undefined;
  const reason = `an autoscaler scaled ${name} last; it is paused or gone now, and may come back`;
  const zero = setAtZero(seen);
  return { state: "autoscaled", reason, ...(zero && { also: zero.state }) };
}

function setAtZero({ source: { set } }: Case): Judgement | undefined {
  return set.start === set.end ? { state: "set-at-zero", reason: `${set.name} is scaled to 0` } : undefined;
}
