/** Runs work for each item, at most `atOnce` at a time. */
export async function each<T>(items: Iterable<T>, parallel: number, work: (item: T) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const lane = async () => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: parallel }, lane));
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits for a condition. Fails after a time that is long even for a slow machine. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, timeoutMs = 300_000): Promise<void> {
  const giveUpAtMs = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > giveUpAtMs) throw new Error(`it did not come to this: ${what}`);
    await wait(50);
  }
}
