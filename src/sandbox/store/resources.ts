import type { Admission, SandboxKind } from "../kinds/kind.js";
import type { AnyObject, Target } from "../port.js";
import { checkPreconditions, isFinished, planDeletion, type DeleteOptions } from "./deletion.js";
import { timestamp, type Environment } from "./environment.js";
import { checkIdentity, checkReplacement, foreignNamespace } from "./identity.js";
import { copyJson, sameJson } from "./json.js";
import { keyOf, prefixOf } from "./keys.js";
import { carryOver, countGeneration, initialMetadata, validateMetadata } from "./metadata.js";
import * as status from "./status.js";
import type { Store } from "./store.js";

/** How a write is done. */
export interface WriteOptions {
  dryRun?: boolean | undefined;
  /** Who the fields belong to afterwards. */
  manager?: string | undefined;
  operation?: "Apply" | "Update" | undefined;
  subresource?: string | undefined;
  /** Told of an object that is valid before it is kept: the API may warn of what is in it. */
  onValid?: ((object: AnyObject, old: AnyObject | undefined) => void) | undefined;
}

/** What came of a delete: the object as it was last, and whether it is gone. */
export interface Deleted {
  object: AnyObject;
  gone: boolean;
}

const immortalNamespaces = ["default", "kube-system", "kube-public"];

/**
 * The one write path of the sandbox, whoever writes: what the API does the same way for all kinds. Objects that it
 * returns are frozen. Errors are `StatusError`s with the API's texts.
 */
export class Resources {
  readonly #byResource = new Map<string, SandboxKind>();

