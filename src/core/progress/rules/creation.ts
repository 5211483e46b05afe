import type { Event } from "../../model.js";
import { Reason } from "../reasons.js";
import { eventTime, firstEventTime, lastWrite, type Snapshot } from "../snapshot.js";
import { shorten, type Trouble } from "../trouble.js";

/** Usage counts of a quota lag behind the pods that went: one refusal may pass. */
const quotaPatience = 10_000;
const final = /forbidden|is invalid|denied the request|violates PodSecurity|no kind .* is registered/i;
/** Somebody else's name, a conflict, a webhook or an API server that is restarting. */
const passing =
  /already exists|object has been modified|timed? ?out|connection refused|is being deleted|failed calling webhook/i;

/**
 * Why the controller could not make the pods (or their claims) that are missing, by the pod's name: the newest event
 * about each after the last write of the set, where it tells of a failure.
 */
export function creationTroubles({ set, events }: Snapshot): ReadonlyMap<string, Trouble> {
  const troubles = new Map<string, Trouble>();
  if (!set) return troubles;
  const since = lastWrite(set);
  for (const event of events) {
    if (event.involvedObject.uid !== set.metadata.uid || eventTime(event) < since) continue;
    const [, pod] = subject.exec(event.message ?? "") ?? [];
    if (pod === undefined) continue;
    if (event.reason === "SuccessfulCreate") troubles.delete(pod);
    if (event.reason === "FailedCreate") troubles.set(pod, describe(event, since));
  }
  return troubles;
}

/** `create Pod web-1 in StatefulSet web failed error: …`, and `create Claim www-web-1 for Pod web-1 in …`. */
const subject = /^create (?:Claim \S+ (?:for )?)?Pod (\S+) in StatefulSet /i;

function describe(event: Event, since: number): Trouble {
  const message = event.message ?? "";
  const words = `cannot be created: ${shorten(message.replace(/^.*failed error: /, ""), 240)}`;
  const fatalFrom = fatalTime(message, Math.max(firstEventTime(event), since));
  return { reason: Reason.FailedCreate, words, fatalFrom };
}

function fatalTime(message: string, since: number): number {
  if (passing.test(message)) return Infinity;
  if (/exceeded quota/.test(message)) return since + quotaPatience;
  return final.test(message) ? since : Infinity;
}
