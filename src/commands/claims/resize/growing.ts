import type { Cluster, Mirror } from "../../../cluster/index.js";
import { isApiError } from "../../../cluster/index.js";
import type { Context } from "../../../context.js";
import type { PlannedClaim } from "../../../core/claims/resize/plan.js";
import { standingOf, type Standing } from "../../../core/claims/resize/standing.js";
import type { GrowthLook } from "../../../core/claims/resize/verdict.js";
import { podName } from "../../../core/identity.js";
import { kinds } from "../../../core/kinds.js";
import type { Claim, Event, Pod, StatefulSet } from "../../../core/model.js";
import { seconds } from "../../../core/progress/events.js";
import { formatSelector, requirementsOf } from "../../../core/selector.js";
import { Contact } from "../../shared/following/contact.js";
import { Waker } from "../../shared/following/waker.js";
import type { Teller } from "./teller.js";

/** Claims that were asked to grow. */
export interface Growing {
  set: StatefulSet;
  claims: readonly PlannedClaim[];
  /** Milliseconds that a file system may take to grow while its pod runs. */
  restartAfter: number;
}

/** Watches claims grow: their own changes, their pods, and the events about them. */
export class GrowthWatch {
  private readonly stopping = new AbortController();
  private readonly waker: Waker;
  private readonly contact = new Contact();
  private readonly claims: Mirror<Claim>;
  private readonly pods: Mirror<Pod>;
  private readonly events: Mirror<Event>;
  private readonly told = new Map<string, string>();
  private readonly warned = new Set<string>();
  /** Of events that were there before, their counts. */
  private known: ReadonlyMap<string, number> = new Map();
  private lastAdvance: number;

  constructor(
    private readonly context: Context,
    cluster: Cluster,
    private readonly growing: Growing,
    private readonly teller: Teller,
  ) {
    this.waker = new Waker(context.clock, context.signal);
    this.lastAdvance = context.clock.now();
    const { set, claims } = growing;
    const { namespace } = set.metadata;
    const labels = set.spec.selector?.matchLabels ?? {};
    const areLabelled = claims.every(({ claim }) =>
      Object.entries(labels).every(([key, value]) => claim.metadata.labels?.[key] === value),
    );
    const matchLabels = formatSelector(requirementsOf({ matchLabels: labels }));
    const options = (source: string) => ({
      signal: this.stopping.signal,
      onChange: () => this.waker.now(),
      onContact: (lost: { since: number; error: Error } | undefined) => {
        this.contact.report(source, lost, context.clock.now());
        this.waker.now();
      },
    });
    const mine = areLabelled && matchLabels !== "" ? { labelSelector: matchLabels } : {};
    const labelSelector = formatSelector(requirementsOf(set.spec.selector));
    const fieldSelector = "involvedObject.kind=PersistentVolumeClaim";
    this.claims = cluster.mirror(kinds.claim, { namespace, ...mine }, options("claims"));
    this.pods = cluster.mirror(kinds.pod, { namespace, labelSelector }, options("pods"));
    this.events = cluster.mirror(kinds.event, { namespace, fieldSelector }, options("events"));
  }

  /** Rejects where claims or pods may not be watched; without events it goes on. */
  async ready(): Promise<void> {
    const events = this.events.ready.catch((error: unknown) => {
      if (!isApiError(error, "Forbidden")) throw error;
      this.teller.emit({ type: "warning", message: "may not read events (403): going on without" });
    });
    await Promise.all([this.claims.ready, this.pods.ready, events]);
    this.known = new Map(
      [...this.events.items.values()].map((event) => [event.metadata.uid, countOf(event)]),
    );
  }

  /** How everything stands now; what has changed is told. */
  look(): GrowthLook {
    const now = this.context.clock.now();
    const { set, restartAfter } = this.growing;
    const pods = new Map([...this.pods.items.values()].map((pod) => [pod.metadata.name, pod]));
    const standings = this.growing.claims.map((planned) => {
      const claim = this.claims.items.get(planned.claim.metadata.uid);
      const pod = pods.get(podName(set.metadata.name, planned.ordinal));
      return standingOf(planned, { claim, pod, now, restartAfter });
    });
    for (const standing of standings) this.tell(standing, now);
    this.teller.show(standings);
    const failures = this.failures();
    return { standings, claims: this.claims.items, failures, lastAdvance: this.lastAdvance, now };
  }

  /** Waits for the next change, or for `alarm` (milliseconds of the clock). `waiting` is what is waited for. */
  async next(alarm: number, waiting: () => string): Promise<void> {
    const now = this.context.clock.now();
    const news = this.contact.news(now);
    if (news) {
      const { lost, ms, message } = news;
      this.teller.emit({
        type: "contact",
        lost,
        seconds: seconds(ms),
        ...(message !== undefined && { message }),
      });
    }
    if (now >= this.teller.heartbeatAt()) this.teller.heartbeat(waiting());
    await this.waker.next(Math.min(alarm, this.teller.heartbeatAt(), this.contact.alarm()));
  }

  stop(): void {
    this.teller.pause();
    this.stopping.abort();
    for (const mirror of [this.claims, this.pods, this.events]) mirror.stop();
    this.waker.close();
  }

  private tell({ planned, growth }: Standing, now: number): void {
    const { name, uid } = planned.claim.metadata;
    const from = this.told.get(uid);
    if (from === growth.state) return;
    this.told.set(uid, growth.state);
    this.lastAdvance = now;
    // Where it begins is what the plan has said.
    if (from === undefined && growth.state === "Requested") return;
    const message = growth.state === "Resized" ? planned.to : growth.message;
    this.teller.emit({
      type: "claim",
      claim: name,
      ordinal: planned.ordinal,
      ...(from !== undefined && { from }),
      to: growth.state,
      ...(message !== undefined && { message }),
    });
  }

  private failures(): GrowthLook["failures"] {
    const failures = new Map<string, { count: number; message: string }>();
    for (const event of this.events.items.values()) {
      const { uid } = event.involvedObject;
      const count = countOf(event) - (this.known.get(event.metadata.uid) ?? 0);
      const planned = this.growing.claims.find(({ claim }) => claim.metadata.uid === uid);
      if (event.reason !== "VolumeResizeFailed" || !planned || uid === undefined || count <= 0) continue;
      const { message = "" } = event;
      failures.set(uid, { count: (failures.get(uid)?.count ?? 0) + count, message });
      this.warn(`${planned.claim.metadata.name}: ${message}`);
    }
    return failures;
  }

  private warn(message: string): void {
    if (this.warned.has(message)) return;
    this.warned.add(message);
    this.teller.emit({ type: "warning", message });
  }
}

function countOf({ count, series }: Event): number {
  return series?.count ?? count ?? 1;
}
