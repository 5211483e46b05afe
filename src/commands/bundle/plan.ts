import type { Kind } from "../../core/kinds.js";
import { inCreationOrder, isCore, isStatefulSet } from "../../core/manifest/bundle.js";
import { checkStatefulSet } from "../../core/manifest/check-set.js";
import { headlessService } from "../../core/manifest/service.js";
import { formatPath } from "../../core/manifest/shape.js";
import { budgetManifest, statefulSetManifest } from "../../core/manifest/stateful-set.js";
import type { SetOptions } from "../../core/manifest/set-options.js";
import { UsageError } from "../../core/errors.js";
import type { KubeObject, Manifest } from "../../core/model.js";
import type { SourcedManifest } from "../shared/manifests.js";

/** An object that is to be created. */
export interface PlannedObject extends SourcedManifest {
  /** Made by `sts`, because the set needs it. */
  generated: boolean;
}

/** A planned object that the cluster knows the kind of, in the namespace it will be in. */
export interface LocatedObject extends PlannedObject {
  kind: Kind<KubeObject>;
}

/** What the flags ask for, in the order of creation. The Service comes later, when it is known to be missing. */
export function objectsFromFlags(options: SetOptions): PlannedObject[] {
  const manifests = [statefulSetManifest(options), budgetManifest(options)];
  return manifests.flatMap((manifest) => (manifest ? [madeHere(manifest, false)] : []));
}

/** The objects of the files in the order of creation. Throws a UsageError for sets that could never work. */
export function objectsFromFiles(manifests: readonly SourcedManifest[]): PlannedObject[] {
  const problems = manifests
    .filter(({ manifest }) => isStatefulSet(manifest))
    .flatMap(({ manifest, locate }) =>
      checkStatefulSet(manifest).map(
        ({ path, message }) =>
          `${locate(path)}: StatefulSet "${manifest.metadata.name}": ${formatPath(path)} ${message}`,
      ),
    );
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
  return inCreationOrder(manifests.map((manifest) => ({ ...manifest, generated: false })));
}

export function madeHere(manifest: Manifest, generated: boolean): PlannedObject {
  return { manifest, generated, locate: () => "" };
}

/** Sets of the plan that name a Service which is not in the plan, each with the headless Service it would need. */
export function missingServices<T extends PlannedObject>(
  objects: readonly T[],
): { set: T; service: Manifest }[] {
  return objects.flatMap((set) => {
    if (!isStatefulSet(set.manifest)) return [];
    const service = headlessService(set.manifest);
    return !service || serviceInPlan(objects, service) ? [] : [{ set, service }];
  });
}

/** The Service of the plan with the name and the namespace of another manifest. */
export function serviceInPlan<T extends PlannedObject>(
  objects: readonly T[],
  wanted: Manifest,
): T | undefined {
  return objects.find(
    ({ manifest }) =>
      isCore(manifest, "Service") &&
      manifest.metadata.name === wanted.metadata.name &&
      manifest.metadata.namespace === wanted.metadata.namespace,
  );
}

/** Adds Services before the sets that need them; one that two sets share only once. */
export function withServices<T extends PlannedObject>(objects: readonly T[], services: readonly T[]): T[] {
  const distinct = services.filter(
    (service, index) => serviceInPlan(services.slice(0, index), service.manifest) === undefined,
  );
  return inCreationOrder([...objects, ...distinct]);
}
