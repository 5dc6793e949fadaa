/** A clock for an inbox and its store that only the test moves. */
export function testClock() {
  let now = 1_800_000_000_000;
  let made = 0;
  const timers = new Map<number, { readonly atMs: number; readonly callback: () => void }>();
  const settle = async () => {
    for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const clock = {
    now: () => now,
    random: () => 0.5,
    after: (delayMs: number, callback: () => void) => {
      const id = ++made;
      timers.set(id, { atMs: now + delayMs, callback });
      return () => void timers.delete(id);
    },
  };
  /** Moves the clock in steps and lets the due work of each step end. */
  async function pass(ms: number, stepMs = 1_000): Promise<void> {
    await settle();
    for (const endMs = now + ms; now < endMs; ) {
      now = Math.min(now + stepMs, endMs);
      for (const [id, { atMs, callback }] of timers) {
        if (atMs > now) continue;
        timers.delete(id);
        callback();
      }
      await settle();
    }
  }
  return { clock, pass, timers };
}
