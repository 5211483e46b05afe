import type { Pod } from "../../model.js";
import type { ContainerStatus } from "../../pod-state.js";
import { Reason } from "../reasons.js";
import { eventTime, podEvents, type Snapshot } from "../snapshot.js";
import { firstContainer, shorten, type Rule } from "../trouble.js";

type Container = Pod["spec"]["containers"][number];
type Probe = NonNullable<Container["readinessProbe"]>;

/** Even where the fields allow less (30 s by default): a database that recovers takes longer in good health. */
const leastForgiveness = 60_000;

/** A container that runs and that its probe says is not ready, for longer than the probe's own fields allow. */
export const probeRule: Rule = (pod, snapshot) =>
  firstContainer(pod, (status) => {
    const container = pod.spec.containers.find(({ name }) => name === status.name);
    if (!container || status.ready || !status.state?.running) return undefined;
    const message = lastFailure(pod, snapshot, status);
    if (message === undefined) return undefined;
    const since = Date.parse(status.state.running.startedAt ?? "");
    const words = `is not ready: ${shorten(message)}`;
    return {
      reason: Reason.ProbeFailed,
      words,
      fatalFrom: since + forgiveness(container),
      container: status.name,
    };
  });

function lastFailure(pod: Pod, snapshot: Snapshot, { name, state }: ContainerStatus): string | undefined {
  const since = Date.parse(state?.running?.startedAt ?? "");
  return podEvents(snapshot, pod).findLast(
    (event) =>
      event.reason === "Unhealthy" &&
      eventTime(event) >= since &&
      (event.involvedObject.fieldPath ?? name).includes(name),
  )?.message;
}

/** How long the probes of a container may fail from its start on, in milliseconds. */
function forgiveness({ startupProbe, readinessProbe }: Container): number {
  const startup = startupProbe ? allowance(startupProbe) : 0;
  const readiness = readinessProbe ? allowance(readinessProbe) : 0;
  return Math.max(leastForgiveness, startup + readiness);
}

/** The defaults are the API's (10 s, 3 failures, 1 s). */
function allowance(probe: Probe): number {
  const { initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3, timeoutSeconds = 1 } = probe;
  return (initialDelaySeconds + periodSeconds * failureThreshold + timeoutSeconds) * 1_000;
}
