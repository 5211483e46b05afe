import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { bits, integer, octets, oid, sequence, set, tagged, text, time, value, yes } from "./der.js";

/** Both as PEM. */
export interface Certificate {
  key: string;
  /** Signed by itself, so also what clients trust. */
  cert: string;
}

/** Whose certificate it is, and from when until when. */
export interface CertificateSubject {
  commonName: string;
  /** Names by which it is reached. */
  hosts: readonly string[];
  /** IPv4 addresses: `127.0.0.1`. */
  addresses: readonly string[];
  /** What it is shown for. */
  usages: readonly (keyof typeof usageIds)[];
  from: Date;
  to: Date;
}

const usageIds = { serverAuth: oid("1.3.6.1.5.5.7.3.1"), clientAuth: oid("1.3.6.1.5.5.7.3.2") };

const lifetimeDays = 365;
// Clocks of containers and virtual machines may lag.
const backdatedMilliseconds = 3_600_000;

/** A certificate for 127.0.0.1 and localhost. `now` is in milliseconds. */
export function createCertificate(now: number): Certificate {
  return selfSigned({
    commonName: "sts-sandbox",
    hosts: ["localhost"],
    addresses: ["127.0.0.1"],
    usages: ["serverAuth"],
    from: new Date(now - backdatedMilliseconds),
    to: new Date(now + lifetimeDays * 86_400_000),
  });
}

const ecdsaWithSha256 = sequence(oid("1.2.840.10045.4.3.2"));

/**
 * A new P-256 key and a certificate of it, which servers show and clients trust. It is written by hand (RFC 5280,
 * section 4.1, and RFC 5758 for the signature): Node issues none, and a library for it took as long to load and to run
 * as a third of a sandbox's start.
 */
export function selfSigned(subject: CertificateSubject): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const keyInfo = publicKey.export({ type: "spki", format: "der" });
  const name = sequence(set(sequence(oid("2.5.4.3"), text(subject.commonName))));
  const version3 = tagged(0, integer(2));
  const tbs = sequence(
    version3,
    serialNumber(),
    ecdsaWithSha256,
    name,
    sequence(time(subject.from), time(subject.to)),
    name,
    keyInfo,
    tagged(3, extensions(subject, keyInfo)),
  );
  const cert = sequence(tbs, ecdsaWithSha256, bits(sign("sha256", tbs, privateKey)));
  return { key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(), cert: pem(cert) };
}

/** One that no other certificate has: of two with the same name and number browsers refuse the second. */
function serialNumber(): Buffer {
  const [first = 0, ...rest] = randomBytes(16);
  return integer((first & 0x3f) | 0x40, ...rest);
}

/** RFC 5280, section 4.2.1. Those that whoever checks must know are critical. */
function extensions({ hosts, addresses, usages }: CertificateSubject, keyInfo: Uint8Array): Buffer {
  const isCa = sequence(yes);
  const digitalSignatureAndKeyCertSign = bits(Buffer.of(0b1000_0100), 2);
  const altNames = sequence(
    ...hosts.map((host) => value(0x82, Buffer.from(host))),
    ...addresses.map((address) => value(0x87, Buffer.from(address.split(".").map(Number)))),
  );
  // Any that tells keys apart will do. OpenSSL asks for one when it is strict, as Python is.
  const keyId = octets(createHash("sha256").update(keyInfo).digest().subarray(0, 20));
  return sequence(
    sequence(oid("2.5.29.19"), yes, octets(isCa)),
    sequence(oid("2.5.29.15"), yes, octets(digitalSignatureAndKeyCertSign)),
    sequence(oid("2.5.29.37"), octets(sequence(...usages.map((usage) => usageIds[usage])))),
    sequence(oid("2.5.29.17"), octets(altNames)),
    sequence(oid("2.5.29.14"), octets(keyId)),
  );
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
