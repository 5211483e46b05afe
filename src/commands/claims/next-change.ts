import type { Context } from "../../context.js";
import { ExitCode, ExitError } from "../../errors.js";
import type { LiveClaims } from "./live.js";

/** Resolves at the next event of a watch; throws at `deadline` and when interrupted. */
export async function nextChange(
  live: LiveClaims,
  { clock, signal }: Context,
  deadline: number | undefined,
  failure: () => string,
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
