/** How long the API server may be out of reach before it is said, in milliseconds. */
const patience = 15_000;

/** Whether the API server can be reached, out of what several mirrors say. Times are milliseconds of our clock. */
export class Contact {
  private readonly lost = new Map<string, { since: number; error: Error }>();
  private said: { since: number } | undefined;
  private answered = false;

  /** What a mirror says: that it lost contact, or that it has it. */
  report(source: string, lost: { since: number; error: Error } | undefined, now: number): void {
    if (lost) {
      this.lost.set(source, lost);
      return;
    }
    if (!this.lost.delete(source)) return;
    // One answer is enough: the other mirrors ask again after pauses of their own.
    this.answered = true;
    for (const [other, { error }] of this.lost) this.lost.set(other, { since: now, error });
  }

  /** What is to be said now, if anything: once when contact has been lost for long, and once when it is back. */
  news(now: number): { lost: boolean; ms: number; message?: string } | undefined {
    if (this.said) {
      if (!this.answered) return undefined;
      const { since } = this.said;
      this.said = undefined;
      return { lost: false, ms: now - since };
    }
    const oldest = this.oldest();
    if (!oldest || now < oldest.since + patience) return undefined;
    this.said = { since: oldest.since };
    this.answered = false;
    return { lost: true, ms: now - oldest.since, message: oldest.error.message };
  }

  /** When there will be something to say, if nothing changes. */
  alarm(): number {
    return this.said ? Infinity : (this.oldest()?.since ?? Infinity) + patience;
  }

  private oldest(): { since: number; error: Error } | undefined {
    return [...this.lost.values()].sort((left, right) => left.since - right.since)[0];
  }
}
