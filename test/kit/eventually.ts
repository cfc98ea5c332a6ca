/**
 * Tries again and again until `run` neither throws nor gives `false`, and returns what it gave.
 *
 * Fails with the last error once `timeoutMs` have passed (default 4 s: below Bun's limit of 5 s for a test).
 */
export async function eventually<T>(
  run: () => T | Promise<T>,
  timeoutMs = 4_000,
): Promise<Exclude<T, false>> {
  const endsAt = performance.now() + timeoutMs;
  for (;;) {
    const outcome = await attempt(run);
    if ("value" in outcome && outcome.value !== false) return outcome.value as Exclude<T, false>;
    if (performance.now() > endsAt) {
      throw "error" in outcome ? outcome.error : new Error(`Still false after ${timeoutMs} ms`);
    }
    await pause(20);
  }
}

/** Resolves after `delayMs`: for slow servers; to wait for something, take `eventually`. */
export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
}

async function attempt<T>(run: () => T | Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await run() };
  } catch (error) {
    return { error };
  }
}
