/**
 * Waits for a promise for at most `ms` milliseconds, then resolves to what `onTimeout` returns, or rejects with what it throws.
 *
 * The work itself goes on, and its late result is ignored. The timer ends with the wait.
 *
 * @param startTimer - for a clock of one's own: starts a timer, and returns what cancels it
 */
export function withTimeout<T, Late>(
  promise: PromiseLike<T>,
  ms: number,
  onTimeout: () => Late,
  startTimer: (fire: () => void, ms: number) => () => void = startSystemTimer,
): Promise<T | Late> {
  return new Promise((resolve, reject) => {
    const cancel = startTimer(() => new Promise<Late>((late) => late(onTimeout())).then(resolve, reject), ms);
    Promise.resolve(promise).finally(cancel).then(resolve, reject);
  });
}

function startSystemTimer(fire: () => void, ms: number): () => void {
  const timer = setTimeout(fire, ms);
  return () => clearTimeout(timer);
}
