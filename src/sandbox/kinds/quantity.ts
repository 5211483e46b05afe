/** Powers of ten behind the decimal suffixes, of two behind the binary ones. */
const decimal: Record<string, number> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const binary: Record<string, number> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const nano = 1_000_000_000n;

interface Quantity {
  /** In billionths, the finest that the API keeps; rounded away from zero. */
  nanos: bigint;
  format: "decimal" | "binary" | "exponent";
}

/** Reads a quantity of the API (`500m`, `1.5Gi`, `1e3`, or a number); undefined when it is none. */
export function parseQuantity(value: unknown): Quantity | undefined {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string") return undefined;
  const match = /^([+-]?)(\d+\.?\d*|\.\d+)(?:([numkMGTPE]?|[KMGTPE]i)|[eE]([+-]?\d+))$/.exec(text);
  if (!match) return undefined;
  const [, sign, digits = "", suffix = "", exponent] = match;
  const power = exponent === undefined ? (decimal[suffix] ?? 0) : Number(exponent);
  const nanos = nanosOf(digits, power, binary[suffix] ?? 0);
  const format = suffix in binary ? "binary" : exponent === undefined ? "decimal" : "exponent";
  return { nanos: sign === "-" ? -nanos : nanos, format };
}

// Of a quantity in units: 2^63 - 1 (apimachinery's maxAllowed).
const most = (2n ** 63n - 1n) * nano;
// No quantity has more whole digits, whatever its suffix, and none is told from the next by more.
const wholeDigits = 30;

/** `digits` times ten to `power` times two to `bits`, in billionths, within what the API keeps. */
function nanosOf(digits: string, power: number, bits: number): bigint {
  const [whole = "", fraction = ""] = digits.split(".");
  const all = whole + fraction;
  const lead = all.search(/[1-9]/);
  if (lead === -1) return 0n;
  // How many digits are before the point. What is far off is not worked out: it might have a billion of them.
  const places = whole.length - lead + power;
  if (places > wholeDigits) return most;
  if (places < -wholeDigits) return 1n;
  const kept = all.slice(lead, lead + 3 * wholeDigits);
  const tens = places - kept.length;
  const scaled = (BigInt(kept) * nano) << BigInt(bits);
  const divisor = 10n ** BigInt(Math.max(-tens, 0));
  const nanos = (scaled * 10n ** BigInt(Math.max(tens, 0)) + divisor - 1n) / divisor;
  return nanos > most ? most : nanos;
}

/** As the API writes a quantity back: the largest suffix that leaves a whole number; text that is none as it was. */
export function canonicalQuantity(value: unknown): string {
  const quantity = parseQuantity(value);
  if (!quantity || isKept(String(value))) return String(value);
  const { nanos, format } = quantity;
  if (nanos === 0n) return "0";
  const size = nanos < 0n ? -nanos : nanos;
  if (format === "binary" && size >= 1024n * nano && nanos % nano === 0n) return inBinary(nanos / nano);
  return inDecimal(nanos, format === "exponent");
}

/** The API takes text for canonical by these marks, and then keeps it, be it `+1` (ParseQuantity of apimachinery). */
function isKept(text: string): boolean {
  const [, whole = "", fraction = "", suffix = "", exponent] =
    /^[+-]?(\d*)\.?(\d*)(?:([a-zA-Z]?i?)|[eE]([+-]?\d+))$/.exec(text) ?? [];
  const digits = (whole.replace(/^0+/, "") || "0") + fraction;
  if (suffix in binary) {
    const fits = digits.length <= 14 - Math.floor((binary[suffix] ?? 0) * 0.3);
    return fits && fraction === "" && Number(digits) % 8 !== 0;
  }
  const power = exponent === undefined ? (decimal[suffix] ?? 0) : Number(exponent);
  const scale = power - fraction.length;
  const fits = digits.length <= mostDigits && scale >= -9;
  return fits && scale % 3 === 0 && !digits.endsWith("000") && !digits.startsWith("0");
}

// What is longer goes another way, on which nothing is kept.
const mostDigits = 18;

function inBinary(value: bigint): string {
  let suffix = "";
  for (const [name, power] of Object.entries(binary)) if (value % (1n << BigInt(power)) === 0n) suffix = name;
  return `${value >> BigInt(binary[suffix] ?? 0)}${suffix}`;
}

function inDecimal(nanos: bigint, exponent: boolean): string {
  let best = ["n", -9] as [string, number];
  for (const entry of Object.entries(decimal))
    if (entry[1] > best[1] && nanos % 10n ** BigInt(entry[1] + 9) === 0n) best = entry;
  const digits = nanos / 10n ** BigInt(best[1] + 9);
  if (exponent) return best[1] === 0 ? `${digits}` : `${digits}e${best[1]}`;
  return `${digits}${best[0]}`;
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`; text that is no quantity counts as 0. */
export function compareQuantities(a: unknown, b: unknown): number {
  const difference = (parseQuantity(a)?.nanos ?? 0n) - (parseQuantity(b)?.nanos ?? 0n);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
