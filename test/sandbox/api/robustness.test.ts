import { connect as connectPlain } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSandbox, type Sandbox } from "../../../src/sandbox/index.js";

let sandbox: Sandbox;
let address: { host: string; port: number };

beforeAll(async () => {
  sandbox = await startSandbox({ speed: 100 });
  const { hostname: host, port } = new URL(sandbox.server);
  address = { host, port: Number(port) };
});
afterAll(() => sandbox.stop());

const maps = "/api/v1/namespaces/default/configmaps";

/** The head of a request by the administrator; the empty line that ends it is left out. */
function head(method: string, path: string, headers: Record<string, string> = {}, version = "1.1"): string {
  const all = { Host: "sandbox", Authorization: `Bearer ${sandbox.token}`, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/${version}\r\n${lines.join("")}`;
}

async function open(): Promise<TLSSocket> {
  const socket = connect({ ...address, ca: sandbox.caPem });
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.once("secureConnect", resolve));
  return socket;
}

/** All that comes until the server has closed, or until `enough` of it has come. */
function received(socket: TLSSocket, enough: (text: string) => boolean = () => false): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if (enough(text)) {
        socket.destroy();
        resolve(text);
      }
    });
    socket.once("close", () => resolve(text));
  });
}

async function stillAnswers(): Promise<void> {
  const socket = await open();
  socket.write(`${head("GET", "/version", { Connection: "close" })}\r\n`);
  expect(await received(socket)).toContain("HTTP/1.1 200 OK");
}

/** Writes until all of `size` is written or the other side is gone. */
function pour(socket: TLSSocket, size: number, frame: (chunk: string) => string): void {
  const chunk = "x".repeat(64 * 1024);
  let left = size;
  const write = () => {
    while (left > 0 && !socket.destroyed && socket.writable) {
      left -= chunk.length;
      if (!socket.write(frame(chunk))) {
        socket.once("drain", write);
        return;
      }
    }
  };
  write();
}

const megabytes = 1024 * 1024;
const tooLarge = (text: string) => text.includes("Request entity too large: limit is 3145728");

describe("a body of 20 MB", () => {
  it.each([
    ["with its length", { "Content-Length": String(20 * megabytes) }],
    ["in chunks", { "Transfer-Encoding": "chunked" }],
    ["after Expect: 100-continue", { "Content-Length": String(20 * megabytes), Expect: "100-continue" }],
  ])("%s gets the API's 413", async (_how, headers: Record<string, string>) => {
    const socket = await open();
    const answer = received(socket, tooLarge);
    socket.write(`${head("POST", maps, { "Content-Type": "application/json", ...headers })}\r\n`);
    const chunked = "Transfer-Encoding" in headers;
    pour(socket, 20 * megabytes, (chunk) =>
      chunked ? `${chunk.length.toString(16)}\r\n${chunk}\r\n` : chunk,
    );
    expect(await answer).toContain('"reason":"RequestEntityTooLarge","code":413');
    await stillAnswers();
  });
});

describe("a client that is slow, or goes away", () => {
  it("in the middle of a body does no harm", async () => {
    const sockets = await Promise.all(Array.from({ length: 50 }, open));
    for (const socket of sockets)
      socket.write(`${head("POST", maps, { "Content-Length": "1000" })}\r\n{"apiVersion":`);
    await stillAnswers();
    for (const socket of sockets) socket.destroy();
    await stillAnswers();
  });

  it("in the middle of the headers does no harm", async () => {
    const sockets = await Promise.all(Array.from({ length: 50 }, open));
    for (const socket of sockets) socket.write(head("GET", maps, { "X-Slow": "a" }));
    await stillAnswers();
    for (const socket of sockets) socket.destroy();
  });

  it("by the hundreds leaves room for others", async () => {
    const sockets = await Promise.all(Array.from({ length: 300 }, open));
    await stillAnswers();
    for (const socket of sockets) socket.destroy();
  });
});

describe("what is hardly HTTP", () => {
  it("is answered in order where requests come all at once", async () => {
    const socket = await open();
    const answers = received(socket);
    socket.write(
      `${head("GET", "/version")}\r\n${head("GET", "/nothing")}\r\n${head("GET", "/healthz", { Connection: "close" })}\r\n`,
    );
    expect([...(await answers).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, code]) => code)).toEqual([
      "200",
      "404",
      "200",
    ]);
  });

  it("is answered in HTTP/1.0, and closed", async () => {
    const socket = await open();
    socket.write(`${head("GET", "/healthz", {}, "1.0")}\r\n`);
    expect(await received(socket)).toMatch(/^HTTP\/1\.1 200 OK[^]*ok$/);
  });

  it.each([
    ["is no HTTP", "\0\u0001\u0002\r\n\r\n"],
    ["has a bad version", "GET / HTTP/9.9\r\n\r\n"],
    ["has a header of 64 KB", `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(65_536)}\r\n\r\n`],
    ["has two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"],
    ["has a bad chunk", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
  ])("is refused where it %s", async (_what, text) => {
    const socket = await open();
    const answer = received(socket);
    socket.write(text);
    expect(await answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    await stillAnswers();
  });

  it("is dropped where it is no TLS", async () => {
    const socket = connectPlain(address);
    socket.on("error", () => undefined);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.resume();
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await closed;
    await stillAnswers();
  });
});
