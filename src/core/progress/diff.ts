import { claimTemplateNames, inRange, ordinalRange, podName } from "../identity.js";
import type { Claim, Pod } from "../model.js";
import { containerProblem, containerStatuses, isReady, restartCount } from "../pod-state.js";
import { podRevision } from "../revision.js";
import { diagnose, type Diagnosed } from "./diagnosis.js";
import { seconds, type ClaimEvent, type EventBody, type PodEvent, type SetEvent } from "./events.js";
import type { Snapshot } from "./snapshot.js";
import type { Phase } from "./standing.js";
import type { Timing } from "./timing.js";

/** What was last told of a pod. */
interface Told {
  uid: string;
  state: string;
  restarts: number;
}

type Change = EventBody<PodEvent> | EventBody<ClaimEvent> | EventBody<SetEvent>;

/** Tells each change of state once, from one snapshot to the next. */
export class Changes {
  private readonly pods = new Map<number, Told>();
  private readonly claims = new Map<string, string>();
  private numbers = "";

  /** `before` is what counts as known already: of it, only later changes are told. */
  constructor(before: Snapshot | undefined) {
    for (const diagnosed of before ? diagnose(before) : []) {
      const { ordinal, pod } = diagnosed;
      if (pod) this.pods.set(ordinal, told(pod, diagnosed, before));
    }
    for (const [name, claim] of before?.claims ?? []) this.claims.set(name, claimPhase(claim));
  }

  /** The changes since the last call. `timing` has observed the snapshot already. */
  next(snapshot: Snapshot, diagnosed: readonly Diagnosed[], timing: Timing): Change[] {
    return [
      ...this.setChange(snapshot),
      ...this.claimChanges(snapshot),
      ...this.podChanges(snapshot, diagnosed, timing),
    ];
  }

  private podChanges(snapshot: Snapshot, diagnosed: readonly Diagnosed[], timing: Timing): Change[] {
    const changes: EventBody<PodEvent>[] = [];
    const present = new Set(diagnosed.filter(({ pod }) => pod).map(({ ordinal }) => ordinal));
    // Several may have gone since the last look; a set lets them go from the highest on.
    const downwards = [...this.pods].toSorted(([left], [right]) => right - left);
    for (const [ordinal, { state }] of downwards) {
      if (!present.has(ordinal)) changes.push(this.forget(snapshot, ordinal, state, timing));
    }
    for (const ordinal of diagnosed) {
      const { pod } = ordinal;
      if (!pod) continue;
      const last = this.pods.get(ordinal.ordinal);
      if (last && last.uid !== pod.metadata.uid) {
        changes.push(this.forget(snapshot, ordinal.ordinal, last.state, timing));
      }
      changes.push(...this.podChange(ordinal, pod, snapshot, timing));
    }
    return changes;
  }

  private forget(snapshot: Snapshot, ordinal: number, from: string, timing: Timing): EventBody<PodEvent> {
    this.pods.delete(ordinal);
    const wanted = snapshot.set !== undefined && inRange(ordinalRange(snapshot.set), ordinal);
    const pod = podName(snapshot.name, ordinal);
    return { type: "pod", ordinal, pod, from, to: "Gone", ...(!wanted && elapsed(timing, ordinal)) };
  }

  private podChange(
    diagnosed: Diagnosed,
    pod: Pod,
    snapshot: Snapshot,
    timing: Timing,
  ): EventBody<PodEvent>[] {
    const { ordinal, name, trouble, broken } = diagnosed;
    const last = this.pods.get(ordinal);
    const now = told(pod, diagnosed, snapshot);
    if (last?.state === now.state && last.restarts === now.restarts) return [];
    this.pods.set(ordinal, now);
    const revision = podRevision(pod);
    const common = {
      type: "pod" as const,
      ordinal,
      pod: name,
      ...(revision !== undefined && { revision }),
      ...(now.restarts > 0 && { restarts: now.restarts }),
    };
    // Every pod begins as created, even one that is first seen further on.
    const created = last ? [] : [{ ...common, to: "Pending" }];
    if (!last && now.state === "Pending") return created;
    const change = {
      ...common,
      from: last?.state ?? "Pending",
      to: now.state,
      ...(trouble && (broken || now.state !== "Pending") && { message: `${name} ${trouble.words}` }),
      ...(diagnosed.settled && elapsed(timing, ordinal)),
    };
    return [...created, change];
  }

