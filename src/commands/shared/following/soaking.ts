import type { Naming } from "../../../core/progress/naming.js";
import {
  beginSoak,
  judgeSoak,
  soakBreaks,
  soakProgress,
  type Soak,
  type SoakBreak,
} from "../../../core/progress/rules/soak.js";
import type { Snapshot } from "../../../core/progress/snapshot.js";
import type { Verdict } from "../../../core/progress/verdict.js";

/** The soak of one target: begins once it is done, and watches that everything stays. Times are milliseconds. */
export class Soaking {
  /** What broke it. It stays broken, whatever comes after. */
  broken: SoakBreak | undefined;
  /** When to look again though nothing happened, by our clock. */
  alarm = Infinity;
  private soak: Soak | undefined;
  private readonly warned = new Set<number>();

  constructor(
    /** Undefined for no soak. */
    private readonly length: number | undefined,
    private readonly set: string,
    private readonly naming: Naming,
    private readonly warn: (message: string) => void,
  ) {}

  /** Begins the soak where there is one to begin. */
  begin(snapshot: Snapshot, now: number): boolean {
    if (!this.length || this.soak || !snapshot.set) return false;
    this.soak = beginSoak(snapshot, this.length, now);
    this.alarm = now + this.length;
    return true;
  }

  /** What a verdict comes to. A held pod that did not stay as it was is told once, and fails nothing. */
  judge(verdict: Verdict, snapshot: Snapshot, now: number): Verdict {
    const { soak, set, naming } = this;
    if (!soak) return verdict;
    if (now >= this.alarm) this.alarm = Infinity;
    const breaks = soakBreaks(soak, snapshot, now);
    const broken = breaks.find(({ counts }) => counts);
    // A later look may know more, such as how it ended.
    if (broken && broken.what !== this.broken?.what) this.broken = broken;
    for (const { ordinal, name, words, counts } of breaks) {
      if (counts || this.warned.has(ordinal)) continue;
      this.warned.add(ordinal);
      this.warn(`${name} ${words}; it is held at an older revision, so this fails nothing`);
    }
    return judgeSoak(verdict, soak, { broken: this.broken, now, set, naming });
  }

  /** `soaking 41 of 60 s`, while it does. */
  progress(now: number): string | undefined {
    return this.soak && this.isUnderWay ? soakProgress(this.soak, now) : undefined;
  }

  /** It has begun, and not ended as of the last look. */
  get isUnderWay(): boolean {
    return this.alarm < Infinity;
  }
}
