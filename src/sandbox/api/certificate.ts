import { generate } from "selfsigned";

export interface Certificate {
  key: string;
  /** Signed by itself, so also what clients trust. */
  cert: string;
}

const lifetimeDays = 365;
// Clocks of containers and virtual machines may lag.
const backdatedMilliseconds = 3_600_000;

/** A certificate for 127.0.0.1 and localhost. `now` is in milliseconds. */
export async function createCertificate(now: number): Promise<Certificate> {
  const { private: key, cert } = await generate([{ name: "commonName", value: "sts-sandbox" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notBeforeDate: new Date(now - backdatedMilliseconds),
    notAfterDate: new Date(now + lifetimeDays * 86_400_000),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", digitalSignature: true, keyCertSign: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
        ],
      },
    ],
  });
  return { key, cert };
}
