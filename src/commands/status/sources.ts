import type { Cluster, Scope } from "../../cluster/cluster.js";
import { isApiError } from "../../cluster/errors.js";
import type { Context } from "../../context.js";
import { claimTemplateNames } from "../../core/identity.js";
import { kinds, type Kind } from "../../core/kinds.js";
import type { StatefulSet } from "../../core/model.js";
import type { Naming } from "../../core/progress/naming.js";
import { takeSnapshot } from "../../core/progress/snapshot.js";
import { judge } from "../../core/progress/verdict.js";
import { formatSelector, requirementsOf } from "../../core/selector.js";
import type { StatusFacts } from "../../core/status/build.js";
import { listIfAllowed } from "../shared/optional.js";

/** A selection that was read: gives its objects as they are known now. */
type Source<T> = () => readonly T[] | undefined;

/** How selections are read: once, or kept up to date. `without` says what is missing where one may not be read. */
export interface Reader {
  read<T>(kind: Kind<T>, scope: Scope, without?: string): Promise<Source<T>>;
}

/** Reads every selection once. */
export function readOnce(context: Context, cluster: Cluster): Reader {
  return {
    async read(kind, scope, without) {
      const items = without
        ? await listIfAllowed(context, cluster, kind, scope, without)
        : (await cluster.list(kind, scope)).items;
      return () => items;
    },
  };
}

/** Keeps every selection up to date by a list and a watch, and calls back after each change. */
export function readOn(
  context: Context,
  cluster: Cluster,
  signal: AbortSignal,
  onChange: () => void,
): Reader {
  return {
    async read(kind, scope, without) {
      const mirror = cluster.mirror(kind, scope, { signal, onChange, onContact: sayContact(context) });
      try {
        await mirror.ready;
        return () => [...mirror.items.values()];
      } catch (error) {
        if (!without || !isApiError(error, "Forbidden", "NotFound")) throw error;
        context.err.write(`note: ${kind.resource} may not be read here: ${without}\n`);
        return () => undefined;
      }
    },
  };
}

function sayContact({ err }: Context): (lost: { error: Error } | undefined) => void {
  let away = false;
  return (lost) => {
    if ((lost !== undefined) === away) return;
    away = lost !== undefined;
    err.write(
      lost ? `no answer from the API server: ${lost.error.message}\n` : "the API server answers again\n",
    );
  };
}

/** Reads all that the page of a set shows. The function it gives is undefined once the set is gone. */
export async function readStatus(
  reader: Reader,
  set: StatefulSet,
  naming: Naming,
  now: () => number,
): Promise<() => StatusFacts | undefined> {
  const { namespace, name } = set.metadata;
  const labelled = { namespace, labelSelector: formatSelector(requirementsOf(set.spec.selector)) };
  const service = set.spec.serviceName ?? "";
  const named = (field: string): Scope => ({ namespace, fieldSelector: `metadata.name=${field}` });
  const slicesOf = { namespace, labelSelector: `kubernetes.io/service-name=${service}` };
  const [sets, pods, claims, revisions, events, services, slices, autoscalers] = await Promise.all([
    reader.read(kinds.statefulSet, named(name)),
    reader.read(kinds.pod, labelled),
    reader.read(kinds.claim, labelled, "the state of claims is not known"),
    reader.read(kinds.revision, labelled, "revisions have no numbers"),
    reader.read(kinds.event, { namespace }, "why a pod cannot be made is not known"),
    service ? reader.read(kinds.service, named(service), "the Service is not known") : none,
    service ? reader.read(kinds.endpointSlice, slicesOf, "endpoints are not counted") : none,
    claimTemplateNames(set).length > 0
      ? reader.read(kinds.autoscaler, { namespace }, "any claim out of range may be wanted again")
      : none,
  ]);
  return () => {
    const found = sets()?.find(({ metadata }) => metadata.name === name);
    if (!found) return undefined;
    const snapshot = takeSnapshot({
      ...{ namespace: namespace ?? "", name, uid: found.metadata.uid, set: found, now: now() },
      pods: pods() ?? [],
      claims: claims() ?? [],
      events: events() ?? [],
    });
    const verdict = judge(snapshot, { goal: { type: "settled" }, naming });
    const read = { revisions: revisions(), services: services(), slices: slices() };
    const around = { ...read, autoscalers: autoscalers() };
    return { set: found, snapshot, verdict, naming, ...around };
  };
}

const none: Source<never> = () => undefined;
