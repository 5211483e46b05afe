import { claimName, claimTemplateNames, podName } from "../identity.js";
import type { StatefulSet } from "../model.js";
import { readyContainers } from "../pod-state.js";
import { podRevision, shortRevision } from "../revision.js";
import { isLeft } from "../rollout/restart.js";
import type { Diagnosed } from "./diagnosis.js";
import { stateName } from "./diff.js";
import type { Goal } from "./goal.js";
import { nameOrdinals } from "./naming.js";
import { countOrdinals } from "./rules/waiting.js";
import type { Snapshot } from "./snapshot.js";
import { shorten } from "./trouble.js";
import type { Verdict } from "./verdict.js";

/** How a row stands. */
export type RowTone = "good" | "moving" | "bad" | "held";

/** A row of the live table: one ordinal, or in a long table a line for many. */
export interface Row {
  pod: string;
  tone: RowTone;
  state: string;
  /** Ready and all containers: `1/1`. */
  ready: string;
  revision: string;
  /** Of the pod, in milliseconds; undefined without one. */
  ageMs: number | undefined;
  claims: string;
}

/** The live table of one set. */
export interface Board {
  /** `default/web`. */
  subject: string;
  title: string;
  notes: string[];
  rows: Row[];
  /** Rows for ordinals that neither move nor are broken, a line for each kind: used where not all fit. */
  brief: (limit: number) => Row[];
  /** `3 of 5 ready`. */
  status: string;
  elapsedMs: number;
  finished: boolean;
}

interface BoardInput {
  /** What is waited for; nothing where one only looks. */
  goal?: Goal;
  title: string;
  notes: string[];
  snapshot: Snapshot;
  ordinals: readonly Diagnosed[];
  /** Ordinals that were there and went: their rows keep their place. */
  gone: readonly number[];
  verdict: Verdict;
  direction: "up" | "down";
  elapsedMs: number;
  finished: boolean;
  /** What goes on besides: `soaking 41 of 60 s`. */
  activity?: string | undefined;
}

/** The table of a set as it stands; ordinals in the order in which they move. */
export function createBoard(input: BoardInput): Board {
  const { snapshot, ordinals, verdict, direction, activity } = input;
  const turn = direction === "up" ? 1 : -1;
  const placed = ordinals.map((ordinal) => ({ ordinal: ordinal.ordinal, row: rowOf(ordinal, input) }));
  const gone = input.gone
    .filter((ordinal) => ordinals.every((other) => other.ordinal !== ordinal))
    .map((ordinal) => ({ ordinal, row: goneRow(ordinal, snapshot) }));
  const rows = [...placed, ...gone].sort((left, right) => turn * (left.ordinal - right.ordinal));
  const status = snapshot.set ? countOrdinals(ordinals, snapshot.set) : `${snapshot.pods.size} pods left`;
  return {
    subject: `${snapshot.namespace}/${snapshot.name}`,
    title: input.title,
    notes: input.notes,
    rows: rows.map(({ row }) => row),
    brief: (limit) => brief(rows, snapshot.name, limit),
    status: `${status}${activity ? ` · ${activity}` : ""}${trail(verdict)}`,
    elapsedMs: input.elapsedMs,
    finished: input.finished,
  };
}

function trail({ state, message }: Verdict): string {
  return state === "InProgress" || state === "Done" ? "" : ` · ${message}`;
}

function rowOf(ordinal: Diagnosed, { goal, snapshot, ordinals, direction }: BoardInput): Row {
  const { pod, name } = ordinal;
  const isDue = goal !== undefined && ordinal.phase === "ready" && isLeft(ordinal, goal);
  const [tone, state]: [RowTone, string] = isDue
    ? ["held", "Running, to be restarted"]
    : describe(ordinal, ordinals, direction, snapshot.set);
  const count = pod && readyContainers(pod);
  const revision = pod && podRevision(pod);
  return {
    pod: name,
    tone,
    state,
    ready: count ? `${count.ready}/${count.total}` : "",
    revision: revision ? shortRevision(snapshot.name, revision) : "",
    ageMs: pod && Math.max(0, snapshot.now - Date.parse(pod.metadata.creationTimestamp)),
    claims: claimsText(ordinal, snapshot),
  };
}

/** `www`, and for an ordinal without a pod whether its claims are there: `www (kept)`. */
function claimsText({ ordinal, pod }: Diagnosed, { set, claims, name }: Snapshot): string {
  const templates = set ? claimTemplateNames(set) : [];
  const shown = templates.join(", ");
  if (pod || templates.length === 0) return shown;
  const kept = templates.filter((template) => claims.has(claimName(template, name, ordinal)));
  return kept.length > 0 ? `${kept.join(", ")} (kept)` : "";
}

