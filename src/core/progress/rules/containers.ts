import type { ContainerStatus } from "../../pod-state.js";
import { containerProblem } from "../../pod-state.js";
import { Reason } from "../reasons.js";
import { podEvents } from "../snapshot.js";
import { always, firstContainer, scheduledAt, shorten, type Rule } from "../trouble.js";

/** How long a cause that often heals (a registry that times out, a file that is on its way) is waited for, in ms. */
const patience = 120_000;

/** Image errors that no further try changes (kubelet/images/types.go). */
const hopelessImage = ["InvalidImageName", "ErrImageNeverPull", "ImageInspectError"];
const imageReasons = [...hopelessImage, "ErrImagePull", "ImagePullBackOff", "RegistryUnavailable"];
const passing =
  /time(d )?out|timeout|refused|reset by peer|EOF|too many requests|429|temporar|TLS handshake|no such host|unavailable|5\d\d /i;
const denied =
  /not found|denied|unauthorized|authentication required|manifest unknown|no match for platform|invalid reference/i;

/** An image that cannot be had. A registry out of reach is waited for; one that says no is not. */
export const imageRule: Rule = (pod) =>
  firstContainer(pod, ({ name, image, state }) => {
    const { reason = "", message = "" } = state?.waiting ?? {};
    if (!imageReasons.includes(reason)) return undefined;
    const words = `cannot pull its image ${image}${cause(message)}`;
    const retried = reason === "ImagePullBackOff" && !passing.test(message);
    const hopeless = hopelessImage.includes(reason) || denied.test(message) || retried;
    const fatalFrom = hopeless ? always : scheduledAt(pod) + patience;
    return { reason: Reason.ImagePullBackOff, words, fatalFrom, container: name };
  });

/** What a registry answered, out of the kubelet's and the runtime's wrapping. */
function cause(message: string): string {
  const last = message.split(/: (?=[^:]*$)/).at(-1) ?? "";
  const known = denied.exec(message)?.[0] ?? passing.exec(message)?.[0];
  const text = known ?? (message ? shorten(last, 80) : "");
  return text ? ` (${text})` : "";
}

/** A container whose configuration names what is not there, or that the runtime cannot make. */
export const configRule: Rule = (pod) =>
  firstContainer(pod, ({ name, state }) => {
    const { reason = "", message = "" } = state?.waiting ?? {};
    if (
      !/^(CreateContainer(Config)?|RunContainer|PreCreateHook|PreStartHook|PostStartHook)Error$/.test(reason)
    ) {
      return undefined;
    }
    const words = `cannot start container ${name}: ${shorten(message || reason)}`;
    const sure = reason === "CreateContainerConfigError" && !/failed to sync|timed out/.test(message);
    const fatalFrom = sure ? always : scheduledAt(pod) + patience;
    return { reason: Reason.ConfigError, words, fatalFrom, container: name };
  });

/** A volume of a ConfigMap or Secret that does not exist: the pod stays in ContainerCreating, only events tell. */
export const mountRule: Rule = (pod, snapshot, { phase }) => {
  if (phase !== "volumes" && phase !== "images") return undefined;
  const event = podEvents(snapshot, pod).findLast(({ reason }) => reason === "FailedMount");
  if (!event) return undefined;
  const message = event.message ?? "";
  const [missing] = /(configmap|secret) "[^"]*" not found/.exec(message) ?? [];
  const words = missing ? `needs a volume of ${missing}` : `cannot mount a volume: ${shorten(message)}`;
  return { reason: Reason.ConfigError, words, fatalFrom: missing ? scheduledAt(pod) + 30_000 : Infinity };
};

/** Restarts from which on a container that does not stay up counts as crashing: one may always happen. */
const crashes = 2;
/**
 * A run that was shorter is taken for a crash on start. After so long the kubelet, too, forgets earlier failures
 * (twice the longest back-off, in ms), and the restarts before it are none of today's business.
 */
const steadyRun = 600_000;
/** A run after a crash counts as one that stays up once it has lasted as long as the one before, within these bounds (ms). */
const [shortestTrial, longestTrial] = [10_000, 60_000];

/** A container that ends again and again: between two runs, or in one that has not outlasted the one before. */
export const crashRule: Rule = (pod, { now }) =>
  firstContainer(pod, (container) => {
    const { name, restartCount, state } = container;
    const ended = state?.terminated ?? container.lastState?.terminated;
    const until = trialEnd(container);
    const onTrial = until !== undefined && now < until;
    if (restartCount === 0 || container.ready || !(isDown(container) || onTrial)) return undefined;
    const looping = restartCount >= crashes && !(lengthOf(ended) >= steadyRun);
    return {
      reason: Reason.CrashLoopBackOff,
      words: crashWords(container, ended),
      fatalFrom: looping ? always : Infinity,
      ...(onTrial && { until }),
      container: name,
    };
  });

/** Between two runs. */
function isDown(container: ContainerStatus): boolean {
  if (container.state?.terminated?.exitCode === 0) return false;
  return containerProblem(container) === "CrashLoopBackOff" || container.state?.terminated !== undefined;
}

/**
 * When a run after crashes is taken for one that stays up; undefined for any other. The run that decides whether it is
 * a crash loop has to come to its end: only a container that was one already is still one while it runs.
 */
function trialEnd({ restartCount, state, lastState }: ContainerStatus): number | undefined {
  if (!state?.running || !lastState?.terminated || restartCount <= crashes) return undefined;
  const trial = Math.min(Math.max(lengthOf(lastState.terminated) || 0, shortestTrial), longestTrial);
  return Date.parse(state.running.startedAt ?? "") + trial;
}

/** How long a run lasted, in milliseconds; NaN where that is not known. */
function lengthOf(run: Terminated | undefined): number {
  return Date.parse(run?.finishedAt ?? "") - Date.parse(run?.startedAt ?? "");
}

type Terminated = NonNullable<NonNullable<ContainerStatus["state"]>["terminated"]>;

function crashWords({ restartCount }: ContainerStatus, ended: Terminated | undefined): string {
  const restarts = `${restartCount} ${restartCount === 1 ? "restart" : "restarts"}`;
  if (ended?.reason === "OOMKilled") return `runs out of memory (OOMKilled, ${restarts})`;
  if (ended?.exitCode === 0) return `ends instead of staying up (exit code 0, ${restarts})`;
  return `crashes on start (${ended ? `exit code ${ended.exitCode}, ` : ""}${restarts})`;
}
