import type { Cluster } from "../../cluster/cluster.js";
import { UsageError } from "../../core/errors.js";
import type { Kind } from "../../core/kinds.js";
import type { KubeObject, Manifest } from "../../core/model.js";
import type { LocatedObject, PlannedObject } from "./plan.js";

/**
 * Finds the kind and the namespace of each object. Throws the cluster's error for a kind that it does not serve, and a
 * UsageError where a manifest and `-n` name different namespaces.
 */
export async function locateObjects(
  cluster: Cluster,
  objects: readonly PlannedObject[],
  asked: string | undefined,
): Promise<LocatedObject[]> {
  const known = new Map<string, Kind<KubeObject>>();
  const located: LocatedObject[] = [];
  for (const object of objects) {
    const { apiVersion, kind: name } = object.manifest;
    const id = `${apiVersion} ${name}`;
    const kind = known.get(id) ?? (await cluster.kindOf({ apiVersion, kind: name }));
    known.set(id, kind);
    located.push(locateObject(object, kind, cluster.namespace, asked));
  }
  return located;
}

export function locateObject(
  object: PlannedObject,
  kind: Kind<KubeObject>,
  current: string,
  asked?: string,
): LocatedObject {
  if (!kind.namespaced) return { ...object, kind };
  const { namespace = current, ...metadata } = object.manifest.metadata;
  if (asked !== undefined && namespace !== asked) {
    throw new UsageError(
      `${object.locate(["metadata", "namespace"])}: the namespace from the provided object "${namespace}" does not ` +
        `match the namespace "${asked}". You must pass '--namespace=${namespace}' to perform this operation.`,
    );
  }
  return { ...object, kind, manifest: inNamespace(object.manifest, namespace, metadata) };
}

function inNamespace(manifest: Manifest, namespace: string, metadata: object): Manifest {
  const { name, ...others } = metadata as Manifest["metadata"];
  return { ...manifest, metadata: { name, namespace, ...others } };
}