function describe(
  ordinal: Diagnosed,
  all: readonly Diagnosed[],
  direction: "up" | "down",
  set: StatefulSet | undefined,
): [tone: RowTone, state: string] {
  const { pod, phase, wanted, stale, trouble, broken } = ordinal;
  if (broken && trouble) return ["bad", shorten(`${label(ordinal)}: ${trouble.words}`, 60)];
  if (!pod) return wanted ? ["held", waits(ordinal, all, set)] : ["held", "gone"];
  if (phase === "terminating") return ["moving", "Terminating"];
  if (!wanted) return ["held", "to be deleted"];
  if (phase === "ready" && stale) return ["held", `Running, ${turn(ordinal, all, direction)}`];
  if (phase === "ready") return ["good", "Running"];
  return ["moving", movingWords(ordinal)];
}

function label({ pod, phase, trouble }: Diagnosed): string {
  return pod ? stateName(pod, phase, trouble?.reason) : (trouble?.reason ?? "");
}

function movingWords(ordinal: Diagnosed): string {
  const { phase, trouble } = ordinal;
  const words: Partial<Record<typeof phase, string>> = {
    scheduling: "Pending: waits for a node",
    volumes: "starting: volumes and network",
    images: "starting: image",
    starting: "starting: container runs",
    minReady: "ready, not yet available",
    ended: "ended, made anew",
  };
  if (trouble) return shorten(`${label(ordinal)}: ${trouble.words}`, 60);
  return words[phase] ?? "not ready";
}

/** A missing pod under OrderedReady waits for the first one below it that is not ready. */
function waits({ ordinal }: Diagnosed, all: readonly Diagnosed[], set: StatefulSet | undefined): string {
  if (set?.spec.podManagementPolicy === "Parallel") return "to be created";
  const before = all.find((other) => other.ordinal < ordinal && other.wanted && other.phase !== "ready");
  return before ? `waits for ${before.name}` : "to be created";
}

/** A pod of an old revision waits for the one that is being replaced. */
function turn({ ordinal }: Diagnosed, all: readonly Diagnosed[], direction: "up" | "down"): string {
  const others = direction === "down" ? [...all].reverse() : all;
  const moving = others.find(
    (other) => other.ordinal !== ordinal && !["ready", "absent"].includes(other.phase),
  );
  return moving ? `waits for ${moving.name}` : "to be replaced";
}

/** A pod that went for good, and what becomes of its claims (`persistentVolumeClaimRetentionPolicy`). */
function goneRow(ordinal: number, { set, name }: Snapshot): Row {
  const templates = set ? claimTemplateNames(set).join(", ") : "";
  const deleted = set?.spec.persistentVolumeClaimRetentionPolicy?.whenScaled === "Delete";
  const claims = templates && `${templates} (${deleted ? "deleted" : "kept"})`;
  const pod = podName(name, ordinal);
  return { pod, tone: "held", state: "gone", ready: "", revision: "", ageMs: undefined, claims };
}

type Placed = { ordinal: number; row: Row };

/** Moving and broken rows, as many as fit, and a line for each kind of the rest. */
function brief(rows: readonly Placed[], set: string, limit: number): Row[] {
  const busy = rows.filter(({ row }) => row.tone === "bad" || row.tone === "moving");
  const calm = (["good", "held"] as const)
    .map((tone) => rows.filter(({ row }) => row.tone === tone))
    .filter((group) => group.length > 0);
  const room = Math.max(0, limit - calm.length);
  const shown = busy.length > room ? busy.slice(0, Math.max(0, room - 1)) : busy;
  const hidden = busy.slice(shown.length);
  const groups = hidden.length > 0 ? [hidden, ...calm] : calm;
  return [...shown.map(({ row }) => row), ...groups.map((group) => summaryRow(group, set))].slice(0, limit);
}

/** `web-0 … web-211: 212 ready`. */
function summaryRow(group: readonly Placed[], set: string): Row {
  const ordinals = group.map(({ ordinal }) => ordinal).sort((left, right) => left - right);
  const [first, last] = [ordinals[0] ?? 0, ordinals.at(-1) ?? 0];
  const tone = group[0]?.row.tone ?? "held";
  const kind = { good: "ready", held: "waiting", moving: "on the way", bad: "broken" }[tone];
  const pod = ordinals.length === 1 ? nameOrdinals(set, ordinals) : `${set}-${first} … ${set}-${last}`;
  return {
    pod,
    tone,
    state: `${group.length} ${kind}`,
    ready: "",
    revision: "",
    ageMs: undefined,
    claims: "",
  };
}
