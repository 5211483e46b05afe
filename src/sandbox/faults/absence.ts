import type { Clock } from "../simulator/clock.js";
import { StatusError } from "../store/status.js";
import type { FaultReport } from "./types.js";

export interface AbsenceOptions {
  clock: Clock;
  /** Closes the API's address; what it returns opens it again, or rejects when somebody else has it meanwhile. */
  leave(): () => Promise<void>;
  /** Told why the API cannot come back yet. */
  note?: ((text: string) => void) | undefined;
}

const retryMilliseconds = 1_000;

/** The API's time away. Of two absences at once the later one counts. */
export class Absence {
  #current: FaultReport | undefined;
  #callOff: (() => void) | undefined;
  /** While the address is closed. */
  #comeBack: (() => Promise<void>) | undefined;
  #coming: Promise<void> | undefined;

  constructor(private readonly options: AbsenceOptions) {}

  /** The fault as it is listed; undefined while the API is there. */
  get report(): FaultReport | undefined {
    return this.#current;
  }

  /** Goes away for so many milliseconds, whatever was said before. */
  async begin(name: string, milliseconds: number): Promise<FaultReport> {
    while (this.#coming) await this.#coming.catch(() => undefined);
    const { clock, leave } = this.options;
    this.#comeBack ??= leave();
    this.#callOff?.();
    this.#callOff = clock.after(milliseconds, () => void this.#returnSometime());
    const since = new Date(clock.now()).toISOString();
    const until = new Date(clock.now() + milliseconds).toISOString();
    return (this.#current = { name, type: "away", milliseconds, state: "on", since, until });
  }

  /** Comes back now. Rejects with a Status when that cannot be; it is then tried again when the time is over. */
  async end(): Promise<void> {
    try {
      await this.#return();
    } catch (error) {
      throw new StatusError(503, "ServiceUnavailable", `the API cannot come back: ${messageOf(error)}`, {});
    }
  }

  /** Stays where it is: the sandbox ends. */
  close(): void {
    this.#callOff?.();
  }

  #return(): Promise<void> {
    this.#coming ??= (this.#comeBack?.() ?? Promise.resolve())
      .then(() => {
        this.#callOff?.();
        this.#comeBack = undefined;
        this.#current = undefined;
      })
      .finally(() => (this.#coming = undefined));
    return this.#coming;
  }

  async #returnSometime(said?: string): Promise<void> {
    try {
      await this.#return();
    } catch (error) {
      const why = messageOf(error);
      if (why !== said) this.options.note?.(`away: the API cannot come back yet: ${why}`);
      this.#callOff = this.options.clock.after(retryMilliseconds, () => void this.#returnSometime(why));
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
