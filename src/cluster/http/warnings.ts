const entry = /(\d{3}) \S+ "((?:[^"\\]|\\.)*)"/g;

/**
 * The texts of `Warning:` headers with code 299, the only ones that the API server means for people (RFC 7234, 5.5).
 * Node joins several into one text.
 */
export function warningsOf(header = ""): string[] {
  return [...header.matchAll(entry)]
    .filter(([, code]) => code === "299")
    .map(([, , text = ""]) => text.replace(/\\(.)/g, "$1"));
}
