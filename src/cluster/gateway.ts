import type { Kind } from "../core/kinds.js";
import type { KubeObject } from "../core/model.js";
import type { Cluster, Ref } from "./cluster.js";
import type { GatewayDeps } from "./deps.js";
import { ConnectionError } from "./errors.js";
import type { Connection } from "./kubeconfig/connection.js";

/** The gateway with the two verbs that only a simulator needs. */
export interface Gateway extends Cluster {
  /** PUT: replaces an object; its `metadata.resourceVersion` is a precondition. */
  replace<T>(kind: Kind<T>, object: KubeObject, subresource?: string): Promise<T>;
  /** POST to a subresource: `pods/NAME/binding`, `pods/NAME/eviction`. */
  post(kind: Kind<unknown>, ref: Ref, subresource: string, body: object): Promise<unknown>;
}

/** Opens no connection yet: the first request does. */
export function openCluster(_connection: Connection, _deps: GatewayDeps): Gateway {
  throw new ConnectionError("not connected");
}
