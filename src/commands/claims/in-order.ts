/**
 * Hands on results in the order in which their subjects were shown, each as soon as those before it are in. What is
 * told again, or of nothing that was shown, is handed on at once; `flush` hands on whatever still waits for another.
 */
export function inOrder<Result>(
  keys: readonly string[],
  keyOf: (result: Result) => string,
  say: (result: Result) => void,
): { tell(result: Result): void; flush(): void } {
  const waiting = new Map<string, Result>();
  const ahead = new Set(keys);
  const sayUntil = (isDue: (key: string) => boolean) => {
    for (const key of ahead) {
      const result = waiting.get(key);
      if (result === undefined) {
        if (isDue(key)) continue;
        return;
      }
      ahead.delete(key);
      waiting.delete(key);
      say(result);
    }
  };
  return {
    tell(result) {
      const key = keyOf(result);
      if (!ahead.has(key)) return say(result);
      waiting.set(key, result);
      return sayUntil(() => false);
    },
    flush: () => sayUntil(() => true),
  };
}
