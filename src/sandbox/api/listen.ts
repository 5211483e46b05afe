import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Certificate } from "./certificate.js";

export interface Listening {
  /** `127.0.0.1:41235` */
  address: string;
  /**
   * Cuts all connections and stops listening, until the returned function is called: then it listens at the same
   * address again. That rejects when somebody else has it meanwhile, and can be tried again.
   */
  leave(): () => Promise<void>;
  /** Cuts all connections and stops listening. */
  close(): Promise<void>;
}

// Longer than the pause between two requests of a client that keeps its connections.
const keepAliveMilliseconds = 120_000;

/**
 * Listens on the loopback interface alone, at the first of `ports` that nobody has; 0 is any free one. `handlerOf` is
 * told the address.
 */
export async function listen(
  certificate: Certificate,
  ports: readonly number[],
  handlerOf: (address: string) => RequestListener,
): Promise<Listening> {
  const { key, cert } = certificate;
  // Nobody shows it a certificate: it needs no authorities, and Node takes 20 ms to read those that it brings along.
  const server = createServer({ key, cert, ca: [], keepAliveTimeout: keepAliveMilliseconds });
  // Those, too, that have not said a word yet: the server itself knows only of requests.
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const state = { closed: false, opening: Promise.resolve<unknown>(undefined) };
  const open = async (at: number) => {
    state.opening = once(server, "listening");
    server.listen(at, "127.0.0.1");
    await state.opening;
  };
  await firstFree(ports, open);
  const { port: own } = server.address() as AddressInfo;
  const address = `127.0.0.1:${own}`;
  server.on("request", handlerOf(address));
  const leave = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  const comeBack = async () => {
    if (state.closed) return;
    try {
      await open(own);
    } catch (error) {
      throw isTaken(error) ? new Error(`another process listens at ${address}`, { cause: error }) : error;
    }
  };
  return {
    address,
    leave() {
      const gone = leave();
      return () => gone.then(comeBack);
    },
    async close() {
      state.closed = true;
      // Who is about to listen would do so afterwards.
      await state.opening.catch(() => undefined);
      await leave();
    },
  };
}

async function firstFree(ports: readonly number[], open: (port: number) => Promise<void>): Promise<void> {
  const [port = 0, ...others] = ports;
  try {
    await open(port);
  } catch (error) {
    if (!isTaken(error) || others.length === 0) throw error;
    await firstFree(others, open);
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}
