import { request } from "node:https";
import type { Sandbox } from "../../src/sandbox/index.js";

/** What a sandbox answers to a GET over a connection of its own; by its administrator, unless another token is given. */
export function ask(
  { server, caPem, token: own }: Sandbox,
  path: string,
  token: string = own,
): Promise<{ code: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${token}` };
    const sent = request(server + path, { ca: caPem, headers, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ code: response.statusCode ?? 0, text }));
    });
    sent.on("error", reject).end();
  });
}
