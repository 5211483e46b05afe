import type { ClassifiedClaim } from "../../../core/claims/classify.js";
import type { SetFacts } from "../../../core/claims/facts.js";
import { kubectlCommand, ownCommand, type NamingFor } from "../../../core/progress/naming.js";
import { shellWord } from "../../../core/words.js";
import type { DeletionTools } from "./delete-one.js";
import { keepVolume } from "../keep-volume.js";

/** How the way back is written: what the commands begin with, and the folder that the claim was saved in, if it was. */
export interface WayBack {
  naming: NamingFor;
  savedIn: string | undefined;
}

/**
 * For a claim that became wanted while it was being deleted: no precondition closes that race, since scaling up does
 * not touch the claim. Its volume's reclaim policy is set to Retain at once, so that the data outlives the claim.
 * Returns what came of it, and how to get the data back; `set` is the one that wants it, as it is now.
 */
export async function rescueVolume(
  { context, cluster }: Pick<DeletionTools, "context" | "cluster">,
  wanted: ClassifiedClaim,
  set: SetFacts | undefined,
  way: WayBack,
): Promise<string> {
  const { volume } = wanted.claim;
  if (!volume) return "it had no volume, so no data is lost";
  const keeping = await keepVolume(context, cluster, volume, wanted.claim);
  if (keeping === "going") return `its volume ${volume} is already being deleted: the data may be lost`;
  if (keeping === "gone") return `its volume ${volume} is already gone, and the data with it`;
  if (keeping !== "kept")
    return `its volume ${volume} could not be set to Retain (${keeping.refused}): save its data now`;
  return [
    `its volume ${volume} now has reclaim policy Retain and keeps the data. To get it back:`,
    ...stepsBack(wanted, volume, set, way).map((step) => `  ${step}`),
  ].join("\n");
}

/** The pod lets go of the claim that was made for it meanwhile, the old one takes its place, and the pod comes back. */
function stepsBack(
  { claim, ordinal }: ClassifiedClaim,
  volume: string,
  set: SetFacts | undefined,
  { naming, savedIn }: WayBack,
): string[] {
  const named = naming(claim.namespace);
  const free = [
    kubectlCommand(named, `delete pvc ${claim.name} --ignore-not-found`),
    savedIn === undefined
      ? reservation(naming, claim.namespace, volume)
      : ownCommand(named, `pvc restore ${shellWord(savedIn)} ${claim.name}`),
  ];
  if (!set || ordinal === undefined) return free;
  const scale = (replicas: number) => ownCommand(named, `scale ${set.name} --replicas=${replicas}`);
  return [scale(Math.max(0, ordinal - set.start)), ...free, scale(set.end - set.start)];
}

/** A volume whose claimRef has no uid is reserved for the next claim of that name, which the set's controller makes. */
function reservation(naming: NamingFor, namespace: string, volume: string): string {
  const reset = `'{"spec":{"claimRef":{"uid":null,"resourceVersion":null}}}'`;
  const clusterWide = { ...naming(namespace), namespace: undefined };
  return kubectlCommand(clusterWide, `patch pv ${volume} --type=merge -p ${reset}`);
}
