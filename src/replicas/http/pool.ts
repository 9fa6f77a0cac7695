// Several things at once, but not all of them.

/** Runs over all items, so many at once. The first failure stops the others and is thrown. */
export async function inPool<T>(
  items: readonly T[],
  size: number,
  signal: AbortSignal,
  run: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stopping = new AbortController();
  const stop = AbortSignal.any([signal, stopping.signal]);
  let next = 0;
  let failure: { readonly error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    while (next < items.length && failure === undefined) {
      const item = items[next++] as T; // below the length
      try {
        await run(item, stop);
      } catch (error) {
        failure ??= { error };
        stopping.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(size, items.length) }, worker));
  signal.throwIfAborted();
  if (failure !== undefined) throw failure.error;
}
