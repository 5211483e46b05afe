import type { Claim, Volume } from "../../model.js";
import { kubectlCommand, ownCommand, type Naming } from "../../progress/naming.js";
import { enumerate, listWords, shellWord } from "../../words.js";
import { bindCompleted, isReservedFor, whyNotBack } from "./volume.js";
import type { SavedClaim } from "../saved.js";

/** A claim of a backup, and the file that holds it. */
export interface SavedFile extends SavedClaim {
  file: string;
}

/** What a decision rests on, as the server has it now. */
export interface Situation {
  /** The claim that has the name now. */
  living: Claim | undefined;
  /** Undefined: there is none. */
  volume(name: string): Volume | undefined;
  /** Names of the pods that mount a claim of that name. */
  users: readonly string[];
  /** Whether the command may wait for an old claim to go. */
  wait: boolean;
  /** How commands for the claim's namespace are written. */
  naming: Naming;
}

/** Nothing is to be done. */
export interface Unchanged {
  action: "unchanged";
  saved: SavedFile;
  /** That is there. */
  living: Claim;
}

/** The claim is made again, or what an earlier run has begun is finished. */
export interface Restore {
  action: "restore";
  saved: SavedFile;
  volume: Volume;
  /** The claim is there and only has to be bound: what an earlier run has left. */
  made: Claim | undefined;
  /** The old claim that is still on its way out. */
  leaving: Claim | undefined;
  /** Its reclaim policy is set to Retain before anything else. */
  keep: boolean;
  users: readonly string[];
}

export interface Refused {
  action: "refused";
  saved: SavedFile;
  reason: string;
  /** What to do about it, in words or as a command. */
  remedy?: string | undefined;
}

export type RestoreDecision = Unchanged | Restore | Refused;

/**
 * Decides about one name: `generations` are the saved claims that had it, one after the other; there is at least one.
 * Those of one volume count as one, the newest. Of several volumes none is chosen: which data is wanted, a person knows.
 */
export function decideRestore(
  generations: readonly [SavedFile, ...SavedFile[]],
  now: Situation,
): RestoreDecision {
  const { living } = now;
  const same = generations.find(({ claim }) => claim.metadata.uid === living?.metadata.uid);
  if (same && living && !isLeaving(living)) return stillThere(same, living, now);
  const choice = chooseGeneration(generations, now);
  return "action" in choice ? choice : decideAbout(choice, now);
}

/** The claim that was saved has never gone. */
function stillThere(saved: SavedFile, living: Claim, now: Situation): RestoreDecision {
  if (living.status?.phase === "Lost") return lost(saved, living, now);
  return { action: "unchanged", saved, living };
}

function chooseGeneration(
  generations: readonly [SavedFile, ...SavedFile[]],
  { living, naming }: Situation,
): SavedFile | Refused {
  const newestFirst = [...generations].sort((a, b) => bornAt(b) - bornAt(a));
  const byVolume = new Map<string, SavedFile>();
  for (const saved of newestFirst) {
    const { volumeName } = saved.claim.spec;
    if (volumeName && !byVolume.has(volumeName)) byVolume.set(volumeName, saved);
  }
  const bound = !living || isLeaving(living) ? undefined : byVolume.get(living.spec.volumeName ?? "");
  const [first, ...others] = byVolume.values();
  if (!first) {
    const reason = "it had no volume when it was saved: there is nothing to give back";
    return { action: "refused", saved: newestFirst[0] ?? generations[0], reason };
  }
  if (bound || others.length === 0) return bound ?? first;
  const commands = [first, ...others].map(({ file }) =>
    ownCommand({ ...naming, namespace: undefined }, `pvc restore ${shellWord(file)}`),
  );
  return {
    action: "refused",
    saved: first,
    reason: `it is saved more than once, with different volumes (${listWords([...byVolume.keys()])})`,
    remedy: `name the file of the one that you want, the newest first: ${commands.join(" or ")}`,
  };
}

function bornAt({ claim }: SavedFile): number {
  return Date.parse(claim.metadata.creationTimestamp) || 0;
}

function isLeaving({ metadata }: Claim): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function decideAbout(saved: SavedFile, now: Situation): RestoreDecision {
  const { living, users } = now;
  const volume = now.volume(saved.claim.spec.volumeName ?? "");
  const isOurs = living?.spec.volumeName !== undefined && living.spec.volumeName === volume?.metadata.name;
  if (living && !isOurs) return notOurs(saved, living, now);
  if (living && isBoundTo(living, volume)) return { action: "unchanged", saved, living };
  if (living?.status?.phase === "Lost") return lost(saved, living, now);
  const reason = whyNotBack(saved, volume, living);
  if (reason !== undefined || !volume)
    return { action: "refused", saved, reason: reason ?? "", remedy: remedyFor(volume, now) };
  if (living && isLeaving(living) && !now.wait) {
    const remedy = "leave --wait=false away, or run the same again once it is gone";
    return { action: "refused", saved, reason: "the old claim is still Terminating", remedy };
  }
  const gone = living && isLeaving(living);
  const keep = volume.spec.persistentVolumeReclaimPolicy !== "Retain";
  const made = gone ? undefined : living;
  if (
    made?.metadata.annotations?.[bindCompleted] !== undefined &&
    !isReservedFor(volume, made.metadata.uid)
  ) {
    return lost(saved, made, now);
  }
  return { action: "restore", saved, volume, made, leaving: gone ? living : undefined, keep, users };
}

function isBoundTo(claim: Claim, volume: Volume | undefined): boolean {
  const isBound = claim.status?.phase === "Bound" && !isLeaving(claim);
  return isBound && volume?.spec.claimRef?.uid === claim.metadata.uid;
}

/** A claim has the name that is neither the saved one nor bound to its volume. */
function notOurs(saved: SavedFile, living: Claim, { naming, users }: Situation): Refused {
  const { name } = living.metadata;
  const { volumeName } = living.spec;
  const bound = volumeName ? `bound to volume ${volumeName}` : "not bound yet";
  if (isLeaving(living)) {
    const reason = `another claim of that name is Terminating (${bound})`;
    return { action: "refused", saved, reason, remedy: "run the same again once it is gone" };
  }
  const used = users.length > 0 ? `, mounted by ${enumerate(users)}` : "";
  const first = used ? "stop the pods that mount it (a set makes it anew for a pod in range), then " : "";
  return {
    action: "refused",
    saved,
    reason: `another claim of that name is there, ${bound}${used}`,
    remedy: `when nobody needs it: ${first}${kubectlCommand(naming, `delete pvc ${name}`)}, and then the same again`,
  };
}

function lost(saved: SavedFile, living: Claim, { naming }: Situation): Refused {
  const { name } = living.metadata;
  const remedy = `${kubectlCommand(naming, `delete pvc ${name}`)}, and then the same again`;
  return {
    action: "refused",
    saved,
    reason: "a claim of that name is there and Lost, which is for good",
    remedy,
  };
}

/** A person who has seen to the data of a volume that failed can set it free; then it is given back as any other. */
function remedyFor(volume: Volume | undefined, { naming }: Situation): string | undefined {
  if (volume?.status?.phase !== "Failed" || volume.metadata.deletionTimestamp) return undefined;
  const spec = { persistentVolumeReclaimPolicy: "Retain", claimRef: { uid: null, resourceVersion: null } };
  const patch = `patch pv ${volume.metadata.name} --type=merge -p '${JSON.stringify({ spec })}'`;
  return `when its data is all right: ${kubectlCommand({ ...naming, namespace: undefined }, patch)}`;
}