  private claimChanges({ claims, set, name }: Snapshot): EventBody<ClaimEvent>[] {
    const changes: EventBody<ClaimEvent>[] = [];
    const own = set ? claimTemplateNames(set) : [];
    const ordinalOf = (claim: string): number | undefined => {
      const template = own.find((template) => claim.startsWith(`${template}-${name}-`));
      const digits = template && claim.slice(template.length + name.length + 2);
      return digits && /^\d+$/.test(digits) ? Number(digits) : undefined;
    };
    for (const [claim, object] of claims) {
      const ordinal = ordinalOf(claim);
      const [from, to] = [this.claims.get(claim), claimPhase(object)];
      if (ordinal === undefined || from === to) continue;
      this.claims.set(claim, to);
      // Claims are read only once a pod waits for them: one that is bound by then is no news.
      if (from === undefined && to === "Bound") continue;
      changes.push({ type: "claim", claim, ordinal, ...(from !== undefined && { from }), to });
    }
    for (const [claim, from] of this.claims) {
      const ordinal = ordinalOf(claim);
      if (claims.has(claim) || ordinal === undefined) continue;
      this.claims.delete(claim);
      changes.push({ type: "claim", claim, ordinal, from, to: "Gone" });
    }
    return changes;
  }

  private setChange({ set, pods }: Snapshot): EventBody<SetEvent>[] {
    if (!set) return [];
    const change: EventBody<SetEvent> = {
      type: "set",
      generation: set.metadata.generation ?? 0,
      observedGeneration: set.status?.observedGeneration ?? 0,
      replicas: set.spec.replicas ?? 1,
      created: pods.size,
      ready: [...pods.values()].filter(isReady).length,
      updated: [...pods.values()].filter((pod) => podRevision(pod) === set.status?.updateRevision).length,
    };
    const numbers = JSON.stringify(change);
    if (numbers === this.numbers) return [];
    this.numbers = numbers;
    return [change];
  }
}

function told(pod: Pod, { phase, trouble, broken }: Diagnosed, snapshot: Snapshot | undefined): Told {
  const available = (snapshot?.set?.spec.minReadySeconds ?? 0) > 0;
  const state =
    phase === "ready" && available
      ? "Available"
      : stateName(pod, phase, broken ? trouble?.reason : undefined);
  return { uid: pod.metadata.uid, state, restarts: restartCount(pod) };
}

/**
 * The word for a pod's state in events: coarse enough that a healthy start is Pending, Running, Ready (and Available
 * with minReadySeconds).
 */
export function stateName(pod: Pod, phase: Phase, trouble?: string): string {
  if (phase === "terminating") return "Terminating";
  if (phase === "ended") return pod.status?.reason || pod.status?.phase || "Failed";
  if (phase === "ready" || phase === "minReady") return "Ready";
  const problem = containerStatuses(pod).map(containerProblem).find(Boolean);
  // The kubelet swings between the two on each try.
  if (problem === "ErrImagePull") return "ImagePullBackOff";
  if (problem) return problem;
  const running = phase === "starting" || phase === "notReady";
  return running ? "Running" : (trouble ?? "Pending");
}

function claimPhase({ metadata, status }: Claim): string {
  return metadata.deletionTimestamp === undefined ? (status?.phase ?? "Pending") : "Terminating";
}

function elapsed(timing: Timing, ordinal: number): { seconds?: number } {
  const time = timing.of(ordinal);
  return time && time.to !== Infinity ? { seconds: seconds(time.to - time.from) } : {};
}
