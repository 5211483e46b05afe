import { isDeepStrictEqual } from "node:util";
import { compareQuantities } from "../../kinds/quantity.js";
import type { AnyObject } from "../../port.js";
import type { EventRecorder } from "../framework/event-recorder.js";
import type { Resource } from "../framework/resource.js";
import { annotation, bindCompleted, boundByController, isMeantFor, withAnnotations } from "./claim.js";

/** The writes of the binder. Each does nothing where the object is so already; the volume is always written first. */
export class Binding {
  constructor(
    private readonly claims: Resource,
    private readonly volumes: Resource,
    private readonly recorder: EventRecorder,
  ) {}

  /** Binds both to each other; whatever fails half-way is finished by the next sync. */
  async bind(volume: AnyObject, claim: AnyObject): Promise<void> {
    const taken = await this.setPhase(await this.#bindVolume(volume, claim), "Bound");
    await this.setClaimPhase(await this.#bindClaim(claim, taken), "Bound", taken);
  }

  async #bindVolume(volume: AnyObject, claim: AnyObject): Promise<AnyObject> {
    const { namespace, name, uid, resourceVersion } = claim.metadata;
    const known = isMeantFor(volume, claim);
    if (known && volume.spec.claimRef.uid === uid) return volume;
    const claimRef = { apiVersion: "v1", kind: claim.kind, namespace, name, uid, resourceVersion };
    const bound = { ...volume, spec: { ...volume.spec, claimRef } };
    return await this.volumes.update(known ? bound : withAnnotations(bound, { [boundByController]: "yes" }));
  }

  async #bindClaim(claim: AnyObject, volume: AnyObject): Promise<AnyObject> {
    const { name } = volume.metadata;
    const chosen = claim.spec.volumeName === name;
    if (chosen && annotation(claim, bindCompleted) !== undefined) return claim;
    const annotations = { ...(!chosen && { [boundByController]: "yes" }), [bindCompleted]: "yes" };
    const bound = { ...claim, spec: { ...claim.spec, volumeName: name } };
    return await this.claims.update(withAnnotations(bound, annotations));
  }

  /** Sets phase, modes and capacity. The capacity of a claim that was bound before is the resizer's, not ours. */
  async setClaimPhase(claim: AnyObject, phase: string, volume?: AnyObject): Promise<AnyObject> {
    const { accessModes: _modes, capacity: _capacity, ...rest } = claim.status ?? {};
    const old = claim.status ?? {};
    const status: Record<string, unknown> = { ...rest, phase };
    if (volume) {
      const same = compareQuantities(old.capacity?.storage, volume.spec.capacity?.storage) === 0;
      status.accessModes = volume.spec.accessModes;
      status.capacity = old.capacity && (old.phase === phase || same) ? old.capacity : volume.spec.capacity;
    }
    return isDeepStrictEqual(status, old) ? claim : await this.claims.update({ ...claim, status }, "status");
  }

  /** A claim that has lost its volume stays Lost for good. */
  async lose(claim: AnyObject, reason: string, message: string): Promise<void> {
    if (claim.status?.phase === "Lost") return;
    this.recorder.event(await this.setClaimPhase(claim, "Lost"), "Warning", reason, message);
  }

  async setPhase(volume: AnyObject, phase: string, message?: string): Promise<AnyObject> {
    if (volume.status?.phase === phase) return volume;
    const { message: _message, ...rest } = volume.status ?? {};
    const status = { ...rest, phase, ...(message && { message }) };
    return await this.volumes.update({ ...volume, status }, "status");
  }

  async fail(volume: AnyObject, reason: string, message: string): Promise<void> {
    if (volume.status?.phase === "Failed") return;
    this.recorder.event(await this.setPhase(volume, "Failed", message), "Warning", reason, message);
  }

  /** Takes a binding back: what the controller bound becomes free, what a person reserved stays reserved. */
  async unbind(volume: AnyObject): Promise<void> {
    const { [boundByController]: byController, ...annotations } = volume.metadata.annotations ?? {};
    const { claimRef, ...spec } = volume.spec;
    const { uid: _uid, ...reserved } = claimRef;
    const freed = byController
      ? { ...volume, metadata: { ...volume.metadata, annotations }, spec }
      : { ...volume, spec: { ...spec, claimRef: reserved } };
    await this.setPhase(await this.volumes.update(freed), "Available");
  }
}
