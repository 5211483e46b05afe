export type * from "./cluster.js";
export type { GatewayDeps } from "./deps.js";
export { ApiError, ConnectionError, KubeconfigError, isApiError, type Status } from "./errors.js";
export { openCluster, type Gateway } from "./gateway.js";
export type { Connection } from "./kubeconfig/connection.js";
export type { ConnectionFlags } from "./kubeconfig/flags.js";
export { resolveConnection } from "./kubeconfig/resolve.js";
