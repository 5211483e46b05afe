import { createPrivateKey, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { createCertificate, selfSigned } from "../../../src/sandbox/api/certificate.js";

const now = Date.parse("2026-11-22T08:00:00Z");

test("the sandbox's certificate is for this machine, from an hour ago on, for a year, and trusts itself", () => {
  const { cert, key } = createCertificate(now);
  const read = new X509Certificate(cert);
  expect(read.subject).toBe("CN=sts-sandbox");
  expect(read.issuer).toBe("CN=sts-sandbox");
  expect(read.subjectAltName).toBe("DNS:localhost, IP Address:127.0.0.1");
  expect(read.checkHost("localhost")).toBe("localhost");
  expect(read.checkHost("example.com")).toBeUndefined();
  expect(read.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(new Date(read.validFrom).toISOString()).toBe("2026-11-22T07:00:00.000Z");
  expect(new Date(read.validTo).toISOString()).toBe("2027-11-22T08:00:00.000Z");
  expect(read.ca).toBe(true);
  expect(read.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  expect(read.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
  expect(read.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(read.verify(read.publicKey)).toBe(true);
  expect(read.checkIssued(read)).toBe(true);
});

test("no two certificates have a number or a key in common", () => {
  const [one, two] = [createCertificate(now), createCertificate(now)].map(
    ({ cert }) => new X509Certificate(cert),
  );
  expect(one?.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
  expect(one?.serialNumber).not.toBe(two?.serialNumber);
  expect(one?.verify(two?.publicKey ?? one.publicKey)).toBe(false);
});

test("years from 2050 on have four digits, and names longer than a byte tells are whole", () => {
  const hosts = Array.from({ length: 40 }, (_, ordinal) => `web-${ordinal}.web.default.svc`);
  const from = new Date("2049-12-31T23:59:59Z");
  const to = new Date("2050-01-01T00:00:00Z");
  const addresses = ["10.0.0.1", "127.0.0.1"];
  const { cert } = selfSigned({ commonName: "web", hosts, addresses, usages: ["clientAuth"], from, to });
  const read = new X509Certificate(cert);
  expect(new Date(read.validFrom)).toEqual(from);
  expect(new Date(read.validTo)).toEqual(to);
  expect(read.subjectAltName?.split(", ")).toEqual([
    ...hosts.map((host) => `DNS:${host}`),
    "IP Address:10.0.0.1",
    "IP Address:127.0.0.1",
  ]);
  expect(read.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  expect(read.verify(read.publicKey)).toBe(true);
});
