import type { Context } from "../../context.js";

/** Silence after which it is said what is waited for, in milliseconds: a longer one is taken for a hang. */
export const silence = 30_000;

/** Calls `say` whenever so long a time has gone by; returns how to stop that. */
export function startHeartbeat({ clock }: Pick<Context, "clock">, say: () => void): () => void {
  const beat = () => {
    say();
    cancel = clock.after(silence, beat);
  };
  let cancel = clock.after(silence, beat);
  return () => cancel();
}
