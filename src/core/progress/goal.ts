/**
 * What a command waits for.
 * - `settled`: the set is as its spec asks: every wanted ordinal, at the revision that the partition asks for.
 * - `scaled`: as `settled`, and `spec.replicas` stays what the command wrote.
 * - `gone`: the set no longer exists, and neither do the pods it owned. With `keepPods` (orphan delete) they stay.
 * - `restarted`: pods other than these (ordinal → UID; undefined where there was none) are there and available. One is
 *   deleted when no more than `maxUnready` other pods are unready. `again` is the command that goes on with them where
 *   they are a step of something larger.
 */
export type Goal =
  | { type: "settled" }
  | { type: "scaled"; replicas: number }
  | { type: "gone"; keepPods?: boolean }
  | { type: "restarted"; pods: ReadonlyMap<number, string | undefined>; maxUnready: number; again?: string };
