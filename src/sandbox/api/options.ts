import { invalid } from "../store/status.js";
import type { FieldError } from "../kinds/kind.js";
import type { ApiRequest } from "./request.js";

const validations = ["", "Ignore", "Strict", "Warn"];

/**
 * Throws the API's 422 for options of a write that it does not know. `apply` says of a patch whether it is an apply: that
 * needs a manager, and the others cannot be forced.
 */
export function checkOptions(
  { query }: ApiRequest,
  kind: "CreateOptions" | "UpdateOptions" | "PatchOptions" | "DeleteOptions",
  { apply = false } = {},
): void {
  const manager = query.get("fieldManager") ?? "";
  const dryRun = query.getAll("dryRun").filter((value) => value !== "All");
  const validation = query.get("fieldValidation") ?? "";
  const writes = kind !== "DeleteOptions";
  const errors: FieldError[] = [
    ...(apply && !manager
      ? [refused("FieldValueRequired", "fieldManager", "Required value: is required for apply patch")]
      : []),
    ...(kind === "PatchOptions" && !apply && query.has("force")
      ? [refused("FieldValueForbidden", "force", "Forbidden: may not be specified for non-apply patch")]
      : []),
    ...(writes ? managerErrors(manager) : []),
    ...(dryRun.length > 0 ? [unsupported("dryRun", JSON.stringify(dryRun), ["All"])] : []),
    ...(writes && !validations.includes(validation)
      ? [unsupported("fieldValidation", JSON.stringify(validation), validations)]
      : []),
  ];
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind }, "", errors);
}

function refused(reason: string, field: string, message: string): FieldError {
  return { reason, field, message };
}

function unsupported(field: string, shown: string, supported: string[]): FieldError {
  const named = supported.map((value) => `"${value}"`).join(", ");
  return refused("FieldValueNotSupported", field, `Unsupported value: ${shown}: supported values: ${named}`);
}

/** A manager's name is short and can be printed (apimachinery, `ValidateFieldManager`). */
function managerErrors(manager: string): FieldError[] {
  const long = Buffer.byteLength(manager) > 128;
  let at = 0;
  const unprintable: FieldError[] = [];
  for (const letter of manager) {
    if (/[\p{C}\p{Z}]/u.test(letter) && letter !== " ") {
      const code = (letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
      const shown = `"${manager.replaceAll(/[\p{C}]/gu, (one) => goEscape(one))}"`;
      const message = `Invalid value: ${shown}: invalid character U+${code} (at position ${at})`;
      unprintable.push(refused("FieldValueInvalid", "fieldManager", message));
    }
    at += Buffer.byteLength(letter);
  }
  return [
    ...(long
      ? [refused("FieldValueTooLong", "fieldManager", "Too long: may not be more than 128 bytes")]
      : []),
    ...unprintable,
  ];
}

const named: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\u0007": "\\a",
  "\b": "\\b",
};

/** A character as Go's `%q` writes what cannot be printed. */
function goEscape(letter: string): string {
  const code = letter.codePointAt(0) ?? 0;
  return (
    named[letter] ??
    (code < 0x80 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`)
  );
}
