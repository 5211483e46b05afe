import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Certificate } from "./certificate.js";

export interface Listening {
  /** `127.0.0.1:41235` */
  address: string;
  /** Cuts all connections and stops listening. */
  close(): Promise<void>;
}

// Longer than the pause between two requests of a client that keeps its connections.
const keepAliveMilliseconds = 120_000;

/** Listens on the loopback interface alone; port 0 is any free one. `handlerOf` is told the address. */
export async function listen(
  certificate: Certificate,
  port: number,
  handlerOf: (address: string) => RequestListener,
): Promise<Listening> {
  const server = createServer({
    key: certificate.key,
    cert: certificate.cert,
    keepAliveTimeout: keepAliveMilliseconds,
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.on("request", handlerOf(address));
  return {
    address,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
