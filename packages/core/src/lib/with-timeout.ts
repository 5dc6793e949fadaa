/**
 * Waits for a promise for at most `ms` milliseconds, then resolves to what `onTimeout` returns, or rejects with what it throws.
 *
 * The promise itself goes on; a late rejection of it is ignored. The timer never outlives the wait.
 *
 * @param timers - for tests, and for clocks of one's own: starts a timer and returns what cancels it
 */
export function withTimeout<T, L>(
  promise: PromiseLike<T>,
  ms: number,
  onTimeout: () => L,
  startTimer: (fire: () => void, ms: number) => () => void = startSystemTimer,
): Promise<T | L> {
  return new Promise((resolve, reject) => {
    const cancel = startTimer(() => {
      try {
        resolve(onTimeout());
      } catch (error) {
        reject(error);
      }
    }, ms);
    promise.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error) => {
        cancel();
        reject(error);
      },
    );
  });
}

function startSystemTimer(fire: () => void, ms: number): () => void {
  const timer = setTimeout(fire, ms);
  return () => clearTimeout(timer);
}
