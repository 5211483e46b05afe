/**
 * What a command waits for.
 * - `settled`: the set is as its spec asks: every wanted ordinal, at the revision that the partition asks for.
 * - `scaled`: as `settled`, and `spec.replicas` stays what the command wrote.
 * - `gone`: the set no longer exists, and neither do the pods it owned. With `keepPods` (orphan delete) they stay.
 */
export type Goal =
  | { type: "settled" }
  | { type: "scaled"; replicas: number }
  | { type: "gone"; keepPods?: boolean };
