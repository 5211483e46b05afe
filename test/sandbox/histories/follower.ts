import type { Claim, Event, Pod, StatefulSet } from "../../../src/core/model.js";
import { Reason } from "../../../src/core/progress/reasons.js";
import { Progress } from "../../../src/core/progress/progress.js";
import { takeSnapshot, type Snapshot } from "../../../src/core/progress/snapshot.js";
import { judge, type Question, type Verdict } from "../../../src/core/progress/verdict.js";
import type { PortEvent } from "../../../src/sandbox/port.js";
import { isSettled, versionOf } from "./truth.js";
import { isReady, web, type World } from "./world.js";

const plain: Question = { goal: { type: "settled" }, naming: { program: "sts" } };
const watched = ["statefulsets", "pods", "events", "persistentvolumeclaims"] as const;
type Watched = (typeof watched)[number];

/** How long the news of one kind is on its way at the most, in simulated milliseconds. */
const longestLag = 3_000;

/** What was said at one moment, and how many pods had come or been told to go by then. */
export interface Said {
  verdict: Verdict;
  at: number;
  /** The UID of the pod that decides. */
  pod: string | undefined;
  turnover: number;
  /** Whether everything was as the spec asks at that moment. */
  settled: boolean;
}

/** One kind as a follower knows it: behind what has happened, and in its order. */
class Mirror {
  readonly items = new Map<string, unknown>();
  private readonly queue: { event: PortEvent; at: number }[] = [];
  private stop: (() => void) | undefined;

  constructor(private readonly resource: Watched) {}

  async open({ port, clock }: World): Promise<void> {
    let listed = false;
    this.stop = await port.watch(this.resource, (event) => {
      this.queue.push({ event, at: clock.now() });
      if (!listed) this.deliver();
    });
    listed = true;
  }

  get waiting(): number {
    return this.queue.length;
  }

  get isOpen(): boolean {
    return this.stop !== undefined;
  }

  /** What has been on its way since before `time`. */
  deliverUntil(time: number): void {
    while ((this.queue[0]?.at ?? Infinity) < time) this.deliver();
  }

  deliver(): void {
    const { event } = this.queue.shift() ?? {};
    if (event?.type === "DELETED") this.items.delete(event.object.metadata.uid);
    else if (event) this.items.set(event.object.metadata.uid, event.object);
  }

  close(): void {
    this.stop?.();
  }
}

/**
 * Follows the set as a command does that begins now: lists and then watches each kind. What one kind tells comes in
 * order; nothing is certain across kinds, so which of them is told of first is left to chance, and its clock is only
 * about right. It looks when it learns of something, and when time alone may change the verdict.
 */
export class Follower {
  /** Each verdict that differs from the one before. */
  readonly said: Said[] = [];
  /** The pods that it deleted as their verdict was Deadlock. */
  readonly unstuck: { wasReady: boolean; version: string | undefined }[] = [];
  private readonly mirrors = new Map(watched.map((resource) => [resource, new Mirror(resource)]));
  private readonly progress: Progress;
  private readonly question: Question;
  private readonly deleted = new Set<string>();
  private nextMoment = Infinity;
  private hasLooked = false;
  /** How much its clock is ahead of the server's: less than what the follower of a command corrects. */
  private readonly ahead: number;
  /** A kind that it learns of later than of the others. */
  private readonly slow: Mirror | undefined;
  /** How likely it is that a list is answered at once. */
  private readonly swiftness: number;

  constructor(
    private readonly world: World,
    private readonly chance: () => number,
    unstick: boolean,
  ) {
    this.question = { ...plain, unstick };
    this.progress = new Progress(this.question, undefined, 0);
    this.ahead = Math.round((chance() - 0.5) * 4_000);
    this.swiftness = chance() < 0.5 ? 1 : 0.4;
    this.slow = [...this.mirrors.values()][Math.floor(chance() * 2 * watched.length)];
  }

