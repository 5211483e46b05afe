import { inProcessPort } from "../../../src/sandbox/api/in-process.js";
import { type Gates, startControllers } from "../../../src/sandbox/controllers/index.js";
import { sandboxKinds } from "../../../src/sandbox/kinds/registry.js";
import type { AnyObject, ClusterPort, PortEvent } from "../../../src/sandbox/port.js";
import { seed } from "../../../src/sandbox/seed.js";
import { startSimulator } from "../../../src/sandbox/simulator/index.js";
import { Resources } from "../../../src/sandbox/store/resources.js";
import { Store } from "../../../src/sandbox/store/store.js";
import { VirtualClock } from "./virtual-clock.js";

export const web = { namespace: "default", name: "web" };

/** Which Kubernetes a world is. */
export interface Flavour {
  kubernetesVersion: "1.36" | "1.37";
  gates?: Partial<Gates>;
}

/** Turns of the event loop without a write after which nothing is under way: a chain of watch, queue and sync is shorter. */
const quietTurns = 6;
/** Turns, or timers, after which something goes on for ever. */
const tooMany = 5_000;
/** Once no pod has moved for so long (simulated ms) none will: longer than any start, patience or minReadySeconds here. */
const stillness = 240_000;

/** A sandbox without HTTP, in time that jumps: what takes minutes in life takes milliseconds, in the same order. */
export class World {
  /** How many pods have come, or been told to go, so far. */
  turnover = 0;
  private lastMove = 0;
  private readonly leaving = new Set<string>();
  private readonly standing = new Map<string, string>();

  private constructor(
    readonly flavour: Flavour,
    readonly clock: VirtualClock,
    private readonly store: Store,
    /** As somebody who uses the cluster. */
    readonly port: ClusterPort,
    readonly stop: () => void,
  ) {}

  static async start(flavour: Flavour): Promise<World> {
    const { kubernetesVersion, gates = {} } = flavour;
    const clock = new VirtualClock();
    const store = new Store({ history: 16 });
    let serial = 0;
    const resources = new Resources(sandboxKinds(), store, {
      now: () => clock.now(),
      random: () => 0.5,
      newUid: () => `uid-${++serial}`,
      kubernetesVersion,
      gates,
    });
    await seed(inProcessPort(resources, "kube-apiserver"), true);
    const manager = inProcessPort(resources, "kube-controller-manager");
    const controllers = await startControllers(manager, { clock, kubernetesVersion, gates });
    const simulator = await startSimulator(inProcessPort(resources, "kubelet"), { scheduler: true, clock });
    const stop = (): void => {
      simulator.stop();
      controllers.stop();
    };
    const world = new World(flavour, clock, store, inProcessPort(resources, "somebody"), stop);
    await world.port.watch("statefulsets", () => world.moved());
    await world.port.watch("pods", (event) => world.see(event));
    return world;
  }

  /** Lets everything happen that is due now or follows from it. `look` is called in between. */
  async settle(look: () => Promise<void> = nothing): Promise<void> {
    for (let quiet = 0, turns = 0, last = this.store.revision; quiet < quietTurns; quiet += 1) {
      if ((turns += 1) > tooMany) throw new Error("the world never settles");
      await new Promise((resolve) => setImmediate(resolve));
      await look();
      if (this.store.revision !== last) quiet = 0;
      last = this.store.revision;
    }
  }

  /** Lets so many milliseconds pass. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.clock.now() + milliseconds;
    if (milliseconds === 0) return await new Promise((resolve) => setImmediate(resolve));
    await this.settle();
    while (this.clock.nextDue <= end) {
      this.clock.moveTo(this.clock.nextDue);
      await this.settle();
    }
    this.clock.moveTo(end);
  }

  /** Leaves the world alone until no pod moves any more. */
  async rest(look: () => Promise<void> = nothing): Promise<void> {
    this.moved();
    await this.settle(look);
    for (let steps = 0; this.clock.now() < this.lastMove + stillness; steps += 1) {
      if (steps > tooMany) throw new Error("the world never comes to rest");
      this.clock.moveTo(Math.min(this.clock.nextDue, this.lastMove + stillness));
      await this.settle(look);
    }
  }

  private see({ type, object }: PortEvent): void {
    const { uid, deletionTimestamp } = object.metadata;
    const leaves = type === "DELETED" || deletionTimestamp !== undefined;
    if (type === "ADDED" || (leaves && !this.leaving.has(uid))) this.turnover += 1;
    if (leaves) this.leaving.add(uid);
    const standing = `${type === "DELETED"} ${leaves} ${object["status"].phase} ${isReady(object)}`;
    if (this.standing.get(uid) !== standing) this.moved();
    this.standing.set(uid, standing);
  }

  private moved(): void {
    this.lastMove = this.clock.now();
  }
}

export function isReady({ status }: AnyObject): boolean {
  const conditions = (status?.conditions ?? []) as { type: string; status: string }[];
  return conditions.some((condition) => condition.type === "Ready" && condition.status === "True");
}

const nothing = async (): Promise<void> => undefined;
