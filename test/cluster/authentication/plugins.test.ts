import { mkdtempSync, rmSync } from "node:fs";
import { get as httpsGet } from "node:https";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { bundle } from "../../../scripts/bundle.mjs";
import * as source from "../../../src/cluster/authentication/plugins.js";
import { kinds } from "../../../src/core/kinds.js";
import { type Pair, selfSigned } from "../../support/certificates.js";
import { FakeApiServer, json } from "../../support/fake-api-server.js";
import { type FakeProxy, httpProxy, socksProxy } from "../../support/fake-proxy.js";
import { connectionTo, rigOn } from "../support.js";

const outdir = mkdtempSync(path.join(tmpdir(), "plugins-"));
let pair: Pair;
let built: typeof source;

beforeAll(async () => {
  await bundle(outdir, { plugins: "src/cluster/authentication/plugins.ts" });
  built = createRequire(import.meta.url)(path.join(outdir, "plugins.cjs")) as typeof source;
  pair = selfSigned({ addresses: ["127.0.0.1"], names: ["localhost"] });
}, 60_000);
afterAll(() => rmSync(outdir, { recursive: true }));

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});
const kept = <T extends { close(): unknown }>(thing: T): T => {
  open.push(thing);
  return thing;
};

describe.each([["source", () => source] as const, ["bundle", () => built] as const])(
  "plugins from %s",
  (_, plugins) => {
    test("a provider that nobody knows is told without its secrets", async () => {
      const config = { "access-token": "s3cret" };
      const gone = plugins().providerAuthenticator({ name: "acme", config }, connectionTo("https://unused"));
      await expect(gone.credential()).rejects.toThrow(
        /^error: no Auth Provider found for name "acme"(?!.*s3cret)/s,
      );
    });

    test("a provider whose command gives a token works", async () => {
      const token = { access_token: "tok", expiry: "2999-01-01T00:00:00Z" };
      const config = {
        "cmd-path": process.execPath,
        "cmd-args": `-p 'JSON.stringify(${JSON.stringify(token)})'`,
        "token-key": "{.access_token}",
        "expiry-key": "{.expiry}",
      };
      const gcp = plugins().providerAuthenticator({ name: "gcp", config }, connectionTo("https://unused"));
      expect(await gcp.credential()).toEqual({ authorization: "Bearer tok" });
    });

    test.each([
      ["CONNECT", httpProxy],
      ["SOCKS5", socksProxy],
    ])("%s proxies are gone through, with TLS checked at the far end", async (__, start) => {
      const proxy = kept(await start());
      const server = kept(await FakeApiServer.start({ ...pair }));
      server.on("GET /version", json({ gitVersion: "v1" }), json({ gitVersion: "v1" }));
      const connection = connectionTo(server.url, { proxy: proxy.url });
      const agent = await plugins().proxyAgent(connection, {
        ca: pair.cert,
        rejectUnauthorized: true,
        maxSockets: 32,
      });
      const get = (): Promise<string> =>
        new Promise((resolve, reject) => {
          httpsGet(`${server.url}/version`, { agent }, (response) => resolve(text(response))).on(
            "error",
            reject,
          );
        });
      expect(JSON.parse(await get())).toEqual({ gitVersion: "v1" });
      await new Promise((resolve) => setImmediate(resolve));
      await get();
      // One connection was kept and used for both.
      expect(proxy.targets).toEqual([server.url.replace("https://", "")]);
      agent.destroy();
      const strict = await plugins().proxyAgent(connection, { rejectUnauthorized: true });
      const refused = new Promise((resolve) => {
        httpsGet(`${server.url}/version`, { agent: strict }, resolve).on("error", resolve);
      });
      expect(await refused).toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
      strict.destroy();
    });
  },
);

async function through(
  proxy: FakeProxy,
  url = proxy.url,
): Promise<{ answer: unknown; server: FakeApiServer }> {
  const server = kept(await FakeApiServer.start({ ...pair }));
  server.on("GET /api/v1/namespaces/default/pods/p", json({ ok: true }));
  const { cluster } = rigOn(server, { proxy: url, certificateAuthority: Buffer.from(pair.cert) });
  kept(cluster);
  const answer = await cluster.get(kinds.pod, { name: "p" }).catch((error: Error) => error.message);
  return { answer, server };
}

test("the gateway goes through the proxy of its connection", async () => {
  const proxy = kept(await httpProxy({ password: "s3cret" }));
  const { answer, server } = await through(proxy, proxy.url.replace("//", "//user:s3cret@"));
  expect(answer).toEqual({ ok: true });
  expect(proxy.targets).toEqual([server.url.replace("https://", "")]);
});

test("a proxy that refuses or is not there is told, without its password", async () => {
  const proxy = kept(await httpProxy({ password: "s3cret" }));
  const { answer } = await through(proxy, proxy.url.replace("//", "//user:wr0ng@"));
  expect(answer).toBe("Unable to connect to the server: Bad response: 407");
  const gone = await httpProxy();
  await gone.close();
  const { answer: refused } = await through(gone);
  expect(refused).toContain("refused");
});
