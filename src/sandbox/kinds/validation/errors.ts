import type { FieldError } from "../kind.js";
import { sinceMinor } from "../version.js";

/** Marks an error that is found by the API's code up to 1.36, and by its declarative rules from 1.37 (KEP-5073). */
export function declared(error: FieldError, message = error.message): FieldError {
  return { ...error, declared: message };
}

/** In the order of the release: what declarative rules find comes last, in their words. */
export function inOrder(errors: FieldError[], kubernetesVersion: string): FieldError[] {
  const plain = ({ reason, field, message }: FieldError): FieldError => ({ reason, field, message });
  if (!sinceMinor(37, kubernetesVersion)) return errors.map(plain);
  const [found, ruled] = [errors.filter((one) => !one.declared), errors.filter((one) => one.declared)];
  return [...found, ...ruled.map((error) => plain({ ...error, message: error.declared ?? error.message }))];
}

/** A value as Go's field errors print it: text quoted, numbers bare, the rest as JSON with the keys of maps in order. */
function goValue(value: unknown): string {
  return JSON.stringify(value ?? null);
}

export function invalid(field: string, value: unknown, detail: string): FieldError {
  const message = `Invalid value: ${goValue(value)}${detail && `: ${detail}`}`;
  return { reason: "FieldValueInvalid", field, message };
}

export function required(field: string, detail = ""): FieldError {
  return { reason: "FieldValueRequired", field, message: `Required value${detail && `: ${detail}`}` };
}

export function forbidden(field: string, detail: string): FieldError {
  return { reason: "FieldValueForbidden", field, message: `Forbidden: ${detail}` };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { reason: "FieldValueDuplicate", field, message: `Duplicate value: ${goValue(value)}` };
}

export function notFound(field: string, value: unknown): FieldError {
  return { reason: "FieldValueNotFound", field, message: `Not found: ${goValue(value)}` };
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const list = supported.map((one) => `"${one}"`).join(", ");
  const message = `Unsupported value: ${goValue(value)}: supported values: ${list}`;
  return { reason: "FieldValueNotSupported", field, message };
}

/** An error where something takes more bytes than it may. */
export function tooLong(field: string, size: number, most: number): FieldError[] {
  const message = `Too long: may not be more than ${most} bytes`;
  return size > most ? [{ reason: "FieldValueTooLong", field, message }] : [];
}

/** One error for each of `messages`, as the API has it for rules that can be broken in several ways. */
export function each(field: string, value: unknown, messages: string[]): FieldError[] {
  return messages.map((message) => invalid(field, value, message));
}
