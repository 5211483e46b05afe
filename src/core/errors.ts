/** What a person wrote cannot be used: a flag, a quantity, a manifest. Nothing was sent; exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
