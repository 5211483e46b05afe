import { generate } from "selfsigned";

export interface Pair {
  cert: string;
  key: string;
}

/** A certificate that signs itself, for the names and addresses given. */
export async function selfSigned(
  { names = [], addresses = [] }: { names?: string[]; addresses?: string[] },
  { from, to }: { from?: Date; to?: Date } = {},
): Promise<Pair> {
  const { cert, private: key } = await generate([{ name: "commonName", value: "test" }], {
    keySize: 2048,
    ...(from && { notBeforeDate: from }),
    ...(to && { notAfterDate: to }),
    extensions: [
      { name: "basicConstraints", cA: true },
      {
        name: "subjectAltName",
        altNames: [
          ...names.map((value) => ({ type: 2 as const, value })),
          ...addresses.map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
  });
  return { cert, key };
}
