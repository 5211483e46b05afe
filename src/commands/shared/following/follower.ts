import type { Cluster } from "../../../cluster/cluster.js";
import { isApiError } from "../../../cluster/errors.js";
import type { Context } from "../../../context.js";
import { kinds } from "../../../core/kinds.js";
import type { Pod, StatefulSet } from "../../../core/model.js";
import { gravest, InterruptedError } from "../../../errors.js";
import { Confirmations } from "./confirmations.js";
import { Contact } from "./contact.js";
import { Herald } from "./herald.js";
import { againAfter, isPassing } from "./passing.js";
import { PodDeleter } from "./pod-deleter.js";
import { Session } from "./session.js";
import { Sources, type SourceEvents } from "./sources.js";
import type { FollowRequest, FollowResult, FollowTarget } from "./target.js";
import { verdictCodes } from "./verdict-codes.js";
import { Waker } from "./waker.js";

/** Below this, the difference between two clocks is the whole seconds of the server's times. */
const leastSkew = 2_000;

/** The loop behind `follow`: wakes up on changes and alarms, and lets every session look and say what it sees. */
export class Follower {
  private readonly stop = new AbortController();
  private readonly contact = new Contact();
  private readonly startedAt: number;
  private readonly herald: Herald;
  private readonly waker: Waker;
  private readonly sources: Sources;
  private readonly confirmations: Confirmations;
  private readonly deleter: PodDeleter;
  private readonly onWarning: Cluster["onWarning"];
  private sessions: Session[] = [];
  private failure: unknown;
  private skew = 0;
  private confirmAt = 0;

  constructor(
    private readonly context: Context,
    private readonly cluster: Cluster,
    private readonly request: FollowRequest,
  ) {
    this.startedAt = context.clock.now();
    this.herald = new Herald(context, cluster, request, this.startedAt);
    this.waker = new Waker(context.clock, context.signal);
    this.deleter = new PodDeleter(cluster, context.clock, this.herald);
    const events: SourceEvents = {
      changed: (made) => this.changed(made),
      contact: (source, lost) => {
        this.contact.report(source, lost, this.context.clock.now());
        this.waker.now();
      },
      failed: (error) => this.fail(error),
      missing: (what) => this.herald.warn(`may not read ${what} (403): going on without`),
    };
    this.sources = new Sources(cluster, this.stop.signal, events, request.targets);
    this.confirmations = new Confirmations(cluster, this.sources);
    this.onWarning = cluster.onWarning;
    cluster.onWarning = (message) => this.herald.warn(message);
  }

  async run(): Promise<FollowResult> {
    this.herald.start();
    this.sessions = this.request.targets.map((target) => this.sessionFor(target));
    for (const session of this.sessions) this.open(session).catch((error: unknown) => this.fail(error));
    try {
      await this.loop();
    } catch (error) {
      if (error instanceof InterruptedError) {
        for (const session of this.pending()) this.herald.interrupted(session, error);
      }
      throw error;
    }
    const verdicts = this.sessions.map(({ verdict }) => verdict);
    const ends = this.sessions.flatMap(({ end }) => end ?? []);
    const snapshots = this.sessions.map(({ snapshot }) => snapshot);
    return { code: gravest(verdicts.map(({ state }) => verdictCodes[state])), verdicts, ends, snapshots };
  }

  close(): void {
    this.cluster.onWarning = this.onWarning;
    this.stop.abort();
    this.sources.close();
    this.waker.close();
    this.herald.view.close();
  }

  private async loop(): Promise<void> {
    for (;;) {
      this.herald.contact(this.contact);
      this.confirmations.begin();
      for (const session of this.pending()) {
        this.throwIfOver();
        await this.step(session);
      }
      this.throwIfOver();
      const pending = this.pending();
      if (pending.length === 0) return;
      this.herald.heartbeat(pending);
      this.herald.view.refresh({ boards: () => this.boards() });
      await this.waker.next(this.alarm(pending));
    }
  }

  private throwIfOver(): void {
    this.context.signal.throwIfAborted();
    if (this.failure !== undefined) throw this.failure;
  }

  private pending(): Session[] {
    return this.sessions.filter(({ told }) => !told);
  }

  private boards() {
    const now = this.context.clock.now();
    return this.sessions.flatMap((session) => session.board(now) ?? []);
  }

  private alarm(pending: readonly Session[]): number {
    const confirm = pending.some(({ unconfirmed }) => unconfirmed) ? this.confirmAt : Infinity;
    return Math.min(
      confirm,
      this.deleter.alarm,
      this.herald.alarm(),
      this.contact.alarm(),
      ...pending.map((session) => session.alarm()),
    );
  }

  /** One look at a target, its confirmation where it seems done, and its last word where it has ended. */
  private async step(session: Session): Promise<void> {
    const now = this.context.clock.now();
    session.look(now);
    await this.deleter.act(session);
    if (session.unconfirmed && now >= this.confirmAt) await this.confirm(session);
    session.expire(this.context.clock.now());
    if (!session.ended) return;
    session.told = true;
    session.end = await this.herald.end(session);
  }

  /** A fresh read decides: the mirrors may be behind. */
  private async confirm(session: Session): Promise<void> {
    const { namespace, name } = session.target;
    const now = (): number => this.context.clock.now();
    try {
      session.confirm(await this.confirmations.read({ namespace, name }), now());
    } catch (error) {
      if (isApiError(error, "NotFound")) return session.confirm(undefined, now());
      // Rights to list and watch, and none to get: the mirror has to do.
      if (isApiError(error, "Forbidden")) return session.confirm(this.sources.set(namespace, name), now());
      if (!isPassing(error)) throw error;
      this.confirmAt = now() + againAfter;
    }
  }

  private sessionFor(target: FollowTarget): Session {
    const { namespace, goal, written, unstick } = target;
    const { operation, wait, naming } = this.request;
    const run = {
      operation,
      wait,
      startedAt: this.startedAt,
      skew: () => this.skew,
      emit: this.herald.emit.bind(this.herald),
    };
    return new Session(target, run, this.sources, { goal, written, unstick, naming: naming(namespace) });
  }

  /** Opens the mirrors of a target. The pods are found by the set's selector, so the set comes first. */
  private async open(session: Session): Promise<void> {
    const { target } = session;
    const set = target.written ?? target.read ?? (await this.readSet(target));
    if (set) {
      session.identify(set);
      this.sources.openSet(target.namespace, set);
    } else session.endGone();
    this.waker.now();
  }

  private async readSet({ namespace, name, goal }: FollowTarget): Promise<StatefulSet | undefined> {
    try {
      return await this.cluster.get(kinds.statefulSet, { namespace, name });
    } catch (error) {
      if (goal.type === "gone" && isApiError(error, "NotFound")) return undefined;
      throw error;
    }
  }

  private changed(made: Pod | undefined): void {
    if (made) {
      const ahead = Date.parse(made.metadata.creationTimestamp) - this.context.clock.now();
      this.skew = Math.abs(ahead) < leastSkew ? 0 : ahead;
    }
    this.waker.now();
  }

  private fail(error: unknown): void {
    this.failure ??= error;
    this.waker.now();
  }
}
