import type { Cluster, ConnectionFlags } from "../../cluster/index.js";
import type { NamingFor } from "../../core/progress/naming.js";

/**
 * How the commands that we print are written, so that they reach what this command reached when they are copied: the
 * namespace is named where it was here, or where it is not the kubeconfig's own.
 */
export function namingFor(
  program: string,
  cluster: Pick<Cluster, "namespace">,
  connection: Pick<ConnectionFlags, "namespace" | "context" | "kubeconfig">,
): NamingFor {
  const flags = (["context", "kubeconfig"] as const).flatMap((name) => {
    const value = connection[name];
    return value === undefined ? [] : [`--${name}=${value}`];
  });
  const current = connection.namespace === undefined ? cluster.namespace : undefined;
  return (namespace) => ({ program, namespace: namespace === current ? undefined : namespace, flags });
}
