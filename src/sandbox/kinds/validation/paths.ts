import type { FieldError } from "../kind.js";
import { invalid } from "./errors.js";

/** A path that stays below where it starts. @param reserved true where names that begin with two dots are taken */
export function pathWithin(field: string, path: string, reserved = false): FieldError[] {
  const hidden = reserved && path.startsWith("..") && !path.startsWith("../");
  return [
    ...(path.startsWith("/") ? [invalid(field, path, "must be a relative path")] : []),
    ...noClimbing(field, path),
    ...(hidden ? [invalid(field, path, "must not start with '..'")] : []),
  ];
}

export function noClimbing(field: string, path: string): FieldError[] {
  return path.split("/").includes("..") ? [invalid(field, path, "must not contain '..'")] : [];
}
