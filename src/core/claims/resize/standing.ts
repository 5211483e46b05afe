import { podName } from "../../identity.js";
import type { Claim, Pod } from "../../model.js";
import { compareQuantities } from "../../quantity.js";
import { requestOf } from "../size.js";
import { growthOf, type Growth } from "./growth.js";
import type { PlannedClaim } from "./plan.js";

/** How one claim stands, and what it needs. */
export interface Standing {
  planned: PlannedClaim;
  growth: Growth;
  /** What has to happen next: nothing of ours, a restart of its pod, or that its pod comes up. */
  needs: "nothing" | "restart" | "pod";
  /** When a restart will be needed, if nothing happens until then; milliseconds since the epoch. */
  restartAt: number;
}

export interface Seen {
  /** As it is now; undefined: no claim of that UID is there. */
  claim: Claim | undefined;
  /** The set's pod of its ordinal. */
  pod: Pod | undefined;
  now: number;
  /** Milliseconds that a file system may take to grow while its pod runs. */
  restartAfter: number;
}

/**
 * A file system waits in two ways that look alike: for the next look of the kubelet, which grows it while the pod runs,
 * or for a new mount. A driver that refused says which (`NodeResizeError`); otherwise only time tells. What a pod mounts
 * that starts now, grows then.
 */
export function standingOf(planned: PlannedClaim, { claim, pod, now, restartAfter }: Seen): Standing {
  const growth = growthOf(claim ?? planned.claim, planned.to);
  const standing = { planned, growth, needs: "nothing", restartAt: Infinity } as const;
  if (growth.state !== "FileSystemResizePending") return standing;
  if (!pod || pod.metadata.deletionTimestamp !== undefined || pod.status?.phase !== "Running") {
    return { ...standing, needs: "pod" };
  }
  const mounted = Date.parse(pod.status.startTime ?? "") || 0;
  const restartAt =
    growth.refusedAt !== undefined && growth.refusedAt >= mounted
      ? now
      : Math.max(growth.since ?? 0, mounted) + restartAfter;
  return { ...standing, needs: restartAt <= now ? "restart" : "nothing", restartAt };
}

/** Why nobody may go on with a claim: it is another one, or somebody else resizes it. */
export function disputeOf(
  { claim: { metadata }, to }: PlannedClaim,
  found: Claim | undefined,
): string | undefined {
  if (!found) return `${metadata.name} was deleted meanwhile`;
  if (found.metadata.deletionTimestamp !== undefined) return `${metadata.name} is being deleted by now`;
  const asked = requestOf(found);
  if (compareQuantities(asked, to) === 0) return undefined;
  return `${metadata.name} asks for ${asked} by now, and not for ${to}: somebody else resizes it`;
}

/** What is waited for: `data-web-0 (Resizing)`; pods where it is for them. */
export function waitingWords({ planned: { claim, ordinal }, growth, needs }: Standing, set: string): string {
  const { name } = claim.metadata;
  if (needs === "pod") return `${name} (its file system grows when ${podName(set, ordinal)} has mounted it)`;
  return `${name} (${growth.state})`;
}
