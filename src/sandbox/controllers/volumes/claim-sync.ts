import type { AnyObject } from "../../port.js";
import type { EventRecorder } from "../framework/event-recorder.js";
import { keyOf } from "../framework/objects.js";
import type { Resource } from "../framework/resource.js";
import type { Binding } from "./binding.js";
import {
  annotation,
  betaStorageProvisioner,
  bindCompleted,
  boundByController,
  classOf,
  defaultClass,
  isMeantFor,
  isPodDone,
  saysClass,
  selectedNode,
  storageProvisioner,
  waitsForConsumer,
  withAnnotations,
} from "./claim.js";
import { mismatch, type VolumeFinder } from "./matching.js";

export interface BinderContext {
  claims: Resource;
  volumes: Resource;
  classes: Resource;
  podsOfClaim: (claimKey: string) => AnyObject[];
  finder: VolumeFinder;
  binding: Binding;
  recorder: EventRecorder;
}

/** The plugins that left the tree, and the drivers that have taken over (csi-translation-lib). */
const movedPlugins: Record<string, string> = {
  "kubernetes.io/aws-ebs": "ebs.csi.aws.com",
  "kubernetes.io/azure-disk": "disk.csi.azure.com",
  "kubernetes.io/azure-file": "file.csi.azure.com",
  "kubernetes.io/cinder": "cinder.csi.openstack.org",
  "kubernetes.io/gce-pd": "pd.csi.storage.gke.io",
  "kubernetes.io/portworx-volume": "pxd.portworx.com",
  "kubernetes.io/vsphere-volume": "csi.vsphere.vmware.com",
};

/** Decides what is to be done about a claim, as `syncClaim` of the real binder does. */
export class ClaimSync {
  constructor(private readonly context: BinderContext) {}

  async sync(claim: AnyObject): Promise<void> {
    if (annotation(claim, bindCompleted) !== undefined) await this.#checkBound(claim);
    else if (claim.spec.volumeName) await this.#bindRequested(claim);
    else await this.#bindAny(claim);
  }

  async #checkBound(claim: AnyObject): Promise<void> {
    const { binding, volumes } = this.context;
    const { volumeName } = claim.spec;
    const volume = volumeName ? volumes.get(volumeName) : undefined;
    if (!volume) {
      const lost = volumeName ? "its PersistentVolume" : "reference to PersistentVolume";
      const message = `Bound claim has lost ${lost}. Data on the volume is lost!`;
      return binding.lose(claim, "ClaimLost", message);
    }
    const { claimRef } = volume.spec;
    if (!claimRef || claimRef.uid === claim.metadata.uid) return binding.bind(volume, claim);
    const message = "Two claims are bound to the same volume, this one is bound incorrectly";
    return binding.lose(claim, "ClaimMisbound", message);
  }

  /** The claim names its volume. */
  async #bindRequested(claim: AnyObject): Promise<void> {
    const { binding, recorder, volumes } = this.context;
    const volume = volumes.get(claim.spec.volumeName);
    if (!volume) return void (await binding.setClaimPhase(claim, "Pending"));
    const { name } = volume.metadata;
    if (volume.spec.claimRef && !isMeantFor(volume, claim)) {
      recorder.event(
        claim,
        "Warning",
        "FailedBinding",
        `volume "${name}" already bound to a different claim.`,
      );
      if (annotation(claim, boundByController) === undefined) await binding.setClaimPhase(claim, "Pending");
      return;
    }
    const reason = volume.spec.claimRef ? undefined : mismatch(volume, claim);
    if (!reason) return binding.bind(volume, claim);
    const message = `Cannot bind to requested volume "${name}": ${reason}`;
    recorder.event(claim, "Warning", "VolumeMismatch", message);
    await binding.setClaimPhase(claim, "Pending");
  }

  async #bindAny(claim: AnyObject): Promise<void> {
    const { binding, recorder, classes, claims, finder } = this.context;
    const waits = waitsForConsumer(claim, classes);
    const volume = finder.bestFor(claim, waits);
    if (volume) return binding.bind(volume, claim);
    const fallback = saysClass(claim) ? undefined : defaultClass(classes);
    if (fallback) {
      const storageClassName = fallback.metadata.name;
      return void (await claims.update({ ...claim, spec: { ...claim.spec, storageClassName } }));
    }
    if (waits && annotation(claim, selectedNode) === undefined) this.#announceWait(claim);
    else if (classOf(claim)) return this.#provision(claim);
    else {
      const message = "no persistent volumes available for this claim and no storage class is set";
      recorder.event(claim, "Normal", "FailedBinding", message);
    }
    await binding.setClaimPhase(claim, "Pending");
  }

  #announceWait(claim: AnyObject): void {
    const { podsOfClaim, recorder } = this.context;
    // A pod that came after its claim is not seen yet by the real binder when it looks at the claim.
    const wasFirst = ({ metadata }: AnyObject) =>
      metadata.creationTimestamp < claim.metadata.creationTimestamp;
    const waiting = podsOfClaim(keyOf(claim))
      .filter(wasFirst)
      .filter((pod) => !isPodDone(pod) && !pod.spec.nodeName);
    if (waiting.length === 0) {
      const message = "waiting for first consumer to be created before binding";
      return recorder.event(claim, "Normal", "WaitForFirstConsumer", message);
    }
    const names = waiting.map(({ metadata }) => metadata.name).join(",");
    const message = `waiting for pod${waiting.length > 1 ? "s" : ""} ${names} to be scheduled`;
    recorder.event(claim, "Normal", "WaitForPodScheduled", message);
  }

  /** Tells the provisioner of the claim's class to make a volume; there are none in the tree any more. */
  async #provision(claim: AnyObject): Promise<void> {
    const { classes, claims, recorder } = this.context;
    const className = classOf(claim);
    const wanted: string | undefined = classes.get(className)?.provisioner;
    const fail = (message: string) => recorder.event(claim, "Warning", "ProvisioningFailed", message);
    if (wanted === undefined) return fail(`storageclass.storage.k8s.io "${className}" not found`);
    const provisioner = movedPlugins[wanted] ?? wanted;
    if (provisioner.startsWith("kubernetes.io/"))
      return fail(`no volume plugin matched name: ${provisioner}`);
    if (annotation(claim, storageProvisioner) !== provisioner) {
      const annotations = { [betaStorageProvisioner]: provisioner, [storageProvisioner]: provisioner };
      await claims.update(withAnnotations(claim, annotations));
    }
    const message =
      `Waiting for a volume to be created either by the external provisioner '${provisioner}' ` +
      "or manually by the system administrator. If volume creation is delayed, please verify that " +
      "the provisioner is running and correctly registered.";
    recorder.event(claim, "Normal", "ExternalProvisioning", message);
  }
}
