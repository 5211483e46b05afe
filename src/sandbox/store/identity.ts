import type { SandboxKind } from "../kinds/kind.js";
import type { AnyObject } from "../port.js";
import { keyOf } from "./keys.js";
import { badRequest, conflict, invalid, modified, StatusError } from "./status.js";

/** Throws the API's 400 or 409 when a draft is not of the object that it is to change, or of an older version. */
export function checkIdentity(kind: SandboxKind, { metadata }: AnyObject, old: AnyObject): void {
  const { name, namespace, resourceVersion } = old.metadata;
  if (!metadata.name) throw unnamed(old.metadata);
  if (metadata.name !== name) {
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  if (kind.namespaced && metadata.namespace && metadata.namespace !== namespace) throw foreignNamespace();
  const version = metadata.resourceVersion;
  if (version && !/^\d+$/.test(version))
    throw new StatusError(500, "", `strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`);
  if (isVersion(version) && version !== resourceVersion) throw modified(kind, name);
}

/** `0` says as little as nothing. */
function isVersion(resourceVersion: string | undefined): boolean {
  return resourceVersion !== undefined && !/^0*$/.test(resourceVersion);
}

/** The API names the resource here, where other errors of fields name the kind. */
function unversioned({ group, resource }: SandboxKind, name: string): StatusError {
  const why = "Invalid value: 0: must be specified for an update";
  return invalid({ group, kind: resource }, name, [
    { reason: "FieldValueInvalid", field: "metadata.resourceVersion", message: why },
  ]);
}

/** What PUT checks besides: there, a uid is a precondition, and some kinds are asked for a resourceVersion. */
export function checkReplacement(kind: SandboxKind, { metadata }: AnyObject, old: AnyObject): void {
  const { name, namespace, uid } = old.metadata;
  if (metadata.namespace && namespace && metadata.namespace !== namespace) throw foreignNamespace();
  if (kind.versioned && !isVersion(metadata.resourceVersion)) throw unversioned(kind, name);
  if (!metadata.uid || metadata.uid === uid || metadata.name !== name) return;
  // The words of apiserver's storage, with the key that etcd would have.
  const key = `/registry/${kind.resource}/${keyOf(kind, old.metadata)}`;
  const why = `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${uid}`;
  const prefix = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: `;
  throw conflict(kind, name, prefix + why);
}

export function unnamed({ name }: { name: string }): StatusError {
  return badRequest(
    `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
  );
}

export function foreignNamespace(): StatusError {
  return badRequest("the namespace of the provided object does not match the namespace sent on the request");
}
