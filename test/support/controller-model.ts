import type { Pod, StatefulSet } from "../../src/core/model.js";
import { makePod, makeSet, type PodStage } from "./objects.js";

/** A pod of the model: its stage and its revision. */
interface ModelPod {
  stage: PodStage;
  revision: string;
  serial: number;
}

export type Step = "controller" | "kubelet" | "status";

/**
 * A model of the StatefulSet controller (semantics.md, one sync) and of a kubelet, small enough to be seen right, with
 * a status that is written late. Random steps in random order make histories to hold a verdict against.
 */
export class ControllerModel {
  readonly pods = new Map<number, ModelPod>();
  private serial = 0;
  private generation = 1;
  private observed = 1;
  private updateRevision = "a";
  private seen = { replicas: 0, ready: 0, update: "a" };
  private readonly currentRevision = "a";

  constructor(
    public replicas: number,
    readonly policy: "OrderedReady" | "Parallel",
    public partition: number,
  ) {
    for (let ordinal = 0; ordinal < replicas; ordinal += 1) this.make(ordinal, "a", "ready");
    this.writeStatus();
  }

  scale(replicas: number): void {
    this.replicas = replicas;
    this.generation += 1;
  }

  update(revision: string, partition: number): void {
    this.updateRevision = revision;
    this.partition = partition;
    this.generation += 1;
  }

  /** Whether the world is as the spec asks: what a verdict of Done claims. */
  get isSettled(): boolean {
    const ordinals = [...this.pods.keys()];
    if (this.pods.size !== this.replicas || ordinals.some((ordinal) => ordinal >= this.replicas))
      return false;
    return [...this.pods].every(
      ([ordinal, { stage, revision }]) =>
        stage === "ready" && (ordinal < this.partition || revision === this.updateRevision),
    );
  }

  step(step: Step, pick: number): void {
    if (step === "status") return this.writeStatus();
    if (step === "controller") return this.sync();
    this.kubelet(pick);
  }

  get set(): StatefulSet {
    const { replicas, ready, update } = this.seen;
    return makeSet({
      replicas: this.replicas,
      generation: this.generation,
      observed: this.observed,
      policy: this.policy,
      partition: this.partition,
      current: this.currentRevision,
      update,
      status: { replicas, readyReplicas: ready },
    });
  }

  get objects(): Pod[] {
    return [...this.pods].map(([ordinal, { stage, revision, serial }]) =>
      makePod(ordinal, stage, { revision, uid: `pod-${serial}` }),
    );
  }

  private sync(): void {
    const ordered = this.policy === "OrderedReady";
    for (let ordinal = 0; ordinal < this.replicas; ordinal += 1) {
      const pod = this.pods.get(ordinal);
      if (!pod)
        this.make(ordinal, ordinal < this.partition ? this.currentRevision : this.updateRevision, "pending");
      if ((!pod || pod.stage !== "ready") && ordered) return;
    }
    const condemned = [...this.pods.keys()]
      .filter((ordinal) => ordinal >= this.replicas)
      .sort((a, b) => b - a);
    for (const ordinal of condemned) {
      this.terminate(ordinal);
      if (ordered) return;
    }
    for (let ordinal = this.replicas - 1; ordinal >= this.partition; ordinal -= 1) {
      const pod = this.pods.get(ordinal);
      if (!pod) return;
      if (pod.revision !== this.updateRevision) return this.terminate(ordinal);
      if (pod.stage !== "ready") return;
    }
  }

  /** Brings one pod a stage further. */
  private kubelet(pick: number): void {
    const entries = [...this.pods].filter(([, { stage }]) => stage !== "ready");
    const [ordinal, pod] = entries[pick % Math.max(1, entries.length)] ?? [];
    if (ordinal === undefined || !pod) return;
    const next: Partial<Record<PodStage, PodStage>> = {
      pending: "scheduled",
      scheduled: "pulling",
      pulling: "running",
      running: "ready",
    };
    if (pod.stage === "terminating") this.pods.delete(ordinal);
    else pod.stage = next[pod.stage] ?? "ready";
  }

  private writeStatus(): void {
    this.observed = this.generation;
    const ready = [...this.pods.values()].filter(
      ({ stage }) => stage === "ready" || stage === "terminating",
    ).length;
    this.seen = { replicas: this.pods.size, ready, update: this.updateRevision };
  }

  private make(ordinal: number, revision: string, stage: PodStage): void {
    this.serial += 1;
    this.pods.set(ordinal, { stage, revision, serial: this.serial });
  }

  private terminate(ordinal: number): void {
    const pod = this.pods.get(ordinal);
    if (pod) pod.stage = "terminating";
  }
}
