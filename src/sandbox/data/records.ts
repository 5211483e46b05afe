import { createHash } from "node:crypto";
import type { AnyObject } from "../port.js";

/** What a folder of data says about its sandbox; the last one in the file counts. */
export interface Header {
  /** Of the file; one that this program does not know is refused. */
  format: number;
  kubernetesVersion: string;
  /** Of the administrator. */
  token: string;
  certificate: { key: string; cert: string };
  /** Where the API listened, and the control beside it. */
  port?: number | undefined;
  controlPort?: number | undefined;
}

/** One line of the file. */
export type DataRecord =
  | ["sandbox", Header]
  | ["put", resource: string, key: string, object: AnyObject]
  | ["remove", resource: string, key: string, revision: number]
  /** The store's counter, where no object tells it. */
  | ["revision", revision: number]
  /** The first so many bytes of the file are on the disk, whatever happens to the machine. */
  | ["synced", bytes: number]
  /** Ended in peace: nothing is missing. */
  | ["closed"];

/** A record as a line: a checksum, and JSON, which has no line ends. */
export function encodeRecord(record: DataRecord): string {
  const json = JSON.stringify(record);
  return `${checksum(json)} ${json}\n`;
}

const checksumLength = 16;

function checksum(text: string | Buffer): string {
  return createHash("sha256").update(text).digest("hex").slice(0, checksumLength);
}

/** Undefined for what is no whole line: half-written, or changed since. */
function decodeRecord(line: Buffer): DataRecord | undefined {
  const json = line.subarray(checksumLength + 1);
  if (line.toString("latin1", 0, checksumLength) !== checksum(json)) return undefined;
  return JSON.parse(json.toString("utf8")) as DataRecord;
}

/** The records of a file. */
export interface Decoded {
  records: DataRecord[];
  /** Where the first bad line begins; undefined when there is none. */
  damagedAt: number | undefined;
  /** How many bytes were certainly on the disk once: damage among them is none that a lost write explains. */
  synced: number;
}

/** Reads lines up to the first bad one. Of what follows that one, only marks of what was on the disk are heeded. */
export function decodeRecords(bytes: Buffer): Decoded {
  const decoded: Decoded = { records: [], damagedAt: undefined, synced: 0 };
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf("\n", start);
    const record = end === -1 ? undefined : decodeRecord(bytes.subarray(start, end));
    if (!record) decoded.damagedAt ??= start;
    else if (record[0] === "synced") decoded.synced = Math.max(decoded.synced, record[1]);
    else if (decoded.damagedAt === undefined) decoded.records.push(record);
    start = end === -1 ? bytes.length : end + 1;
  }
  return decoded;
}
