import type { Cluster } from "../../cluster/cluster.js";
import type { Context } from "../../context.js";
import { kinds } from "../../core/kinds.js";
import { setSpec } from "../../core/manifest/service.js";
import type { Autoscaler, StatefulSet } from "../../core/model.js";
import { sameJson } from "../../core/equal.js";
import { autoscalerNotes, scaleNotes } from "../../core/scaling.js";
import type { LocatedObject } from "../bundle/plan.js";
import { preflight } from "../rollout/preflight.js";
import { listIfAllowed } from "../shared/optional.js";
import { readReturning } from "../shared/returning.js";
import type { ApplyOptions } from "./options.js";
import type { Prepared } from "./prepare.js";

/**
 * What a person should know of the sets that are to be written, before they are. Throws a RefusedError where more
 * ordinals are unready than `--max-unready` allows.
 */
export async function changeNotes(
  context: Context,
  cluster: Cluster,
  sets: readonly Prepared[],
  options: ApplyOptions,
): Promise<Map<LocatedObject, string[]>> {
  const notes = new Map<LocatedObject, string[]>();
  const autoscalers = new Map<string, Autoscaler[]>();
  for (const prepared of sets) {
    if (prepared.action === "unchanged" && !prepared.stage) continue;
    const { manifest } = prepared.object;
    const { namespace = "" } = manifest.metadata;
    const named = setSpec(manifest).replicas !== undefined;
    if (named && !autoscalers.has(namespace)) {
      const without = "whether another one sets the replicas is not known";
      const found = await listIfAllowed(context, cluster, kinds.autoscaler, { namespace }, without);
      autoscalers.set(namespace, found ?? []);
    }
    const scalers = named ? (autoscalers.get(namespace) ?? []) : [];
    notes.set(prepared.object, [
      ...(await rolloutNotesOf(context, cluster, prepared, options)),
      ...(await replicaNotes(context, cluster, prepared, scalers)),
    ]);
  }
  return notes;
}

async function rolloutNotesOf(
  context: Context,
  cluster: Cluster,
  prepared: Prepared,
  options: ApplyOptions,
): Promise<string[]> {
  const { live, answer, action } = prepared;
  if (!live || action !== "configured") return [];
  const set = live as unknown as StatefulSet;
  const { template } = (answer as unknown as StatefulSet).spec;
  if (sameJson(set.spec.template, template)) return [];
  return preflight(context, cluster, { set, template: () => template }, options);
}

async function replicaNotes(
  context: Context,
  cluster: Cluster,
  { live, object, answer }: Prepared,
  autoscalers: readonly Autoscaler[],
): Promise<string[]> {
  const wanted = answer as unknown as StatefulSet;
  const hint = "to leave the number to it, take spec.replicas out of the manifest";
  const scaled = autoscalerNotes(wanted, autoscalers).map((note) => `${note}; ${hint}`);
  if (!live) return scaled;
  const set = live as unknown as StatefulSet;
  const { replicas = 1 } = wanted.spec;
  if (replicas === (set.spec.replicas ?? 1)) return scaled;
  const { namespace } = object.manifest.metadata;
  const returning = await readReturning(context, cluster, set, replicas, { namespace });
  const facts = { returning, autoscalers: [], now: context.clock.now() };
  return [...scaleNotes(set, replicas, facts), ...scaled];
}
