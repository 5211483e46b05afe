import type { Clock } from "./clock.js";
import { Activity } from "./pace.js";
import type { Say } from "./voices.js";
import type { World } from "./world.js";

/** What every simulated part works with. */
export interface Machine {
  world: World;
  say: Say;
  clock: Clock;
  /** How many times faster than life. */
  speed: number;
  /** Told of what went wrong and is tried again. */
  onError?: ((error: unknown, key: string) => void) | undefined;
}

/** Real milliseconds before what the server refused is tried again, from the state it then has. */
const retryDelay = 100;

/** Things that go on, one for each key, until they are done or called off. */
export class Activities {
  private readonly going = new Map<string, Activity>();

  constructor(private readonly machine: Machine) {}

  has(key: string): boolean {
    return this.going.has(key);
  }

  /** Runs `work`, again and again from the start while it fails. What a failed try left going ends with it. */
  start(key: string, work: (activity: Activity) => Promise<void>): void {
    const activity = new Activity(this.machine.clock, this.machine.speed);
    this.going.set(key, activity);
    void this.persist(key, activity, work).then(() => {
      if (this.going.get(key) === activity) this.going.delete(key);
    });
  }

  end(key: string): void {
    this.going.get(key)?.end();
    this.going.delete(key);
  }

  endAll(): void {
    for (const key of this.going.keys()) this.end(key);
  }

  private async persist(
    key: string,
    activity: Activity,
    work: (activity: Activity) => Promise<void>,
  ): Promise<void> {
    while (!activity.ended) {
      const attempt = new Activity(this.machine.clock, this.machine.speed);
      const forget = activity.onEnd(() => attempt.end());
      try {
        return await work(attempt);
      } catch (error) {
        if (!activity.ended) this.machine.onError?.(error, key);
      } finally {
        forget();
        attempt.end();
      }
      await activity.sleep(retryDelay * this.machine.speed);
    }
  }
}
