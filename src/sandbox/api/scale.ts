import type { SandboxKind } from "../kinds/kind.js";
import type { AnyObject, Target } from "../port.js";
import { checkIdentity } from "../store/identity.js";
import { copyJson } from "../store/json.js";
import type { Resources, WriteOptions } from "../store/resources.js";
import { conflict, invalid } from "../store/status.js";
import { selectorText } from "./labels.js";

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
      const scale = change(scaleOf(old));
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
