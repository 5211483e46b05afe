import type { AnyObject } from "../../port.js";
import type { EventRecorder } from "../framework/event-recorder.js";
import { isRefusal, isTerminating, key, messageOf } from "../framework/objects.js";
import type { Resource } from "../framework/resource.js";
import {
  claimName,
  claimsOf,
  claimTemplates,
  identityMatches,
  sendable,
  storageMatches,
  withIdentity,
  withStorage,
} from "./identity.js";
import { ordinalOf } from "./pod-state.js";
import {
  hasForeignController,
  hasStaleOwner,
  ownersMatch,
  retentionPolicy,
  wantedOwners,
} from "./retention.js";

type Verb = "Create" | "Update" | "Delete";

/** How often a write is tried again when someone else wrote in between. */
const attempts = 5;

/** What the controller does to pods and to their claims, each with the event that the API's users know. */
export class PodControl {
  constructor(
    private readonly pods: Resource,
    private readonly claims: Resource,
    private readonly recorder: EventRecorder,
  ) {}

  /** Creates the claims that are missing, then the pod; a claim that is being deleted stops it. */
  async create(set: AnyObject, pod: AnyObject): Promise<void> {
    await this.#reporting("Create", set, pod, () => this.#createClaims(set, pod));
    let failure: unknown;
    try {
      await this.pods.create(sendable(pod));
    } catch (error) {
      if (isRefusal(error, "AlreadyExists")) throw error;
      failure = error;
    }
    await this.#reporting("Update", set, pod, () => this.settleOwners(set, pod));
    this.#record("Create", set, pod, failure);
    if (failure) throw failure;
  }

  /** For a pod that hangs in Pending: a claim may have been lost. */
  async createMissingClaims(set: AnyObject, pod: AnyObject): Promise<void> {
    await this.#createClaims(set, pod);
    await this.#reporting("Update", set, pod, () => this.settleOwners(set, pod));
  }

  /** Gives a pod back what it must have: its labels, its volumes, the owners of its claims. */
  async update(set: AnyObject, pod: AnyObject): Promise<void> {
    let latest = pod;
    for (let attempt = 1; ; attempt += 1) {
      const wanted = await this.#conforming(set, latest);
      if (!wanted) return;
      try {
        await this.pods.update(wanted);
        return this.#record("Update", set, pod);
      } catch (error) {
        const again = isRefusal(error, "Conflict") && attempt < attempts;
        const fresh = again ? await this.pods.fetch(pod.metadata) : undefined;
        if (!fresh) {
          this.#record("Update", set, pod, error);
          throw error;
        }
        latest = fresh;
      }
    }
  }

  async delete(set: AnyObject, pod: AnyObject): Promise<void> {
    await this.#reporting("Delete", set, pod, () => this.pods.delete(pod));
    this.#record("Delete", set, pod);
  }

  ownersMatch(set: AnyObject, pod: AnyObject): boolean {
    return this.#claimsOf(set, pod).every((claim) => ownersMatch(claim, set, pod));
  }

  /** Sets the owner references that the retention policy asks for. */
  async settleOwners(set: AnyObject, pod: AnyObject): Promise<void> {
    for (const claim of this.#claimsOf(set, pod)) {
      const { name, uid } = claim.metadata;
      if (hasForeignController(claim, set, pod)) {
        const why =
          "has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored";
        const message = `PersistentVolumeClaim ${name} ${why} for this claim`;
        this.recorder.event(set, "Warning", "ConflictingController", message);
      }
      if (ownersMatch(claim, set, pod)) continue;
      const owners = wantedOwners(claim, set, pod);
      try {
        // A patch: a status that was written meanwhile is no conflict.
        await this.claims.patch(claim, {
          metadata: { uid, ownerReferences: owners.length > 0 ? owners : null },
        });
      } catch (error) {
        const what = `could not update claim ${name} for delete policy ownerRefs`;
        throw new Error(`${what}: ${messageOf(error)}`, { cause: error });
      }
    }
  }

  /** Under whenScaled=Delete a claim that still belongs to an earlier pod of this name is about to go. */
  hasStaleClaim(set: AnyObject, pod: AnyObject): boolean {
    if (retentionPolicy(set).whenScaled === "Retain") return false;
    return this.#claimsOf(set, pod).some((claim) => hasStaleOwner(claim, pod));
  }

  /** The pod as it must be, or nothing when it is so already. */
  async #conforming(set: AnyObject, pod: AnyObject): Promise<AnyObject | undefined> {
    let wanted = identityMatches(set, pod) ? pod : withIdentity(pod);
    if (!storageMatches(set, pod)) {
      wanted = withStorage(set, wanted);
      await this.#reporting("Update", set, pod, () => this.#createClaims(set, pod));
    }
    const settled = this.ownersMatch(set, pod);
    if (!settled) await this.#reporting("Update", set, pod, () => this.settleOwners(set, pod));
    return wanted === pod && settled ? undefined : wanted;
  }

  #claimsOf(set: AnyObject, pod: AnyObject): AnyObject[] {
    const names = claimTemplates(set).map((template) => claimName(set, template, ordinalOf(pod)));
    return names.flatMap((name) => this.claims.get(key(set.metadata.namespace, name)) ?? []);
  }

  async #createClaims(set: AnyObject, pod: AnyObject): Promise<void> {
    const failures: string[] = [];
    for (const claim of claimsOf(set, ordinalOf(pod))) {
      const { namespace, name } = claim.metadata;
      const known = this.claims.get(key(namespace, name));
      if (known) {
        if (isTerminating(known)) failures.push(`pvc ${name} is being deleted`);
        continue;
      }
      try {
        await this.claims.create(claim);
        this.#recordClaim(set, pod, name);
      } catch (error) {
        failures.push(`failed to create PVC ${name}: ${messageOf(error)}`);
        if (!isRefusal(error, "AlreadyExists")) this.#recordClaim(set, pod, name, error);
      }
    }
    if (failures.length > 0) throw new Error(failures.length > 1 ? `[${failures.join(", ")}]` : failures[0]);
  }

  async #reporting(verb: Verb, set: AnyObject, pod: AnyObject, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#record(verb, set, pod, error);
      throw error;
    }
  }

  #record(verb: Verb, set: AnyObject, pod: AnyObject, error?: unknown): void {
    const what = `${verb} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
    if (error === undefined) this.recorder.event(set, "Normal", `Successful${verb}`, `${what} successful`);
    else this.recorder.event(set, "Warning", `Failed${verb}`, `${what} failed error: ${messageOf(error)}`);
  }

  #recordClaim(set: AnyObject, pod: AnyObject, claim: string, error?: unknown): void {
    const where = `Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
    if (error === undefined) {
      this.recorder.event(set, "Normal", "SuccessfulCreate", `Create Claim ${claim} ${where} success`);
      return;
    }
    const message = `Create Claim ${claim} for ${where} failed error: ${messageOf(error)}`;
    this.recorder.event(set, "Warning", "FailedCreate", message);
  }
}
