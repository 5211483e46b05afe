import { expect } from "vitest";
import {
  type Connection,
  type ConnectionFlags,
  KubeconfigError,
  resolveConnection,
} from "../../../src/cluster/index.js";

export interface World {
  files?: Record<string, string>;
  env?: Record<string, string>;
}

/** A world of a few files, in which everything else is missing. */
export function resolve(flags: ConnectionFlags, { files = {}, env = {} }: World = {}): Connection {
  const readFile = (name: string): Buffer => {
    const content = files[name];
    if (content === undefined) throw Object.assign(new Error(`ENOENT: ${name}`), { code: "ENOENT" });
    if (content === "<folder>") throw Object.assign(new Error("EISDIR"), { code: "EISDIR" });
    return Buffer.from(content);
  };
  return resolveConnection(flags, { env, home: "/home/me", cwd: "/here", readFile });
}

export function refusal(flags: ConnectionFlags, world?: World): string {
  try {
    resolve(flags, world);
  } catch (error) {
    expect(error).toBeInstanceOf(KubeconfigError);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

export const config = (fields: object): World => ({
  files: { "/home/me/.kube/config": JSON.stringify(fields) },
});

export const usual = {
  clusters: [
    {
      name: "c",
      cluster: {
        server: "https://c:6443",
        "tls-server-name": "inside",
        "certificate-authority-data": "Q0E=",
      },
    },
    { name: "d", cluster: { server: "https://d:6443", "insecure-skip-tls-verify": true } },
  ],
  users: [
    { name: "u", user: { token: "from-config" } },
    { name: "v", user: { "client-certificate-data": "QQ==", "client-key-data": "Qg==" } },
  ],
  contexts: [{ name: "x", context: { cluster: "c", user: "u", namespace: "ns" } }],
  "current-context": "x",
};
