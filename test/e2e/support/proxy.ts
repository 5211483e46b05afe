import { readFileSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { parse, stringify } from "yaml";

/** A wire in front of the API server that can be cut. TLS goes through as it is. */
export interface Wire {
  /** A kubeconfig that goes through it. */
  readonly kubeconfig: string;
  /** Ends all connections and takes no more. */
  cut(): Promise<void>;
  /** Takes connections again, on the same port. */
  mend(): Promise<void>;
  /** Lets nothing through any more, but ends nothing: a network that swallows packets. */
  freeze(): void;
  /** Resolves with the first connection. */
  connected(): Promise<void>;
  close(): Promise<void>;
}

interface Config {
  clusters: { cluster: { server: string } }[];
}

/** Puts a wire in front of the server that a kubeconfig names, on loopback. */
export async function openWire(kubeconfig: string): Promise<Wire> {
  const config = parse(readFileSync(kubeconfig, "utf8")) as Config;
  const [entry] = config.clusters;
  if (!entry) throw new Error(`${kubeconfig} names no cluster`);
  const target = new URL(entry.cluster.server);
  const sockets = new Set<net.Socket>();
  let frozen = false;
  let announce = (): void => undefined;
  const connected = new Promise<void>((resolve) => (announce = resolve));
  const server = net.createServer((near) => {
    announce();
    const far = net.connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (data) => void (frozen || to.write(data)));
      from.on("error", () => undefined); // its end is all that counts
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  const listen = (port: number) => new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
  await listen(0);
  const { port } = server.address() as net.AddressInfo;
  entry.cluster.server = `https://${target.hostname}:${port}`;
  const file = path.join(path.dirname(kubeconfig), `wire-${port}`);
  writeFileSync(file, stringify(config), { mode: 0o600 });
  const cut = () =>
    new Promise<void>((done) => {
      server.close(() => done());
      for (const socket of sockets) socket.destroy();
    });
  return {
    kubeconfig: file,
    cut,
    mend: () => listen(port),
    freeze: () => void (frozen = true),
    connected: () => connected,
    close: () => (server.listening ? cut() : Promise.resolve()),
  };
}
