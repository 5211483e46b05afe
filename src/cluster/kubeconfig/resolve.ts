import { KubeconfigError } from "../errors.js";
import type { Connection, ConnectionIo } from "./connection.js";
import type { ConnectionFlags } from "./flags.js";

/** What flags, kubeconfig and in-cluster service account come to, as kubectl reads them. Throws a `KubeconfigError`. */
export function resolveConnection(_flags: ConnectionFlags, _io: ConnectionIo): Connection {
  throw new KubeconfigError("no configuration");
}
