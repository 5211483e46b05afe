import type { Clock } from "./clock.js";

/** How long the steps of the simulated world take at speed 1, in milliseconds. */
export const pace = {
  /** From a pod's creation to its binding. */
  schedule: 50,
  /** A provisioner at work on a volume: making, growing or removing it. */
  volume: 400,
  /** An image that is pulled, or that turns out not to be there. */
  image: 800,
  /** From the image to a running container. */
  start: 600,
  /** From a running container to its first successful probe, beside the probe's own initialDelaySeconds. */
  probe: 300,
  /** How long a container of a crash loop lives, and one of a pod that is to run to its end. */
  run: 1_000,
  /** How long a container that crashes once is well before that. */
  well: 19_000,
  /** From the request to stop to the end of the container. */
  terminate: 500,
  /** A node that is lost, after its pod became Ready. */
  nodeLost: 2_000,
  /** The kubelet's default periodSeconds of a probe. */
  probePeriod: 10_000,
} as const;

/** The kubelet's back-off after `failures` failed tries (1 and up), in milliseconds: 10 s, 20 s … at most 5 minutes. */
export function backOff(failures: number): number {
  return Math.min(10_000 * 2 ** (failures - 1), 300_000);
}

/** Something that goes on until it is called off: a pod that runs, a watch that somebody waits for. */
export class Activity {
  private readonly ends = new Set<() => void>();
  private over = false;

  constructor(
    private readonly clock: Clock,
    private readonly speed: number,
  ) {}

  get ended(): boolean {
    return this.over;
  }

  /** Waits `milliseconds` of the simulated world. Never resolves once the activity has ended. */
  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.over) return;
      const wake = () => {
        this.ends.delete(cancel);
        resolve();
      };
      const cancel = this.clock.after(milliseconds / this.speed, wake);
      this.ends.add(cancel);
    });
  }

  /** Calls `run` when the activity ends, now when it has; returns what takes that back. */
  onEnd(run: () => void): () => void {
    if (this.over) run();
    else this.ends.add(run);
    return () => this.ends.delete(run);
  }

  end(): void {
    if (this.over) return;
    this.over = true;
    for (const run of this.ends) run();
    this.ends.clear();
  }
}
