import { containerFault, type Fault, slowness } from "./faults.js";
import { missingReference } from "./mounts.js";
import { backOff, pace } from "./pace.js";
import type { Container, PodRun } from "./pod-run.js";
import { startedContainer, terminatedContainer, waitingContainer } from "./pod-status.js";

/**
 * Takes a container from wherever it is to where it stays: running and ready, or at its end. Each turn follows from the
 * container's status alone, so a simulator that comes back goes on where another stopped.
 */
export async function runContainer(run: PodRun, container: Container): Promise<void> {
  for (;;) {
    const { state, restartCount, containerID } = run.container(container.name);
    if (state.running) {
      if ((await keepRunning(run, container)) === "stays") return;
    } else if (state.terminated) {
      if (!comesBack(run, container, state.terminated.exitCode)) return;
      if (restartCount === 0) await start(run, container);
      else await backOffRestart(run, container, restartCount);
    } else {
      if (containerID === undefined) await prepare(run, container);
      else await run.activity.sleep(backOff(restartCount));
      await start(run, container);
    }
  }
}

function faultOf(run: PodRun, container: Container): Fault | undefined {
  return containerFault(run.pod, container);
}

/** Everything before the first start: the image and what the environment refers to. */
async function prepare(run: PodRun, container: Container): Promise<void> {
  await pullImage(run, container);
  for (;;) {
    const broken = faultOf(run, container) === "config-error";
    const missing = broken ? 'configmap "sandbox-fault" not found' : missingReference(run, container);
    if (missing === undefined) break;
    run.say({ type: "Warning", reason: "Failed", message: `Error: ${missing}` });
    await wait(run, container, "CreateContainerConfigError", missing);
    await run.activity.sleep(pace.probePeriod);
  }
  await run.activity.sleep(pace.start + slowness(run.pod));
}

async function pullImage(run: PodRun, container: Container): Promise<void> {
  const { image } = container;
  for (let tries = 1; ; tries += 1) {
    run.say({ reason: "Pulling", message: `Pulling image "${image}"` });
    await run.activity.sleep(pace.image);
    if (faultOf(run, container) !== "image-pull") break;
    const cause = `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": not found`;
    run.say({
      type: "Warning",
      reason: "Failed",
      message: `Failed to pull image "${image}": ${cause}`,
    });
    run.say({ type: "Warning", reason: "Failed", message: "Error: ErrImagePull" });
    await wait(run, container, "ErrImagePull", cause);
    await run.activity.sleep(pace.image);
    run.say({ reason: "BackOff", message: `Back-off pulling image "${image}"` });
    run.say({ type: "Warning", reason: "Failed", message: "Error: ImagePullBackOff" });
    await wait(
      run,
      container,
      "ImagePullBackOff",
      `Back-off pulling image "${image}": ErrImagePull: ${cause}`,
    );
    await run.activity.sleep(backOff(tries));
  }
  sayPulled(run, image);
}

/** A container that ran before finds its image on the node, unless its policy is to ask for it each time. */
function findImage(run: PodRun, { image, imagePullPolicy }: Container): void {
  if (imagePullPolicy === "Always") {
    run.say({ reason: "Pulling", message: `Pulling image "${image}"` });
    return sayPulled(run, image);
  }
  const message = `Container image "${image}" already present on machine and can be accessed by the pod`;
  run.say({ reason: "Pulled", message });
}

function sayPulled(run: PodRun, image: string): void {
  const time = `${pace.image}ms`;
  const message = `Successfully pulled image "${image}" in ${time} (${time} including waiting). Image size: 10485760 bytes.`;
  run.say({ reason: "Pulled", message });
}

async function start(run: PodRun, container: Container): Promise<void> {
  if (run.container(container.name).containerID !== undefined) findImage(run, container);
  run.say({ reason: "Created", message: "Container created" });
  run.say({ reason: "Started", message: "Container started" });
  const { metadata } = run.pod;
  const ready = probeDelay(container) === 0 && !isUnfit(faultOf(run, container));
  await run.set({ ...startedContainer(run.container(container.name), metadata.uid, run.now()), ready });
}

/** A container of a crash loop ends before any probe would find it ready. */
function isUnfit(fault: Fault | undefined): boolean {
  return fault === "crash-loop" || fault === "never-ready";
}

/** Until the container ends, or stays as it is for good. */
async function keepRunning(run: PodRun, container: Container): Promise<"stays" | "ended"> {
  const runsToEnd = isInit(run, container) || run.pod["spec"].restartPolicy !== "Always";
  if (faultOf(run, container) === "crash-loop") return end(run, container, 1);
  if (runsToEnd) return end(run, container, 0);
  await becomeReady(run, container);
  if (faultOf(run, container) !== "crash-once" || run.container(container.name).restartCount > 0)
    return "stays";
  await run.activity.sleep(pace.well);
  return end(run, container, 1);
}

async function end(run: PodRun, container: Container, exitCode: number): Promise<"ended"> {
  await run.activity.sleep(pace.run);
  await run.set(terminatedContainer(run.container(container.name), exitCode, run.now()));
  return "ended";
}

async function becomeReady(run: PodRun, container: Container): Promise<void> {
  if (run.container(container.name).ready) return;
  await run.activity.sleep(probeDelay(container));
  while (faultOf(run, container) === "never-ready") {
    const message = "Readiness probe failed: HTTP probe failed with statuscode: 503";
    run.say({ type: "Warning", reason: "Unhealthy", message });
    await run.activity.sleep(pace.probePeriod);
  }
  await run.set({ ...run.container(container.name), ready: true });
}

/** 0 for a container without probes: it is ready as soon as it runs. */
function probeDelay({ startupProbe, readinessProbe }: Container): number {
  return [startupProbe, readinessProbe]
    .filter((probe) => probe !== undefined)
    .reduce((sum, probe) => sum + pace.probe + (probe.initialDelaySeconds ?? 0) * 1_000, 0);
}

function comesBack(run: PodRun, container: Container, exitCode: number): boolean {
  const policy = run.pod["spec"].restartPolicy as string;
  if (isInit(run, container)) return exitCode !== 0 && policy !== "Never";
  return policy === "Always" || (policy === "OnFailure" && exitCode !== 0);
}

function isInit(run: PodRun, { name }: Container): boolean {
  return run.view.initContainers.some((status) => status.name === name);
}

async function backOffRestart(run: PodRun, { name, ...rest }: Container, restarts: number): Promise<void> {
  const { metadata } = run.pod;
  const pod = `${metadata.name}_${metadata.namespace}(${metadata.uid})`;
  const message = `Back-off restarting failed container ${name} in pod ${pod}`;
  run.say({ type: "Warning", reason: "BackOff", message });
  const seconds = backOff(restarts) / 1_000;
  const time = seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
  const why = `back-off ${time} restarting failed container=${name} pod=${pod}`;
  await wait(run, { ...rest, name }, "CrashLoopBackOff", why);
}

function wait(run: PodRun, { name }: Container, reason: string, message: string): Promise<void> {
  return run.set(waitingContainer(run.container(name), reason, message));
}