  constructor(
    readonly kinds: readonly SandboxKind[],
    readonly store: Store,
    readonly env: Environment,
  ) {
    for (const kind of kinds) {
      // Ports name resources without their group: the first row of a name is meant.
      if (!this.#byResource.has(kind.resource)) this.#byResource.set(kind.resource, kind);
      this.#byResource.set(`${kind.resource}.${kind.group}`, kind);
    }
  }

  /** The kind of `pods` or `statefulsets.apps`. */
  kind(resource: string): SandboxKind {
    const kind = this.#byResource.get(resource);
    if (!kind) throw status.noSuchResource();
    return kind;
  }

  find(kind: SandboxKind, target: Target): AnyObject | undefined {
    return this.store.get(status.qualifiedResource(kind), keyOf(kind, target));
  }

  /** Throws the API's 404 when there is none. */
  get(kind: SandboxKind, target: Target): AnyObject {
    const object = this.find(kind, target);
    if (!object) throw status.notFound(kind, target.name);
    return object;
  }

  list(kind: SandboxKind, namespace?: string): AnyObject[] {
    const entries = this.store.bucket(status.qualifiedResource(kind)).entries(prefixOf(kind, namespace));
    return Array.from(entries, ([, object]) => object);
  }

  /** @param object is changed: defaults are set, and what only the server may say. */
  create(kind: SandboxKind, namespace: string, object: AnyObject, options: WriteOptions = {}): AnyObject {
    this.#checkNamespace(kind, namespace, object);
    // Found by the storage, which a dry run does not come to.
    if (object.metadata.resourceVersion && !options.dryRun) {
      throw new status.StatusError(500, "", "resourceVersion should not be set on objects to be created");
    }
    const isTaken = () => this.find(kind, object.metadata) !== undefined;
    initialMetadata(kind, object, namespace, { ...this.env, isTaken });
    const sent = structuredClone(object);
    kind.prepareCreate(object, this.#admission());
    const errors = kind.validate(object, undefined, this.#admission());
    const found = errors.length > 0 ? errors : validateMetadata(object, undefined);
    if (found.length > 0) throw status.invalid(kind, object.metadata.name ?? "", found);
    options.onValid?.(object, undefined);
    const present = this.find(kind, object.metadata);
    if (present) throw status.alreadyExists(kind, object.metadata, isTerminating(present));
    // What admission and allocation added belongs to nobody.
    kind.setDefaults(sent, this.#admission());
    this.#track(undefined, sent, options);
    if (sent.metadata["managedFields"]) object.metadata["managedFields"] = sent.metadata["managedFields"];
    if (options.dryRun) return object;
    return this.store.put(status.qualifiedResource(kind), keyOf(kind, object.metadata), object);
  }

  /**
   * Replaces an object by what `change` makes of it: a draft that may be changed further. A resourceVersion in
   * the draft that is not the object's gives 409. A draft that differs in nothing is not written.
   */
  update(
    kind: SandboxKind,
    target: Target,
    change: (old: AnyObject) => AnyObject,
    options: WriteOptions = {},
  ): AnyObject {
    const old = this.get(kind, target);
    const draft = change(old);
    checkIdentity(kind, draft, old);
    carryOver(kind, draft, old);
    if (options.subresource === "status") kind.prepareStatusUpdate(draft, old, this.#admission());
    else kind.prepareUpdate(draft, old, this.#admission());
    countGeneration(kind, draft, old);
    const own =
      options.subresource === "status"
        ? (kind.validateStatus?.(draft, old) ?? [])
        : kind.validate(draft, old, this.#admission());
    const errors = [...validateMetadata(draft, old), ...own];
    if (errors.length > 0) throw status.invalid(kind, draft.metadata.name, errors);
    if (options.subresource !== "status") options.onValid?.(draft, old);
    this.#track(old, draft, options);
    return this.#replace(kind, old, draft, options.dryRun);
  }

  /** Replaces an object as PUT does: a uid in the new one is a precondition. `object` is changed. */
  replace(kind: SandboxKind, target: Target, object: AnyObject, options: WriteOptions = {}): AnyObject {
    checkReplacement(kind, object, this.get(kind, target));
    return this.update(kind, target, () => object, options);
  }

  /** Changes an object past its kind's rules, as some subresources do. `change` alters the draft in place. */
  amend(
    kind: SandboxKind,
    target: Target,
    change: (draft: AnyObject) => void,
    options: WriteOptions = {},
  ): AnyObject {
    const old = this.get(kind, target);
    const draft = copyJson(old);
    change(draft);
    this.#track(old, draft, options);
    return this.#replace(kind, old, draft, options.dryRun);
  }

  delete(kind: SandboxKind, target: Target, options: DeleteOptions = {}): Deleted {
    const old = this.get(kind, target);
    if (kind.kind === "Namespace" && immortalNamespaces.includes(target.name)) {
      throw status.forbidden(kind, target.name, "this namespace may not be deleted");
    }
    checkPreconditions(kind, old, options);
    const plan = planDeletion(kind, old, options, this.env.now());
    if (plan.type === "pending") return { object: old, gone: false };
    if (plan.type === "remove") return { object: this.#remove(kind, old, options.dryRun), gone: true };
    const object = this.#replace(kind, old, plan.object, options.dryRun);
    return { object, gone: isFinished(object) };
  }

  #replace(kind: SandboxKind, old: AnyObject, draft: AnyObject, dryRun: boolean | undefined): AnyObject {
    if (isFinished(draft)) return this.#remove(kind, draft, dryRun);
    // The time in managedFields alone is no change (apiserver ignores it in the same way).
    const { resourceVersion } = old.metadata;
    const moved: AnyObject = { ...draft, metadata: { ...draft.metadata, resourceVersion } };
    const [now, before] = [moved.metadata["managedFields"], old.metadata["managedFields"]];
    if (sameJson(now, before, ["time"]) && sameJson(withoutManaged(moved), withoutManaged(old))) return old;
    if (dryRun) return draft;
    return this.store.put(status.qualifiedResource(kind), keyOf(kind, draft.metadata), draft);
  }

  #remove(kind: SandboxKind, last: AnyObject, dryRun: boolean | undefined): AnyObject {
    if (dryRun) return last;
    return this.store.remove(status.qualifiedResource(kind), keyOf(kind, last.metadata), last);
  }

  /** Objects are created only in a namespace that is there and stays (admission plugin NamespaceLifecycle). */
  #checkNamespace(kind: SandboxKind, namespace: string, { metadata }: AnyObject): void {
    if (!kind.namespaced) return;
    if (metadata.namespace && metadata.namespace !== namespace) {
      throw foreignNamespace();
    }
    const found = this.get(this.kind("namespaces"), { name: namespace });
    if (found.status?.phase !== "Terminating") return;
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
    const error = status.forbidden(kind, metadata.name ?? "", why);
    const message = `namespace ${namespace} is being terminated`;
    const causes = [{ reason: "NamespaceTerminating", message, field: "metadata.namespace" }];
    throw new status.StatusError(error.code, error.reason, error.message, { ...error.details, causes });
  }

  #track(
    old: AnyObject | undefined,
    next: AnyObject,
    { manager, operation, subresource }: WriteOptions,
  ): void {
    this.env.trackFields?.(old, next, {
      manager: manager ?? "unknown",
      operation: operation ?? "Update",
      time: timestamp(this.env.now()),
      subresource: subresource ?? "",
    });
  }

  #admission(): Admission {
    return {
      now: () => timestamp(this.env.now()),
      newUid: () => this.env.newUid(),
      list: (resource, namespace) => this.list(this.kind(resource), namespace),
      kubernetesVersion: this.env.kubernetesVersion,
      gates: this.env.gates,
    };
  }
}

function isTerminating({ metadata }: AnyObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function withoutManaged(object: AnyObject): AnyObject {
  return { ...object, metadata: { ...object.metadata, managedFields: undefined } };
}
