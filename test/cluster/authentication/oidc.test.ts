import { expect, test } from "vitest";
import { kinds } from "../../../src/core/kinds.js";
import { selfSigned } from "../../support/certificates.js";
import { FakeApiServer, json, plain } from "../../support/fake-api-server.js";
import { type Rig, rig } from "../support.js";

const POD = "GET /api/v1/namespaces/default/pods/p";
const read = ({ cluster }: Rig) => cluster.get(kinds.pod, { name: "p" });
const sent = ({ server }: Rig) => server.received.map(({ headers }) => headers.authorization);
/** Seconds since 1970 of the clock of a rig. */
const START = Date.parse("2026-01-01T00:00:00Z") / 1000;

/** A token that ends at a time; nobody here checks its signature. */
const jwt = (exp: number): string => `e30.${Buffer.from(JSON.stringify({ exp })).toString("base64url")}.c2ln`;

const provider = (config: Record<string, string>) => ({
  credentials: { authProvider: { name: "oidc", config } },
});

test("an ID token that is still good is sent as it is", async () => {
  const token = jwt(START + 3600);
  const made = await rig(provider({ "id-token": token }));
  made.server.on(POD, json({}));
  await read(made);
  expect(sent(made)).toEqual([`Bearer ${token}`]);
});

test("one that ends is renewed once for all requests, at an issuer with its own authority", async () => {
  const pair = selfSigned({ addresses: ["127.0.0.1"] });
  const issuer = await FakeApiServer.start({ ...pair });
  const [second, third] = [jwt(START + 3600), jwt(START + 7200)];
  const discovery = json({ token_endpoint: `${issuer.url}/token` });
  issuer.on("GET /dex/.well-known/openid-configuration", discovery, discovery);
  issuer.on("POST /token", json({ id_token: second, refresh_token: "next" }), json({ id_token: third }));
  const config = {
    "client-id": "sts",
    "client-secret": "hu:sh",
    "id-token": jwt(START + 5),
    "refresh-token": "first",
    "idp-issuer-url": `${issuer.url}/dex/`,
    "idp-certificate-authority-data": Buffer.from(pair.cert).toString("base64"),
  };
  const made = await rig(provider(config));
  made.server.on(POD, json({}), json({}), json({}));
  await Promise.all([read(made), read(made)]);
  made.clock.advance(3_600_000);
  await read(made);
  expect(sent(made)).toEqual([second, second, third].map((token) => `Bearer ${token}`));
  const posts = issuer.received.filter(({ method }) => method === "POST");
  expect(posts.map(({ body }) => body)).toEqual([
    "grant_type=refresh_token&refresh_token=first",
    "grant_type=refresh_token&refresh_token=next",
  ]);
  expect(posts[0]?.headers.authorization).toBe(`Basic ${Buffer.from("sts:hu%3Ash").toString("base64")}`);
  await issuer.close();
});

test("what cannot be renewed says why, and tells no secret", async () => {
  const pair = selfSigned({ addresses: ["127.0.0.1"] });
  const issuer = await FakeApiServer.start({ ...pair });
  issuer.on("GET /.well-known/openid-configuration", json({ token_endpoint: `${issuer.url}/token` }));
  issuer.on("POST /token", plain("s3cret is invalid", 400));
  const ca = { "idp-certificate-authority-data": Buffer.from(pair.cert).toString("base64") };
  const told = async (config: Record<string, string>): Promise<string> => {
    const made = await rig(provider({ "id-token": "s3cret", "refresh-token": "s3cret", ...config }));
    const error = await read(made).catch((thrown: Error) => thrown);
    expect(made.server.received).toEqual([]);
    return (error as Error).message;
  };
  const messages = [
    await told({}),
    await told({ "idp-issuer-url": "http://127.0.0.1:1" }),
    await told({ "idp-issuer-url": "https://127.0.0.1:1" }),
    await told({ "idp-issuer-url": issuer.url }),
    await told({ "idp-issuer-url": issuer.url, ...ca }),
  ];
  const prefix = "Unable to connect to the server: failed to refresh token: ";
  expect(messages.map((message) => message.replace(issuer.url, "ISSUER"))).toEqual([
    `${prefix}the ID token has expired, and there is no refresh-token or idp-issuer-url to renew it with`,
    expect.stringContaining("the issuer must be an https URL"),
    expect.stringContaining("was refused"),
    expect.stringContaining("x509: certificate signed by unknown authority"),
    `${prefix}ISSUER answered with status 400: log in again`,
  ]);
  expect(messages.join()).not.toContain("s3cret");
  expect(issuer.unused()).toEqual([]);
  await issuer.close();
});
