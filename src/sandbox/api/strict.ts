import { scanJson } from "../kinds/json-scanner.js";
import type { ApiRequest } from "./request.js";

/**
 * What a strict decoder finds in a JSON document, in its order: fields that it has twice, and those that `unknown` names.
 * Into an unknown field it does not look.
 */
export function strictErrors(text: string, unknown: readonly string[]): string[] {
  const { duplicates, error } = scanJson(text);
  if (duplicates.length === 0 || error !== undefined) return unknown.map(unknownField);
  const found = new Set<string>();
  const inside = (path: string): boolean =>
    unknown.some((one) => path === one || path.startsWith(`${one}.`) || path.startsWith(`${one}[`));
  scanJson(text, (path, again) => {
    if (unknown.includes(path)) found.add(unknownField(path));
    else if (again && !inside(path)) found.add(duplicateField(path));
  });
  return [...found];
}

/** Go's words for the fields that a JSON document has twice, however deep. */
export function duplicateFields(text: string): string[] {
  return scanJson(text).duplicates.map(duplicateField);
}

function duplicateField(path: string): string {
  return `duplicate field "${path}"`;
}

export function unknownField(path: string): string {
  return `unknown field "${path}"`;
}

/** Refuses or warns of fields as the request's `fieldValidation` asks; the API's default is to warn. */
export function reportFields(request: ApiRequest, found: string[], refuse: (why: string) => Error): void {
  const mode = validationMode(request);
  if (found.length === 0 || mode === "Ignore") return;
  if (mode === "Strict") throw refuse(`strict decoding error: ${found.join(", ")}`);
  request.warnings.push(...found);
}

export function validationMode({ query }: Pick<ApiRequest, "query">): string {
  return query.get("fieldValidation") || "Warn";
}
