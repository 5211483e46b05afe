import type { AnyObject, Target } from "../port.js";
import { timestamp } from "./clock.js";
import type { Machine } from "./machine.js";
import { isOnLostNode, mattersTo } from "./node-loss.js";
import type { Activity } from "./pace.js";
import { type ContainerStatus, newContainer, podStatus, type PodView } from "./pod-status.js";
import type { Words } from "./voices.js";
import { isRefused, targetOf } from "./world.js";

export interface Container {
  name: string;
  image: string;
  [field: string]: any; // oxlint-disable-line no-explicit-any -- a part of an object of the API, as JSON
}

/** One pod in the hands of its kubelet: its containers as they are now, and the way to report them. */
export class PodRun {
  readonly target: Target;
  readonly view: PodView;
  private writing: Promise<void> = Promise.resolve();

  /** Goes on from the status that the pod has. */
  constructor(
    readonly machine: Machine,
    private readonly first: AnyObject,
    readonly activity: Activity,
  ) {
    this.target = targetOf(first);
    this.view = readView(this.pod, this.now(), hostAddress(machine, first));
  }

  /** The pod as it was last seen. */
  get pod(): AnyObject {
    const pod = this.machine.world.get("pods", this.target);
    return pod?.metadata.uid === this.first.metadata.uid ? pod : this.first;
  }

  now(): string {
    return timestamp(this.machine.clock);
  }

  container(name: string): ContainerStatus {
    const { initContainers, containers } = this.view;
    const found = [...containers, ...initContainers].find((status) => status.name === name);
    if (!found) throw new Error(`pod ${this.target.name} has no container ${name}`);
    return found;
  }

  /** Replaces the status of a container and reports the pod. */
  async set(status: ContainerStatus): Promise<void> {
    const replace = (statuses: ContainerStatus[]) =>
      statuses.map((present) => (present.name === status.name ? status : present));
    this.view.containers = replace(this.view.containers);
    this.view.initContainers = replace(this.view.initContainers);
    await this.report();
  }

  /** Waits until the pod's node is not lost: until then its kubelet does nothing. */
  async untilNodeAnswers(): Promise<void> {
    const { world } = this.machine;
    await world.until(
      this.activity,
      mattersTo(this.first),
      () => !isOnLostNode(world, this.first) || undefined,
    );
  }

  /** Writes the pod's status as its kubelet does, after what is being written of it. */
  async report(): Promise<void> {
    await this.untilNodeAnswers();
    await this.tell();
  }

  /** The same, by whoever speaks for a kubelet that is silent. */
  tell(): Promise<void> {
    const write = () => this.write();
    this.writing = this.writing.then(write, write);
    return this.writing;
  }

  say(words: Words): void {
    if (this.activity.ended || isOnLostNode(this.machine.world, this.first)) return;
    this.machine.say(this.pod, { component: "kubelet", host: String(this.first["spec"].nodeName) }, words);
  }

  private async write(): Promise<void> {
    const { world } = this.machine;
    for (let pod: AnyObject | undefined = this.pod; pod && !this.activity.ended;) {
      try {
        const status = podStatus(pod, this.view, this.now());
        await world.patch("pods", pod, { status }, "status");
        return;
      } catch (error) {
        if (!isRefused(error, "Conflict")) throw error;
        pod = await world.port.get("pods", this.target);
        if (pod?.metadata.uid !== this.first.metadata.uid) return;
      }
    }
  }
}

function hostAddress({ world }: Machine, pod: AnyObject): string {
  const addresses = (world.get("nodes", { name: pod["spec"].nodeName })?.["status"]?.addresses ?? []) as {
    type: string;
    address: string;
  }[];
  return addresses.find(({ type }) => type === "InternalIP")?.address ?? "";
}

function readView({ spec, status = {} }: AnyObject, now: string, hostIP: string): PodView {
  const read = (
    containers: Container[] | undefined,
    statuses: ContainerStatus[] | undefined,
    reason: string,
  ) =>
    (containers ?? []).map(
      (container) => statuses?.find(({ name }) => name === container.name) ?? newContainer(container, reason),
    );
  const reason = spec.initContainers?.length > 0 ? "PodInitializing" : "ContainerCreating";
  return {
    initContainers: read(spec.initContainers, status.initContainerStatuses, reason),
    containers: read(spec.containers, status.containerStatuses, reason),
    hostIP: status.hostIP ?? hostIP,
    podIP: status.podIP,
    startTime: status.startTime ?? now,
  };
}
