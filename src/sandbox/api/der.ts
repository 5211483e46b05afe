/**
 * As much of ASN.1's Distinguished Encoding Rules as a certificate is written in (ITU-T X.690). Each function returns a
 * whole value: its tag, its length and its contents.
 */

/** A value of any type, of contents that follow each other. */
export function value(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content]);
}

/** A SEQUENCE. */
export const sequence = (...items: readonly Uint8Array[]): Buffer => value(0x30, ...items);

/** A SET of one. */
export const set = (item: Uint8Array): Buffer => value(0x31, item);

/** An INTEGER, of bytes that begin neither with a zero nor with a sign. */
export const integer = (...bytes: readonly number[]): Buffer => value(0x02, Buffer.from(bytes));

/** TRUE. What is FALSE by default is left out. */
export const yes = value(0x01, Buffer.of(0xff));

/** An OCTET STRING. */
export const octets = (bytes: Uint8Array): Buffer => value(0x04, bytes);

/** A BIT STRING; the last `unused` bits of its bytes are not of it. */
export const bits = (bytes: Uint8Array, unused = 0): Buffer => value(0x03, Buffer.of(unused), bytes);

/** A UTF8String. */
export const text = (words: string): Buffer => value(0x0c, Buffer.from(words));

/** A value that its place tells from others: `[number]`, around one that is written with its own tag, too. */
export const tagged = (number: number, item: Uint8Array): Buffer => value(0xa0 + number, item);

/** An OBJECT IDENTIFIER, as people write it: `1.2.840.10045.4.3.2`. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return value(0x06, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}

/** A Time as certificates have it: with two digits for the year until 2049 (RFC 5280, 4.1.2.5). */
export function time(date: Date): Buffer {
  const digits = date
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(/[-T:]/g, "");
  const short = date.getUTCFullYear() < 2050;
  return value(short ? 0x17 : 0x18, Buffer.from(short ? digits.slice(2) : digits));
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes = bytesOf(length, 0x100);
  return Buffer.of(0x80 + bytes.length, ...bytes);
}

/** A number in groups of seven bits; all but the last are marked. */
function base128(number: number): number[] {
  const groups = bytesOf(number, 0x80);
  return groups.map((group, at) => (at < groups.length - 1 ? group + 0x80 : group));
}

/** The digits of a number, the highest first. */
function bytesOf(number: number, base: number): number[] {
  const higher = Math.floor(number / base);
  return [...(higher > 0 ? bytesOf(higher, base) : []), number % base];
}
