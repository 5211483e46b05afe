import type { Context } from "../../context.js";
import { ExitCode, ExitError } from "../../errors.js";
import type { LiveClaims } from "./live.js";

/** Resolves when no watch is out of contact: nothing is decided on what may be stale. Also when interrupted. */
export async function untilInContact(live: LiveClaims, context: Context): Promise<void> {
  const { signal } = context;
  while (live.lost() && !signal.aborted) {
    await nextChange(live, context).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}

/** Resolves at the next event of a watch; throws when interrupted, and with `failure` at `deadline`. */
export async function nextChange(
  live: LiveClaims,
  { clock, signal }: Context,
  deadline?: number,
  failure = () => "error: timed out",
): Promise<void> {
  const cleanups: (() => void)[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const interrupt = () => reject(signal.reason as Error);
      const expire = () => reject(new ExitError(ExitCode.Unfinished, failure()));
      cleanups.push(
        live.onChange(() => resolve()),
        () => signal.removeEventListener("abort", interrupt),
      );
      signal.addEventListener("abort", interrupt);
      if (deadline !== undefined) cleanups.push(clock.after(Math.max(0, deadline - clock.now()), expire));
    });
  } finally {
    for (const cleanup of cleanups) cleanup();
  }
}
