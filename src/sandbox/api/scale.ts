import type { SandboxKind } from "../kinds/kind.js";
import { selectorText } from "../kinds/label-selector.js";
import { readManaged } from "../patch/managed-fields.js";
import type { AnyObject, Target } from "../port.js";
import { checkIdentity } from "../store/identity.js";
import { copyJson } from "../store/json.js";
import type { Resources, WriteOptions } from "../store/resources.js";
import { conflict, invalid } from "../store/status.js";

const scaleKind = { group: "autoscaling", kind: "Scale" };

/** The `scale` subresource of an object: `Scale` of autoscaling/v1. */
export function scaleOf(object: AnyObject): AnyObject {
  const { name, namespace = "", uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas: number = object.spec?.replicas ?? 0;
  const selector = selectorText(object.spec?.selector ?? {});
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: object.status?.replicas ?? 0, ...(selector && { selector }) },
  };
}

/** Writes `spec.replicas` through the scale; `change` makes the new scale of the old one. Returns the new scale. */
export function updateScale(
  resources: Resources,
  kind: SandboxKind,
  target: Target,
  change: (scale: AnyObject) => AnyObject,
  options: WriteOptions,
): AnyObject {
  const scaled = resources.update(
    kind,
    target,
    (old) => {
      const scale = change(ownedScale(old));
      const replicas: unknown = scale.spec?.replicas ?? 0;
      check(kind, old, scale, replicas);
      // A resourceVersion in the scale is a precondition, as it is in the object itself.
      const { resourceVersion } = scale.metadata;
      const draft = copyJson(old);
      return {
        ...draft,
        metadata: { ...draft.metadata, resourceVersion },
        spec: { ...draft.spec, replicas },
      };
    },
    { ...options, subresource: "scale" },
  );
  return scaleOf(scaled);
}

/** The scale with the owners of its only field, as a patch finds it (apimachinery, `ScaleHandler`). */
function ownedScale(object: AnyObject): AnyObject {
  const scale = scaleOf(object);
  const managedFields = readManaged(object)
    .filter(({ fields }) => fields.touches(["f:spec", "f:replicas"]))
    .map(({ fields: _fields, subresource, time, ...owner }) => ({
      ...owner,
      apiVersion: scale.apiVersion,
      time,
      fieldsType: "FieldsV1",
      fieldsV1: { "f:spec": { "f:replicas": {} } },
      ...(subresource && { subresource }),
    }));
  if (managedFields.length > 0) scale.metadata["managedFields"] = managedFields;
  return scale;
}

function check(kind: SandboxKind, old: AnyObject, scale: AnyObject, replicas: unknown): void {
  const { name, uid } = old.metadata;
  checkIdentity(kind, scale, old);
  if (typeof replicas === "number" && replicas < 0) {
    const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
    throw invalid(scaleKind, name, [{ reason: "FieldValueInvalid", field: "spec.replicas", message }]);
  }
  if (scale.metadata.uid && scale.metadata.uid !== uid) {
    const why = `Precondition failed: UID in precondition: ${scale.metadata.uid}, UID in object meta: ${uid}`;
    throw conflict({ ...kind, resource: `${kind.resource}/scale` }, name, why);
  }
}
