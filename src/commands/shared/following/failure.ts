import type { Cluster } from "../../../cluster/cluster.js";
import type { Clock } from "../../../context.js";
import { podName } from "../../../core/identity.js";
import type { Event } from "../../../core/model.js";
import { Reason } from "../../../core/progress/reasons.js";
import { podEvents } from "../../../core/progress/snapshot.js";
import { within } from "../within.js";
import type { Session } from "./session.js";

const logLines = 5;
const eventLines = 3;
/** How long a failure waits for the log of its pod, in milliseconds. */
const logPatience = 5_000;

/** What the blocking pod said last; empty where it has not run, or its log cannot be had. */
export async function lastLog(cluster: Cluster, clock: Clock, session: Session): Promise<string[]> {
  const pod = session.blockingPod();
  const { reason, container } = session.blockingTrouble() ?? {};
  const hasRun = [Reason.CrashLoopBackOff, Reason.ProbeFailed, Reason.SoakFailed].some(
    (run) => run === reason,
  );
  if (!pod || !hasRun || container === undefined) return [];
  const { namespace } = session.target;
  const read = (previous: boolean): Promise<string> =>
    cluster.logs({ namespace, name: pod.metadata.name }, { container, previous, tailLines: logLines });
  const crashed = reason !== Reason.ProbeFailed;
  // The run before is the one that failed, unless its log is gone already.
  const log = crashed ? read(true).catch(() => read(false)) : read(false);
  const text = (await within(clock, logPatience, log)) ?? "";
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-logLines);
}

/** The last warnings about the blocking pod, or about making it: `BackOff: Back-off restarting failed container`. */
export function lastEvents({
  snapshot,
  verdict,
  target,
}: Pick<Session, "snapshot" | "verdict" | "target">): string[] {
  if (!snapshot || verdict.ordinal === undefined) return [];
  const pod = snapshot.pods.get(verdict.ordinal);
  const name = podName(target.name, verdict.ordinal);
  const about = pod ? podEvents(snapshot, pod) : creationEvents(snapshot.events, name);
  const lines = about
    .filter(({ type }) => type === "Warning")
    .map(({ reason, message }) => `${reason}: ${message}`);
  return [...new Set(lines.reverse())].slice(0, eventLines).reverse();
}

function creationEvents(events: readonly Event[], pod: string): Event[] {
  return events.filter(
    ({ involvedObject, message }) =>
      involvedObject.kind === "StatefulSet" && (message ?? "").split(/[\s"]/).includes(pod),
  );
}
