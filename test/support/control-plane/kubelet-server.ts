import { createServer } from "node:https";
import { createCertificate } from "../../../src/sandbox/api/certificate.js";
import type { LogRequest } from "../../../src/sandbox/simulator/logs.js";
import { isApiError } from "../../../src/cluster/index.js";

/** Where the API server finds what the kubelets of all simulated nodes serve. */
export interface KubeletServer {
  address: string;
  port: number;
  close(): Promise<void>;
}

type Logs = (namespace: string, pod: string, request: LogRequest) => string;

/** The kubelet's own API as far as `kubectl logs` needs it: `/containerLogs/NAMESPACE/POD/CONTAINER`. */
export async function startKubeletServer(logs: Logs): Promise<KubeletServer> {
  const address = "127.0.0.1";
  const server = createServer(createCertificate(Date.now()), (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "https://kubelet");
    const [, resource, namespace = "", pod = "", container = ""] = pathname.split("/");
    if (resource !== "containerLogs") return response.writeHead(404).end();
    const tail = searchParams.get("tailLines");
    const tailLines = tail === null ? {} : { tailLines: Number(tail) };
    try {
      const previous = searchParams.get("previous") === "true";
      const text = logs(namespace, pod, { container, previous, ...tailLines });
      return response.writeHead(200).end(text);
    } catch (error) {
      const [code, message] = isApiError(error) ? [error.code, error.status.message] : [500, String(error)];
      return response.writeHead(code).end(message);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("a TCP server has a port");
  return {
    address,
    port: bound.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
