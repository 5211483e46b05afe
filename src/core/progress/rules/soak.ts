import { formatSeconds } from "../../duration.js";
import { inRange, ordinalRange, podName } from "../../identity.js";
import type { Pod } from "../../model.js";
import { conditionOf, containerStatuses, hasEnded, isReady, isTerminating } from "../../pod-state.js";
import { podRevision } from "../../revision.js";
import { kubectlCommand, ownCommand, type Naming } from "../naming.js";
import { Reason } from "../reasons.js";
import type { Snapshot } from "../snapshot.js";
import { always, type Trouble } from "../trouble.js";
import type { NextStep, Verdict } from "../verdict.js";

/** A pod as it was when the soak began. */
interface SoakedPod {
  uid: string;
  /** At the update revision, so what is soaked. One that is held at another revision fails nothing. */
  counts: boolean;
  /** When it became Ready, as the API has it. */
  readySince: string | undefined;
  /** Of each container. */
  restarts: ReadonlyMap<string, number>;
}

/** A time in which everything has to stay as it is. Milliseconds. */
export interface Soak {
  length: number;
  /** By our own clock, which the length is measured with. */
  startedAt: number;
  /** By the server's, which the pods' times are of. */
  since: number;
  pods: ReadonlyMap<number, SoakedPod>;
}

/** Something that did not stay as it was. */
export interface SoakBreak extends Trouble {
  /** `restarted`. */
  what: string;
  ordinal: number;
  name: string;
  counts: boolean;
  /** Its pod has no other container. */
  isOnly: boolean;
}

/** Begins a soak with the pods as they are in a snapshot; `now` is ours. */
export function beginSoak({ set, pods, now: since }: Snapshot, length: number, now: number): Soak {
  const newest = set?.status?.updateRevision;
  const soaked = [...pods].map(([ordinal, pod]): [number, SoakedPod] => {
    const restarts = new Map(containerStatuses(pod).map(({ name, restartCount }) => [name, restartCount]));
    const counts = newest === undefined || podRevision(pod) === newest;
    return [ordinal, { uid: pod.metadata.uid, counts, readySince: readySince(pod), restarts }];
  });
  return { length, startedAt: now, since, pods: new Map(soaked) };
}

/**
 * What a verdict comes to while a set soaks, and after: done only when nothing broke in all that time. `broken` is what
 * did, where it counts.
 */
export function judgeSoak(
  verdict: Verdict,
  soak: Soak,
  { broken, now, set, naming }: { broken: SoakBreak | undefined; now: number; set: string; naming: Naming },
): Verdict {
  if (verdict.state === "Conflict") return verdict;
  if (broken) return soakFailed(broken, set, naming);
  if (verdict.state === "Failed") return verdict;
  const isDone = verdict.state === "Done";
  if (now < soak.startedAt + soak.length) {
    const message = `${soakProgress(soak, now)}${isDone ? "" : `: ${verdict.message}`}`;
    return { ...verdict, state: "InProgress", reason: Reason.Soaking, message };
  }
  const soaked = `; soaked ${formatSeconds(soak.length)}`;
  return isDone ? { ...verdict, message: verdict.message.replace(/^[^;]*/, `$&${soaked}`) } : verdict;
}

function soakFailed(
  { ordinal, name, words, container, isOnly }: SoakBreak,
  set: string,
  naming: Naming,
): Verdict {
  const command =
    container === undefined
      ? ownCommand(naming, `status ${set}`)
      : kubectlCommand(naming, `logs ${name}${isOnly ? "" : ` -c ${container}`} --previous`);
  const next: NextStep[] = [{ label: "see more", command }];
  return { state: "Failed", reason: Reason.SoakFailed, message: `${name} ${words}`, ordinal, next };
}

/** `soaking 41 of 60 s`. */
export function soakProgress({ startedAt, length }: Soak, now: number): string {
  const elapsed = Math.min(now - startedAt, length);
  const soFar = length < 120_000 ? Math.floor(elapsed / 1_000) : formatSeconds(elapsed);
  return `soaking ${soFar} of ${formatSeconds(length)}`;
}

/** Everything that did not stay as it was, the highest ordinal first. Ordinals that were scaled away are not meant. */
export function soakBreaks(soak: Soak, snapshot: Snapshot, now: number): SoakBreak[] {
  const { set, pods, name } = snapshot;
  if (!set) return [];
  const range = ordinalRange(set);
  const elapsed = now - soak.startedAt;
  return [...soak.pods].reverse().flatMap(([ordinal, before]) => {
    const change = inRange(range, ordinal) ? changeOf(before, pods.get(ordinal)) : undefined;
    if (!change) return [];
    const { what, at, detail, container } = change;
    const isOnly = before.restarts.size < 2;
    const into = at === undefined ? elapsed : Math.min(Math.max(0, Date.parse(at) - soak.since), elapsed);
    const words = `${what} ${formatSeconds(into)} into the soak${detail ? ` (${detail})` : ""}`;
    const trouble: Trouble = {
      reason: Reason.SoakFailed,
      words,
      fatalFrom: always,
      ...(container !== undefined && { container }),
    };
    return [{ ...trouble, what, ordinal, name: podName(name, ordinal), counts: before.counts, isOnly }];
  });
}

interface Change {
  what: string;
  /** By the server's clock; undefined for just now. */
  at?: string | undefined;
  detail?: string;
  container?: string;
}

/** What happened to a pod since the soak began; the restart of a container says more than the Ready it cost. */
function changeOf(before: SoakedPod, pod: Pod | undefined): Change | undefined {
  if (!pod) return { what: "was gone" };
  if (pod.metadata.uid !== before.uid) return { what: "was made anew", at: pod.metadata.creationTimestamp };
  if (isTerminating(pod)) return { what: "was deleted" };
  if (hasEnded(pod)) return { what: "ended", detail: pod.status?.reason ?? pod.status?.phase ?? "" };
  return containerChange(before, pod) ?? readinessChange(before, pod);
}

function containerChange({ restarts }: SoakedPod, pod: Pod): Change | undefined {
  for (const { name, restartCount, state, lastState } of containerStatuses(pod)) {
    const more = restartCount - (restarts.get(name) ?? 0);
    const ended = state?.terminated ?? (more > 0 ? lastState?.terminated : undefined);
    const isInit = pod.status?.initContainerStatuses?.some((status) => status.name === name) ?? false;
    if (more <= 0 && (!state?.terminated || (isInit && state.terminated.exitCode === 0))) continue;
    const cause = ended && (ended.reason === "OOMKilled" ? "OOMKilled" : `exit code ${ended.exitCode}`);
    const count = more > 0 ? `${more} ${more === 1 ? "restart" : "restarts"}` : undefined;
    const what = more > 0 ? "restarted" : "ended";
    const detail = [cause, count].filter(Boolean).join(", ");
    return { what, at: ended?.finishedAt, detail, container: name };
  }
  return undefined;
}

/** Ready again counts too: whether it was lost in between is told by when it came. */
function readinessChange({ readySince: before }: SoakedPod, pod: Pod): Change | undefined {
  const at = conditionOf(pod, "Ready")?.lastTransitionTime;
  if (!isReady(pod)) return { what: "stopped being ready", at };
  return at === before ? undefined : { what: "stopped being ready and was ready again", at };
}

function readySince(pod: Pod): string | undefined {
  return conditionOf(pod, "Ready")?.lastTransitionTime;
}
