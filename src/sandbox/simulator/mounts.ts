import type { AnyObject } from "../port.js";
import type { Container, PodRun } from "./pod-run.js";
import type { World } from "./world.js";

interface Reference {
  name: string;
  optional?: boolean;
}

type Lookup = (resource: "configmaps" | "secrets", reference: Reference | undefined) => string | undefined;

/** Says of a reference that is not optional, and not there, what the kubelet says. */
function lookup(world: World, namespace: string | undefined): Lookup {
  return (resource, reference) => {
    if (!reference || reference.optional || world.get(resource, { namespace, name: reference.name }))
      return undefined;
    return `${resource === "configmaps" ? "configmap" : "secret"} "${reference.name}" not found`;
  };
}

/** Why a pod's volumes cannot be mounted: in the kubelet's words, or "" for a claim that is not bound yet. */
export function mountFailure(world: World, { metadata, spec }: AnyObject): string | undefined {
  const missing = lookup(world, metadata.namespace);
  const volumes = (spec.volumes ?? []) as AnyObject["spec"][];
  for (const volume of volumes) {
    const claimName = volume.persistentVolumeClaim?.claimName as string | undefined;
    if (claimName !== undefined) {
      const claim = world.get("persistentvolumeclaims", { namespace: metadata.namespace, name: claimName });
      if (claim?.["status"]?.phase !== "Bound") return "";
    }
    const why = volumeSources(volume)
      .map(({ configMap, secret }) => missing("configmaps", configMap) ?? missing("secrets", secret))
      .find((text) => text !== undefined);
    if (why !== undefined) return `MountVolume.SetUp failed for volume "${volume.name}" : ${why}`;
  }
  return undefined;
}

/** The configmaps and secrets of a volume, which a projected one has several of. A secret volume names them its own way. */
function volumeSources(volume: AnyObject["spec"]): { configMap?: Reference; secret?: Reference }[] {
  const { configMap, secret, projected } = volume;
  const own = secret && { name: secret.secretName, optional: secret.optional };
  return [{ configMap, secret: own }, ...(projected?.sources ?? [])];
}

/** What a container's environment refers to and is not there: `configmap "x" not found`. */
export function missingReference(run: PodRun, { env = [], envFrom = [] }: Container): string | undefined {
  const missing = lookup(run.machine.world, run.pod.metadata.namespace);
  const sources = [
    ...(envFrom as { configMapRef?: Reference; secretRef?: Reference }[]),
    ...(env as { valueFrom?: { configMapKeyRef?: Reference; secretKeyRef?: Reference } }[]).map(
      ({ valueFrom }) => ({
        configMapRef: valueFrom?.configMapKeyRef,
        secretRef: valueFrom?.secretKeyRef,
      }),
    ),
  ];
  return sources
    .map(
      ({ configMapRef, secretRef }) => missing("configmaps", configMapRef) ?? missing("secrets", secretRef),
    )
    .find((text) => text !== undefined);
}

/** The names of the claims a pod mounts. */
export function claimNames({ spec }: AnyObject): string[] {
  const volumes = (spec.volumes ?? []) as { persistentVolumeClaim?: { claimName: string } }[];
  return volumes.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
}
