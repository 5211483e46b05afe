import type { Cluster } from "../../../cluster/index.js";
import { isApiError } from "../../../cluster/index.js";
import type { Context } from "../../../context.js";
import { managerOf, restoredManifest, type Owner } from "../../../core/claims/restore/manifest.js";
import { isReservedFor, reservation, whyNotBack } from "../../../core/claims/restore/volume.js";
import type { Restore } from "../../../core/claims/restore/decide.js";
import { kinds } from "../../../core/kinds.js";
import type { Claim, Volume } from "../../../core/model.js";
import { getIfThere } from "../../shared/optional.js";
import { mayTryAgain } from "../../shared/try-again.js";
import { keepVolume } from "../keep-volume.js";
import { RestoreStopped } from "./result.js";

/** The writes of a restore. Each does nothing where it is done already, so that a run that was killed can be repeated. */
export class RestoreSteps {
  constructor(
    private readonly context: Context,
    private readonly cluster: Cluster,
    private readonly ownersOf: (claim: Claim) => Promise<Owner[]>,
  ) {}

  /** Whether the server would take both writes; otherwise why not. Changes nothing. */
  async rehearse({ saved, volume, made, leaving }: Restore): Promise<string | undefined> {
    const { namespace } = saved.claim.metadata;
    try {
      const spec = { persistentVolumeReclaimPolicy: "Retain", ...(!leaving && reservation(saved.claim)) };
      await this.cluster.patch(
        kinds.volume,
        volume.metadata,
        { type: "merge", body: { spec } },
        { dryRun: true },
      );
      if (!made && !leaving) await this.#send(saved.claim, true);
      return undefined;
    } catch (error) {
      if (!isApiError(error)) throw error;
      const { reason, status } = error;
      if (/does not support dry run/.test(status.message)) return undefined; // a webhook that cannot be asked
      if (reason === "AlreadyExists") return "a claim of that name was made just now: look at it first";
      if (reason === "NotFound" && status.details?.kind === "namespaces") {
        return `its namespace ${namespace} is not there: kubectl create namespace ${namespace}`;
      }
      return `the server would not take it: ${status.message}`;
    }
  }

  /** Whatever becomes of the claim from now on, the volume and its data stay. */
  async keep({ volume }: Restore): Promise<void> {
    const { uid } = volume.spec.claimRef ?? {};
    if (!uid) return; // nothing reclaims a volume that no claim had; it is set together with the reservation
    const keeping = await keepVolume(this.context, this.cluster, volume.metadata.name, { uid });
    if (keeping === "kept") return;
    const { name } = volume.metadata;
    if (typeof keeping === "object") {
      throw new RestoreStopped("failed", `its volume ${name} could not be set to Retain: ${keeping.refused}`);
    }
    throw new RestoreStopped(
      "changed",
      `its volume ${name} is ${keeping === "gone" ? "gone" : "being deleted"} by now`,
    );
  }

  /** Lets the volume be bound to a claim of this name again. The binder writes it, too: after a 409 it is read again. */
  async reserve({ saved, volume: before, made }: Restore): Promise<void> {
    const { name } = before.metadata;
    let [volume, living] = [before, made];
    for (let attempt = 1; !isReserved(volume, living); attempt += 1) {
      const { resourceVersion } = volume.metadata;
      const claimRef = isReservedFor(volume, living?.metadata.uid) ? {} : reservation(saved.claim);
      const spec = { persistentVolumeReclaimPolicy: "Retain", ...claimRef };
      const body = { metadata: { resourceVersion }, spec };
      try {
        volume = await this.cluster.patch(kinds.volume, { name }, { type: "merge", body });
      } catch (error) {
        const again = isApiError(error, "NotFound");
        if (!again && !(await mayTryAgain(this.context, error, attempt, this.context.signal))) throw error;
        const now = await getIfThere(this.cluster, kinds.volume, { name });
        living = await getIfThere(this.cluster, kinds.claim, saved.claim.metadata);
        const reason = whyNotBack(saved, now, living);
        if (reason !== undefined || !now) throw new RestoreStopped("changed", reason ?? "");
        volume = now;
      }
    }
  }

  /** Returns the claim that has the name then: made here, or by somebody who was faster. */
  async create({ saved, made }: Restore): Promise<Claim> {
    if (made) return made;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#send(saved.claim, false);
      } catch (error) {
        const isThere = isApiError(error, "AlreadyExists");
        const living = isThere && (await getIfThere(this.cluster, kinds.claim, saved.claim.metadata));
        if (living) return living;
        if (!(await mayTryAgain(this.context, error, attempt, this.context.signal))) throw error;
      }
    }
  }

  /** That the volume says the same as the claim: it has this claim, by its UID. */
  async verify({ volume: { metadata } }: Restore, claim: Claim): Promise<void> {
    const { name } = metadata;
    const volume = await getIfThere(this.cluster, kinds.volume, { name });
    if (volume?.spec.claimRef?.uid === claim.metadata.uid) return;
    throw new RestoreStopped("changed", `the claim is bound to ${name}, but ${name} is not bound to it`);
  }

  async #send(claim: Claim, dryRun: boolean): Promise<Claim> {
    const manifest = restoredManifest(claim, await this.ownersOf(claim));
    const fieldManager = managerOf(claim);
    return await this.cluster.create<Claim>(kinds.claim, manifest, { dryRun, fieldManager });
  }
}

/** A volume that a claim is bound to already is not written any more; before that it keeps the data whatever comes. */
function isReserved(volume: Volume, living: Claim | undefined): boolean {
  const { claimRef, persistentVolumeReclaimPolicy: policy } = volume.spec;
  return isReservedFor(volume, living?.metadata.uid) && (policy === "Retain" || claimRef?.uid !== undefined);
}
