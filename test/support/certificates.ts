import { selfSigned as sign, type Certificate } from "../../src/sandbox/api/certificate.js";

export type { Certificate as Pair } from "../../src/sandbox/api/certificate.js";

const day = 86_400_000;

/** A certificate that signs itself, for the names and addresses given; for today when nothing else is said. */
export function selfSigned(
  { names = [], addresses = [] }: { names?: string[]; addresses?: string[] },
  { from = new Date(), to = new Date(Date.now() + day) }: { from?: Date; to?: Date } = {},
): Certificate {
  const usages = ["serverAuth", "clientAuth"] as const;
  return sign({ commonName: "test", hosts: names, addresses, usages, from, to });
}
