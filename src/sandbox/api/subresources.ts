import type { SandboxKind } from "../kinds/kind.js";
import type { AnyObject, Target } from "../port.js";
import { checkReplacement } from "../store/identity.js";
import type { Resources, WriteOptions } from "../store/resources.js";
import { noSuchResource, StatusError } from "../store/status.js";
import { bind, evict } from "./pods.js";
import { scaleOf, updateScale } from "./scale.js";

const fewerVerbs: Readonly<Record<string, readonly string[]>> = {
  log: ["get"],
  binding: ["create"],
  eviction: ["create"],
  finalize: ["update"],
};

/** What can be asked of a subresource, in the order of discovery. */
export function subresourceVerbs(subresource: string): readonly string[] {
  return fewerVerbs[subresource] ?? ["get", "patch", "update"];
}

/** What GET gives of an object or of the subresource that `options` names. */
export function readAt(
  resources: Resources,
  kind: SandboxKind,
  target: Target,
  subresource: string,
): AnyObject {
  if (subresource !== "" && !kind.subresources.includes(subresource)) throw noSuchResource();
  if (!["", "status", "scale"].includes(subresource)) throw notAllowed();
  const object = resources.get(kind, target);
  return subresource === "scale" ? scaleOf(object) : object;
}

/** Writes an object, or the subresource that `options` names, as `change` makes it of what is there. */
export function updateAt(
  resources: Resources,
  kind: SandboxKind,
  target: Target,
  change: (old: AnyObject) => AnyObject,
  options: WriteOptions,
): AnyObject {
  switch (checked(kind, options)) {
    case "scale":
      return updateScale(resources, kind, target, change, options);
    case "finalize":
      // The only way to change a namespace's own finalizers.
      return resources.amend(kind, target, (draft) => void (draft.spec = change(draft).spec ?? {}), options);
    case "":
    case "status":
      return resources.update(kind, target, change, options);
    default:
      throw notAllowed();
  }
}

/** The same as PUT does it: `object` is all of it, and is changed. */
export function replaceAt(
  resources: Resources,
  kind: SandboxKind,
  target: Target,
  object: AnyObject,
  options: WriteOptions,
): AnyObject {
  const whole = ["", "status"].includes(checked(kind, options));
  if (!whole) {
    checkReplacement(kind, object, resources.get(kind, target));
    return updateAt(resources, kind, target, () => object, options);
  }
  return resources.replace(kind, target, object, options);
}

/** POST to a subresource. */
export function postTo(
  resources: Resources,
  kind: SandboxKind,
  target: Target,
  object: AnyObject,
  options: WriteOptions,
): void {
  const subresource = checked(kind, options);
  if (subresource === "binding") bind(resources, target, object, options);
  else if (subresource === "eviction") evict(resources, target, object, options);
  else throw notAllowed();
}

/** The subresource of a write; throws the API's 404 when the kind has no such. */
function checked(kind: SandboxKind, { subresource = "" }: WriteOptions): string {
  if (subresource !== "" && !kind.subresources.includes(subresource)) throw noSuchResource();
  return subresource;
}

/** 405, in the words of apiserver's router. */
export function notAllowed(): StatusError {
  return new StatusError(
    405,
    "MethodNotAllowed",
    "the server does not allow this method on the requested resource",
    {},
  );
}

/** What an object in a body needs to be. */
export type BodyKind = Pick<SandboxKind, "group" | "version" | "kind">;

const bodyKinds: Readonly<Record<string, BodyKind>> = {
  scale: { group: "autoscaling", version: "v1", kind: "Scale" },
  eviction: { group: "policy", version: "v1", kind: "Eviction" },
  binding: { group: "", version: "v1", kind: "Binding" },
};

/** What a subresource is made of where that is not the object itself. */
export function bodyKind(kind: SandboxKind, subresource: string): BodyKind {
  return bodyKinds[subresource] ?? kind;
}
