/** Freezes a value and all in it, so that whoever was handed a stored object cannot change it. Returns it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const field of Object.values(value)) deepFreeze(field);
  return value;
}

/**
 * True when two values are the same JSON. An absent field and one that is undefined are the same, the order of fields
 * does not matter, and the fields in `ignored`, of the two values or of the items of two lists, are not looked at.
 */
export function sameJson(left: unknown, right: unknown, ignored: readonly string[] = []): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => sameJson(item, right[index], ignored));
  }
  const [one, other] = [left as Record<string, unknown>, right as Record<string, unknown>];
  const same = (field: string) => ignored.includes(field) || sameJson(one[field], other[field]);
  return (
    Object.keys(one).every(same) &&
    Object.keys(other).every((field) => Object.hasOwn(one, field) || same(field))
  );
}

/** A deep copy that may be changed, also of what is frozen. Several times faster than `structuredClone`, for JSON alone. */
export function copyJson<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyJson) as T;
  const copy: Record<string, unknown> = {};
  for (const [field, inner] of Object.entries(value)) {
    if (inner !== undefined) setField(copy, field, copyJson(inner));
  }
  return copy as T;
}

/** Sets a field whatever its name. */
export function setField(object: Record<string, unknown>, field: string, value: unknown): void {
  // A field of that name is data here, as any other; an assignment would change the prototype.
  if (field !== "__proto__") object[field] = value;
  else Object.defineProperty(object, field, { value, enumerable: true, writable: true, configurable: true });
}
