/** A stored object, whatever its kind: raw JSON as the API has it. */
export interface AnyObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    resourceVersion: string;
    creationTimestamp: string;
    deletionTimestamp?: string;
    deletionGracePeriodSeconds?: number;
    generation?: number;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: OwnerReference[];
    finalizers?: string[];
    [field: string]: unknown;
  };
  [field: string]: any; // oxlint-disable-line no-explicit-any -- the sandbox handles every kind as JSON
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface PortEvent {
  type: "ADDED" | "MODIFIED" | "DELETED";
  object: AnyObject;
}

export interface Target {
  namespace?: string | undefined;
  name: string;
}

/**
 * What a controller or a simulated machine needs of a cluster. There are two: the sandbox's own server, called in
 * process (`api/in-process.ts`), and any server over HTTP (`simulator/over-http.ts`). Resources are named by their
 * plural (`pods`). Errors carry the `code` and `reason` of the API's Status.
 */
export interface ClusterPort {
  get(resource: string, target: Target): Promise<AnyObject | undefined>;
  list(resource: string, namespace?: string): Promise<AnyObject[]>;
  /**
   * Calls `handler` with an ADDED for every object there is and then with each change, in order; survives
   * lost connections. Resolves once the first list was handed over, to a function that ends it.
   */
  watch(resource: string, handler: (event: PortEvent) => void): Promise<() => void>;
  create(resource: string, object: Record<string, any>): Promise<AnyObject>; // oxlint-disable-line no-explicit-any
  /** Replaces an object; a `metadata.resourceVersion` in it is a precondition. */
  update(resource: string, object: AnyObject, subresource?: string): Promise<AnyObject>;
  /** A merge patch (RFC 7386). */
  patch(resource: string, target: Target, patch: object, subresource?: string): Promise<AnyObject>;
  delete(resource: string, target: Target, options?: PortDeleteOptions): Promise<void>;
  /** POST to a subresource, as the scheduler does to `pods/NAME/binding`. */
  post(resource: string, target: Target, subresource: string, body: object): Promise<void>;
}

export interface PortDeleteOptions {
  uid?: string;
  resourceVersion?: string;
  gracePeriodSeconds?: number;
  propagation?: "Background" | "Foreground" | "Orphan";
}
