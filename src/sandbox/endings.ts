/** How what was started is ended again: the last first. For a start that fails half-way, and for a stop. */
export class Endings {
  readonly #endings: (() => void | Promise<void>)[] = [];
  #running: Promise<void> | undefined;

  /** Notes how something ends that has just started. */
  add(end: () => void | Promise<void>): void {
    this.#endings.push(end);
  }

  /**
   * Ends all of it, once, however often it is asked to: each time it resolves when all has ended. What fails to end keeps
   * nothing else from it. Rejects with the first such failure.
   */
  run(): Promise<void> {
    return (this.#running ??= this.#run());
  }

  async #run(): Promise<void> {
    const failures: unknown[] = [];
    for (const end of this.#endings.splice(0).reverse()) {
      try {
        await end();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