  /** Learns of some of what has happened. */
  async turn(): Promise<void> {
    const mirrors = [...this.mirrors.values()];
    for (const mirror of mirrors) {
      if (!mirror.isOpen && this.chance() < this.swiftness) await mirror.open(this.world);
    }
    if (mirrors.some(({ isOpen }) => !isOpen)) return;
    const behind = mirrors.filter(({ waiting }) => waiting > 0);
    if (behind.length === 0 && this.hasLooked && this.nextMoment > this.now) return;
    for (const mirror of behind) {
      mirror.deliverUntil(this.world.clock.now() - longestLag);
      const most = mirror === this.slow ? 0.6 : 2.5;
      for (let count = Math.round(this.chance() * most); count > 0; count -= 1) mirror.deliver();
      if (mirror.waiting > 0) this.world.clock.after(longestLag, () => undefined);
    }
    await this.look();
  }

  /** Learns of all there is. Returns what a look would say that nothing but the test asks for. */
  async catchUp(): Promise<Verdict> {
    const isBehind = () => [...this.mirrors.values()].some(({ isOpen, waiting }) => !isOpen || waiting > 0);
    while (isBehind()) await this.turn();
    return await this.confirmed();
  }

  close(): void {
    for (const mirror of this.mirrors.values()) mirror.close();
  }

  private async look(): Promise<void> {
    this.hasLooked = true;
    const [set] = this.items<StatefulSet>("statefulsets");
    const { verdict, nextMoment } = this.progress.observe(this.snapshot(set), this.now);
    this.nextMoment = nextMoment ?? Infinity;
    // Time stops at timers alone, so that it stops there.
    if (nextMoment !== undefined) this.world.clock.after(nextMoment - this.now, () => undefined);
    await this.say(verdict.state === "Done" ? await this.confirmed() : verdict);
    if (this.question.unstick && verdict.reason === Reason.Deadlock) await this.deletePod(verdict);
  }

  /** As `--unstick` does it: the pod that the verdict names, once, by its UID. */
  private async deletePod({ ordinal }: Verdict): Promise<void> {
    const name = `${web.name}-${ordinal}`;
    const { uid } = this.items<Pod>("pods").find(({ metadata }) => metadata.name === name)?.metadata ?? {};
    if (uid === undefined || this.deleted.has(uid)) return;
    this.deleted.add(uid);
    const there = await this.world.port.get("pods", { ...web, name });
    if (there?.metadata.uid !== uid) return;
    this.unstuck.push({ wasReady: isReady(there), version: versionOf(there) });
    await this.world.port.delete("pods", { ...web, name }, { uid });
  }

  /** The verdict on a set that is read just now. */
  private async confirmed(): Promise<Verdict> {
    const fresh = await this.world.port.get("statefulsets", web);
    return judge(this.snapshot(fresh as StatefulSet | undefined), this.question);
  }

  private async say(verdict: Verdict): Promise<void> {
    const last = this.said.at(-1)?.verdict;
    if (last?.state === verdict.state && last.message === verdict.message) return;
    const { turnover, clock } = this.world;
    const name = `${web.name}-${verdict.ordinal}`;
    const pod = this.items<Pod>("pods").find(({ metadata }) => metadata.name === name)?.metadata.uid;
    const set = await this.world.port.get("statefulsets", web);
    const pods = await this.world.port.list("pods", web.namespace);
    const settled = set !== undefined && isSettled(set, pods, clock.now());
    this.said.push({ verdict, at: clock.now(), pod, turnover, settled });
  }

  private snapshot(set: StatefulSet | undefined): Snapshot {
    return takeSnapshot({
      ...web,
      uid: set?.metadata.uid,
      set,
      pods: this.items<Pod>("pods"),
      claims: this.items<Claim>("persistentvolumeclaims"),
      events: this.items<Event>("events"),
      now: this.now,
    });
  }

  private get now(): number {
    return this.world.clock.now() + this.ahead;
  }

  private items<T>(resource: Watched): T[] {
    return [...(this.mirrors.get(resource)?.items.values() ?? [])] as T[];
  }
}
