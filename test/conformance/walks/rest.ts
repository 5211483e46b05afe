import { isDeepStrictEqual } from "node:util";
import { isRefusal } from "../../../src/sandbox/controllers/framework/objects.js";
import type { AnyObject, ClusterPort } from "../../../src/sandbox/port.js";
import type { Observer, View } from "./observer.js";
import { underWay } from "./settled.js";
import { stateOf, touched } from "./state.js";

/** One side of one walk. */
export interface Place {
  namespace: string;
  port: ClusterPort;
  observer: Observer;
}

/** Milliseconds: back-offs of pods that are healed, at the speed of the clusters, are far below. */
const patience = 40_000;
/** How long two sides may differ with nothing under way on either. */
const doubt = 8_000;
/** How often somebody who waits pushes the controllers: the real one watches no claims, and goes on when it is woken. */
const push = 1_000;

/**
 * Waits until both sides are the same, with nothing under way, and the controllers have found nothing to do twice over:
 * that they say themselves, by the generation that they have seen. Returns at the latest when they stay different; what
 * then is different is for the caller to see. Returns what was still under way.
 */
export async function rest(places: readonly [Place, Place]): Promise<string[]> {
  const started = Date.now();
  for (let stillSince: number | undefined, pushed = Date.now(); ;) {
    const busy = places.flatMap(({ observer, namespace }) => underWay(observer.view(namespace)));
    const same = busy.length === 0 && areSame(places);
    if (same && (await stays(places))) return [];
    stillSince = busy.length === 0 ? (stillSince ?? Date.now()) : undefined;
    const isOver = stillSince !== undefined && Date.now() - stillSince > doubt;
    if (isOver || Date.now() - started > patience) return [...new Set(busy)];
    if (Date.now() - pushed > push) {
      await Promise.all(places.map(fence));
      if (busy.length === 0 && areSame(places, withoutLate)) await touch(places[1]);
      pushed = Date.now();
    }
    if (!same) await Promise.race(places.map(({ observer, namespace }) => observer.change(namespace, 200)));
  }
}

function areSame(places: readonly [Place, Place], of = (view: View): View => view): boolean {
  const [ours, real] = places.map(({ observer, namespace }) => stateOf(of(observer.view(namespace))));
  return isDeepStrictEqual(ours, real);
}

/** Without what the real side may come to late: the condition that says whether a claim is used, and endpoints. */
function withoutLate(view: View): View {
  const persistentvolumeclaims = view.persistentvolumeclaims.map((claim) => {
    const conditions: AnyObject[] = claim["status"]?.conditions ?? [];
    const others = conditions.filter(({ type }) => type !== "Unused");
    return { ...claim, status: { ...claim["status"], conditions: others } };
  });
  return { ...view, persistentvolumeclaims, endpointslices: [] };
}

/**
 * On a slow machine the real controller may judge a claim by what it knew before its own last write, and then looks at it
 * again only when a pod changes: of claims it heeds those that have no such condition yet. And one that found its own write
 * of endpoints not in its cache yet waits a second, and twice as long each further time. The sandbox needs no such push.
 */
async function touch({ namespace, port, observer }: Place): Promise<void> {
  const { pods, services } = observer.view(namespace);
  for (const [resource, objects] of Object.entries({ pods, services })) {
    for (const { metadata } of objects) {
      const annotations = { [touched]: metadata.resourceVersion };
      await port.patch(resource, metadata, { metadata: { annotations } }).catch(unlessGone);
    }
  }
}

/** Whether nothing comes of it when the controllers look again. */
async function stays(places: readonly [Place, Place]): Promise<boolean> {
  const lengths = () => places.map(({ observer, namespace }) => observer.trace(namespace).length);
  const before = lengths();
  await Promise.all(places.map(fence));
  const current = await Promise.all(places.map(({ observer, namespace }) => observer.isCurrent(namespace)));
  const isStill = places.every(({ observer, namespace }) => underWay(observer.view(namespace)).length === 0);
  return isStill && current.every(Boolean) && isDeepStrictEqual(before, lengths()) && areSame(places);
}

function unlessGone(error: unknown): undefined {
  if (!isRefusal(error, "NotFound")) throw error;
}

/** Lets the controller of each set go over it twice, without asking for anything else in the end. */
async function fence({ namespace, port, observer }: Place): Promise<void> {
  // Those, too, that are being deleted: whether their controller still looks once their revisions are gone is left to chance.
  await Promise.all(
    observer.view(namespace).statefulsets.map(async ({ metadata, spec }) => {
      for (const revisionHistoryLimit of [spec.revisionHistoryLimit + 1, spec.revisionHistoryLimit]) {
        const written = await port
          .patch("statefulsets", metadata, { spec: { revisionHistoryLimit } })
          .catch(unlessGone);
        if (!written) return;
        const seen = () =>
          observer
            .view(namespace)
            .statefulsets.some(
              (set) =>
                set.metadata.name === metadata.name &&
                set["status"].observedGeneration >= (written.metadata.generation ?? 0),
            );
        const deadline = Date.now() + patience;
        while (!seen() && Date.now() < deadline) await observer.change(namespace, 200);
      }
    }),
  );
}
