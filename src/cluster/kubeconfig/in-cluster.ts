import type { Connection, ConnectionIo } from "./connection.js";

const folder = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The service account of the pod we run in, or undefined outside of a pod (client-go, `rest.InClusterConfig`). */
export function inCluster(
  io: ConnectionIo,
): Pick<Connection, "server" | "namespace" | "credentials" | "certificateAuthority"> | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = io.env;
  if (!host || !port || readOr(io, `${folder}/token`) === undefined) return undefined;
  const ca = readOr(io, `${folder}/ca.crt`);
  const namespace = io.env.POD_NAMESPACE || readOr(io, `${folder}/namespace`)?.toString("utf8").trim();
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    namespace: namespace || "default",
    credentials: { tokenFile: `${folder}/token` },
    ...(ca && { certificateAuthority: ca }),
  };
}

function readOr(io: ConnectionIo, file: string): Buffer | undefined {
  try {
    return io.readFile(file);
  } catch {
    return undefined;
  }
}
