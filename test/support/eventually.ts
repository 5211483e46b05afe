/**
 * Tries `attempt` until it neither throws nor gives undefined, for what nobody announces: a process that comes up, a
 * file that appears. Throws the last failure after `timeout` milliseconds.
 */
export async function eventually<T>(
  what: string,
  attempt: () => Promise<T | undefined> | T | undefined,
  { timeout = 30_000, interval = 25 } = {},
): Promise<T> {
  const deadline = Date.now() + timeout;
  for (;;) {
    let failure: unknown;
    try {
      const result = await attempt();
      if (result !== undefined) return result;
    } catch (error) {
      failure = error;
    }
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeout} ms`, { cause: failure });
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
}
