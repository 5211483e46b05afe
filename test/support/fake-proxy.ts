import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, type Server, type Socket, connect, createServer } from "node:net";

export interface FakeProxy {
  url: string;
  /** `host:port` of every connection that went through it. */
  targets: string[];
  close(): Promise<void>;
}

/** An HTTP proxy that does CONNECT; with `password`, only for those who know it. */
export function httpProxy({ password }: { password?: string } = {}): Promise<FakeProxy> {
  const targets: string[] = [];
  const server = createHttpServer();
  server.on("connect", (request, socket: Socket) => {
    const wanted = password && `Basic ${Buffer.from(`user:${password}`).toString("base64")}`;
    if (wanted && request.headers["proxy-authorization"] !== wanted) {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return;
    }
    targets.push(request.url ?? "");
    const { hostname, port } = new URL(`http://${request.url}`);
    join(socket, hostname, Number(port), () => socket.write("HTTP/1.1 200 Connection established\r\n\r\n"));
  });
  return listen(server, "http", targets);
}

/** A SOCKS5 proxy without authentication (RFC 1928), for addresses of version 4 and names. */
export function socksProxy(): Promise<FakeProxy> {
  const targets: string[] = [];
  const server = createServer((socket) => {
    socket.once("data", () => {
      socket.write(Buffer.from([5, 0]));
      socket.once("data", (request: Buffer) => {
        const isName = request[3] === 3;
        const end = isName ? 5 + (request[4] ?? 0) : 8;
        const host = isName ? request.subarray(5, end).toString() : request.subarray(4, end).join(".");
        const port = request.readUInt16BE(end);
        targets.push(`${host}:${port}`);
        join(socket, host, port, () => socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])));
      });
    });
  });
  return listen(server, "socks5", targets);
}

function join(socket: Socket, host: string, port: number, ready: () => void): void {
  const target = connect(port, host, () => {
    ready();
    socket.pipe(target).pipe(socket);
  });
  target.on("error", () => socket.destroy());
  socket.on("error", () => target.destroy());
  socket.on("close", () => target.destroy());
}

async function listen(server: Server, scheme: string, targets: string[]): Promise<FakeProxy> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `${scheme}://127.0.0.1:${port}`, targets, close };
}
