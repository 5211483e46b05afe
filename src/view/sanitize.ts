/** Escape sequences of a terminal: CSI, OSC and the other string sequences, and two-character ones. */
// oxlint-disable-next-line no-control-regex -- they are what this is about
const sequences =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c\n]*(?:\u0007|\u009c|\u001b\\)?|\u001b[ -/]*[0-~]/g;
/** What is left of control characters, and marks that turn the direction of text around. */
// oxlint-disable-next-line no-control-regex -- they are what this is about
const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Nearly all text is of this sort, and safe as it is. */
const plain = /^[\u0020-\u007e]*$/;

/** Text from the cluster, safe for a terminal: no escape sequence, no control character but the end of a line. */
export function sanitize(text: string): string {
  if (plain.test(text)) return text;
  return text.replaceAll("\t", "  ").replace(sequences, "").replace(controls, "");
}

/** The same on one line. */
export function sanitizeLine(text: string): string {
  if (plain.test(text)) return text;
  return sanitize(text.replace(/\s*[\r\n]+\s*/g, " "));
}

/** A JSON value with every text in it made safe. */
export function sanitizeJson<T>(value: T): T {
  if (typeof value === "string") return sanitize(value) as T;
  if (Array.isArray(value)) return value.map(sanitizeJson) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, sanitizeJson(item)])) as T;
}
