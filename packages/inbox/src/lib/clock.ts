/** The clock and random numbers of an inbox. Tests bring their own. Leases do not depend on it: the store's clock decides them. */
export interface Clock {
  /** A monotonic time, in milliseconds from any start. */
  readonly now: () => number;
  /** Calls back once after the delay. The returned function cancels it. */
  readonly after: (delayMs: number, callback: () => void) => () => void;
  /** A random number from 0 up to, but not including, 1. */
  readonly random: () => number;
}

/** The longest delay of a timer, in milliseconds. A longer one would fire at once. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, Math.min(delayMs, MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
  random: Math.random,
};
