/** How long the API server may be out of reach before it is said, in milliseconds. */
const patience = 15_000;

/** Whether the API server can be reached, out of what several mirrors say. */
export class Contact {
  private readonly lost = new Map<string, { since: number; error: Error }>();
  private said: { since: number } | undefined;

  report(source: string, lost: { since: number; error: Error } | undefined): void {
    if (lost) this.lost.set(source, lost);
    else this.lost.delete(source);
  }

  /** What is to be said now, if anything: once when contact has been lost for long, and once when it is back. */
  news(now: number): { lost: boolean; ms: number; message?: string } | undefined {
    const oldest = this.oldest();
    if (oldest && !this.said && now >= oldest.since + patience) {
      this.said = { since: oldest.since };
      return { lost: true, ms: now - oldest.since, message: oldest.error.message };
    }
    if (oldest || !this.said) return undefined;
    const { since } = this.said;
    this.said = undefined;
    return { lost: false, ms: now - since };
  }

  /** When there will be something to say, if nothing changes. */
  alarm(): number {
    return this.said ? Infinity : (this.oldest()?.since ?? Infinity) + patience;
  }

  private oldest(): { since: number; error: Error } | undefined {
    return [...this.lost.values()].sort((left, right) => left.since - right.since)[0];
  }
}
