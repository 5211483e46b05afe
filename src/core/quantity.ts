import { UsageError } from "./errors.js";

/** How a quantity is written: `1500Mi`, `1500M`, `15e2`. Arithmetic keeps the form of its first operand. */
type QuantityForm = "BinarySI" | "DecimalSI" | "DecimalExponent";

/** An exact Kubernetes quantity (apimachinery `resource.Quantity`). */
export interface Quantity {
  /** In billionths, the finest amount the API keeps. */
  nano: bigint;
  form: QuantityForm;
}

const billion = 1_000_000_000n;
/** No quantity is larger than this; the API cuts off there. */
const largest = (2n ** 63n - 1n) * billion;
const decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const binarySuffixes = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/** Reads `10Gi`, `250m`, `1.5`, `1e3`. Throws a UsageError for anything that the API would refuse. */
export function parseQuantity(text: string): Quantity {
  const match = /^([+-]?)(\d{0,40})(?:\.(\d{0,40}))?([a-zA-Z]{0,2}|[eE][+-]?\d{1,2})$/.exec(text);
  const [, sign, whole = "", fraction = "", suffix = ""] = match ?? [];
  const scale = scaleOf(suffix);
  if (!match || !scale || whole + fraction === "") {
    throw new UsageError(`"${text}" is not a quantity: write for example 500m, 2, 1Gi or 1.5Gi`);
  }
  const digits = BigInt(whole + fraction) * scale.factor * billion;
  const divisor = scale.divisor * 10n ** BigInt(fraction.length);
  const nano = (digits + divisor - 1n) / divisor;
  const size = nano > largest ? largest : nano;
  return { nano: sign === "-" ? -size : size, form: scale.form };
}

function scaleOf(suffix: string): { factor: bigint; divisor: bigint; form: QuantityForm } | undefined {
  const binary = binarySuffixes.indexOf(suffix);
  if (binary >= 0) return { factor: 1024n ** BigInt(binary + 1), divisor: 1n, form: "BinarySI" };
  const decimal = decimalSuffixes.indexOf(suffix);
  if (decimal >= 0) return { ...powerOfTen((decimal - 3) * 3), form: "DecimalSI" };
  if (!/^[eE][+-]?\d/.test(suffix)) return undefined;
  return { ...powerOfTen(Number(suffix.slice(1))), form: "DecimalExponent" };
}

function powerOfTen(exponent: number): { factor: bigint; divisor: bigint } {
  const power = 10n ** BigInt(Math.abs(exponent));
  return exponent < 0 ? { factor: 1n, divisor: power } : { factor: power, divisor: 1n };
}

/** The canonical text, as the API gives it back: the largest suffix that leaves a whole number. */
export function formatQuantity({ nano, form }: Quantity): string {
  if (nano === 0n) return "0";
  if (nano < 0n) return `-${formatQuantity({ nano: -nano, form })}`;
  return form === "BinarySI" && nano >= 1024n * billion ? formatBinary(nano) : formatDecimal(nano, form);
}

function formatBinary(nano: bigint): string {
  let amount = (nano + billion - 1n) / billion;
  let power = 0;
  while (amount % 1024n === 0n && power < binarySuffixes.length) {
    amount /= 1024n;
    power += 1;
  }
  return `${amount}${power === 0 ? "" : binarySuffixes[power - 1]}`;
}

function formatDecimal(nano: bigint, form: QuantityForm): string {
  let amount = nano;
  let power = 0;
  while (amount % 1000n === 0n && power < decimalSuffixes.length - 1) {
    amount /= 1000n;
    power += 1;
  }
  if (form !== "DecimalExponent") return `${amount}${decimalSuffixes[power]}`;
  return power === 3 ? `${amount}` : `${amount}e${(power - 3) * 3}`;
}

/** Below 0, 0 or above 0, as `a` is smaller than, equal to or larger than `b`. */
export function compareQuantities(a: string, b: string): number {
  const difference = parseQuantity(a).nano - parseQuantity(b).nano;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The sum in the form of the first; `0` of none. */
export function sumQuantities(texts: readonly string[]): string {
  const counts = new Map<string, number>(); // thousands of claims have a handful of sizes
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const amounts = [...counts].map(([text, count]) => ({ ...parseQuantity(text), count: BigInt(count) }));
  const nano = amounts.reduce((sum, amount) => sum + amount.nano * amount.count, 0n);
  return formatQuantity({ nano, form: amounts[0]?.form ?? "DecimalSI" });
}

/** In whole units (bytes, for storage), rounded up. */
export function quantityUnits(text: string): number {
  return Number((parseQuantity(text).nano + billion - 1n) / billion);
}
